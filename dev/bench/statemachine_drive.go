package main

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

func (m *stateMachine) prepare(_ context.Context, n int) ([]job, error) {
	jobs := make([]job, n)
	for i := range jobs {
		jobs[i] = m.drive
	}
	return jobs, nil
}

func (m *stateMachine) drive(ctx context.Context) ([]time.Duration, error) {
	id, stages, err := m.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.reached, id)
	}()
	if err := await(ctx, stages, stageApproval); err != nil {
		return nil, err
	}
	if err := m.decide(ctx, id, stageApproval); err != nil {
		return nil, err
	}
	if err := await(ctx, stages, stagePayment); err != nil {
		return nil, err
	}
	paid := time.Now()
	if err := m.decide(ctx, id, stagePayment); err != nil {
		return nil, err
	}
	err = await(ctx, stages, stageDone)
	return []time.Duration{time.Since(paid)}, err
}

// begin stores an order; its stages are told from the first wait on.
func (m *stateMachine) begin(ctx context.Context) (id int64, stages chan string, err error) {
	const first = "check-certificate"
	stages = make(chan string, 3)
	err = pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "INSERT INTO orders (stage) VALUES ($1) RETURNING id", first).Scan(&id); err != nil {
			return err
		}
		m.mu.Lock()
		m.reached[id] = stages
		m.mu.Unlock()
		return advance(ctx, tx, id, first)
	})
	m.arrived(id, first)
	return id, stages, err
}

func await(ctx context.Context, stages <-chan string, wanted string) error {
	select {
	case at := <-stages:
		if at != wanted {
			return fmt.Errorf("the order is at %s in place of %s", at, wanted)
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
