package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"
)

// expiringOrders annuls drafts that nobody finished (S11) and reminds before.
type expiringOrders interface {
	ExpireDrafts(ctx context.Context, at time.Time, limit int) (int, error)
	RemindDrafts(ctx context.Context, at time.Time) (int, error)
}

// expiringLists ends lists that nobody signed.
type expiringLists interface {
	ExpireLists(ctx context.Context, at time.Time, limit int) (int, error)
}

// drafts ends what people have begun and not finished in its time.
type drafts struct {
	orders        expiringOrders
	confirmations expiringLists
	log           *slog.Logger
}

func (d drafts) expire(ctx context.Context, at time.Time) error {
	annulled, err := d.all(ctx, at, d.orders.ExpireDrafts)
	unsigned, err2 := d.all(ctx, at, d.confirmations.ExpireLists)
	_, err3 := d.orders.RemindDrafts(ctx, at)
	if annulled > 0 || unsigned > 0 {
		d.log.InfoContext(ctx, "what was not finished in its time is over", "drafts", annulled, "lists", unsigned)
	}
	return errors.Join(err, err2, err3)
}

// all repeats a step until it finds less than it may.
func (drafts) all(ctx context.Context, at time.Time, step func(context.Context, time.Time, int) (int, error)) (int, error) {
	total := 0
	for {
		n, err := step(ctx, at, jobBatch)
		total += n
		if err != nil || n < jobBatch {
			return total, err
		}
	}
}
