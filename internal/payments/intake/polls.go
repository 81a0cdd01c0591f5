package intake

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/time/rate"

	"github.com/remote-issuance/remote-issuance/internal/loop"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

const (
	// PollInterval is how often is looked whose turn it is.
	PollInterval = 15 * time.Second
	// pollBatch is how many numbers are claimed at a time.
	pollBatch = 20
	// PollRate is how many questions a second the card gateway is asked.
	PollRate = rate.Limit(5)
)

// PollStore knows whose turn it is to be asked for.
type PollStore interface {
	ClaimCardPolls(ctx context.Context, at time.Time, limit int) ([]payments.CardPoll, error)
}

// CardPolls asks the card gateway for what it never pushes: refunds,
// time-outs, and pushes that were lost (P4).
type CardPolls struct {
	Store    PollStore
	Gateway  payments.CardGateway
	Ledger   payments.Ledger
	Interval time.Duration
	// Limit is the rate of questions.
	Limit *rate.Limiter
	Now   func() time.Time
	Log   *slog.Logger
}

// Run works until the context ends.
func (p *CardPolls) Run(ctx context.Context) error {
	loop.Every{Interval: p.Interval, Log: p.Log, Failed: "the card gateway is asked again later"}.Run(ctx, p.Sweep)
	return nil
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

func (p *CardPolls) ask(ctx context.Context, t payments.CardPoll) error {
	if err := p.Limit.Wait(ctx); err != nil {
		return err
	}
	events, err := p.Gateway.Events(ctx, t.Number, t.OpenedAt)
	for _, e := range events {
		_, failed := p.Ledger.Record(ctx, e)
		err = errors.Join(err, failed)
	}
	return err
}
