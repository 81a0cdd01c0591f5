package main

import (
	"context"
	_ "embed" // for the schema
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const machineDatabase = "bench_pgx"

//go:embed statemachine.sql
var machineSchema string

// stateMachine is the order as one would write it without an engine: rows of orders, events and tasks, each step in one commit.
// Its steps do nothing, like those of the peers.
type stateMachine struct {
	pool   *pgxpool.Pool
	cancel context.CancelFunc
	done   sync.WaitGroup
	// wake tells a worker that a task is due.
	wake chan struct{}

	mu      sync.Mutex
	reached map[int64]chan string
	failed  error
}

const (
	machineWorkers = 8
	// sweep is how often is looked for tasks that nobody announced: deadlines, and those a crash left behind.
	sweep = time.Second

	stageApproval = "awaiting-approval"
	stagePayment  = "awaiting-payment"
	stageDone     = "done"
	stageExpired  = "expired"
	stepExpire    = "expire"
)

// follow is what comes after a step, and what after a decision of people.
var follow = map[string]string{
	"check-certificate": "check-registers", "check-registers": "save", "save": stageApproval,
	stageApproval: stagePayment, stagePayment: "issue", "issue": "store", "store": "email", "email": "sms", "sms": stageDone,
	stepExpire: stageExpired,
}

func startStateMachine(ctx context.Context, url string) (*stateMachine, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := pool.Exec(ctx, machineSchema); err != nil {
		pool.Close()
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	m := &stateMachine{pool: pool, cancel: cancel, wake: make(chan struct{}, 1024), reached: map[int64]chan string{}}
	for range machineWorkers {
		m.done.Add(1)
		go func() { defer m.done.Done(); m.work(running) }()
	}
	return m, nil
}

func (m *stateMachine) stop() error {
	m.cancel()
	m.done.Wait()
	m.pool.Close()
	return m.failed
}

func (m *stateMachine) work(ctx context.Context) {
	tick := time.NewTicker(sweep)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		case <-tick.C:
		}
		for {
			more, err := m.step(ctx)
			if err != nil && ctx.Err() == nil {
				m.mu.Lock()
				m.failed = errors.Join(m.failed, err)
				m.mu.Unlock()
			}
			if err != nil || !more {
				break
			}
		}
	}
}

// step takes one task that is due and does it; false when there is none.
func (m *stateMachine) step(ctx context.Context) (bool, error) {
	var id int64
	var next string
	err := pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		var name string
		err := tx.QueryRow(ctx, `DELETE FROM tasks WHERE id = (
			SELECT id FROM tasks WHERE due <= now() ORDER BY due FOR UPDATE SKIP LOCKED LIMIT 1) RETURNING order_id, step`).Scan(&id, &name)
		if err != nil {
			return err
		}
		next = follow[name]
		return advance(ctx, tx, id, next)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	m.arrived(id, next)
	return err == nil, err
}

// advance writes the stage, the event and the task that follows: a step, or the deadline of a wait.
func advance(ctx context.Context, tx pgx.Tx, id int64, stage string) error {
	b := &pgx.Batch{}
	b.Queue("UPDATE orders SET stage = $2, updated_at = now() WHERE id = $1", id, stage)
	b.Queue("INSERT INTO order_events (order_id, stage) VALUES ($1, $2)", id, stage)
	switch stage {
	case stageApproval:
		b.Queue("INSERT INTO tasks (order_id, step, due) VALUES ($1, $2, now() + interval '5 days')", id, stepExpire)
	case stagePayment:
		b.Queue("INSERT INTO tasks (order_id, step, due) VALUES ($1, $2, now() + interval '10 days')", id, stepExpire)
	case stageDone, stageExpired:
	default:
		b.Queue("INSERT INTO tasks (order_id, step) VALUES ($1, $2)", id, stage)
	}
	return tx.SendBatch(ctx, b).Close()
}

// decide is what a manager or a payer does to an order that waits.
func (m *stateMachine) decide(ctx context.Context, id int64, stage string) error {
	err := pgx.BeginFunc(ctx, m.pool, func(tx pgx.Tx) error {
		var at string
		if err := tx.QueryRow(ctx, "SELECT stage FROM orders WHERE id = $1 FOR UPDATE", id).Scan(&at); err != nil {
			return err
		}
		if at != stage {
			return errors.New("the order is at " + at)
		}
		if _, err := tx.Exec(ctx, "DELETE FROM tasks WHERE order_id = $1", id); err != nil {
			return err
		}
		return advance(ctx, tx, id, follow[stage])
	})
	m.arrived(id, follow[stage])
	return err
}

// arrived wakes a worker for a step that is due, and the load for a wait or the end.
func (m *stateMachine) arrived(id int64, stage string) {
	if stage != stageApproval && stage != stagePayment && stage != stageDone && stage != stageExpired {
		select {
		case m.wake <- struct{}{}:
		default:
		}
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if c, ok := m.reached[id]; ok {
		c <- stage
	}
}
