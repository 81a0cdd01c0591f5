package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

const (
	// pollInterval is how often is looked whose turn it is.
	pollInterval = 15 * time.Second
	// pollBatch is how many numbers the gateway is asked for at a time: it
	// limits the rate of questions.
	pollBatch = 20
)

// PollStore knows whose turn it is to be asked for.
type PollStore interface {
	ClaimCardPolls(ctx context.Context, at time.Time, limit int) ([]postgres.CardPoll, error)
}

// CardPolls asks the card gateway for what it never pushes: refunds,
// time-outs, and pushes that were lost (P4).
type CardPolls struct {
	Store    PollStore
	Gateway  payments.CardGateway
	Ledger   payments.Ledger
	Interval time.Duration
	Now      func() time.Time
	Log      *slog.Logger
}

// Run works until the context ends.
func (p *CardPolls) Run(ctx context.Context) error {
	tick := time.NewTicker(p.Interval)
	defer tick.Stop()
	for {
		if err := p.Sweep(ctx); err != nil && ctx.Err() == nil {
			p.Log.WarnContext(ctx, "the card gateway is asked again later", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// Sweep asks for every number whose turn it is, once. A number that failed has
// its next turn later; the others are asked for all the same.
func (p *CardPolls) Sweep(ctx context.Context) error {
	var failures []error
	for {
		turn, err := p.Store.ClaimCardPolls(ctx, p.Now(), pollBatch)
		if err != nil {
			return err
		}
		for _, t := range turn {
			failures = append(failures, p.ask(ctx, t))
		}
		if len(turn) < pollBatch || ctx.Err() != nil {
			return errors.Join(failures...)
		}
	}
}

func (p *CardPolls) ask(ctx context.Context, t postgres.CardPoll) error {
	events, err := p.Gateway.Events(ctx, t.Number, t.OpenedAt)
	for _, e := range events {
		err = errors.Join(err, p.Ledger.Record(ctx, e))
	}
	return err
}
