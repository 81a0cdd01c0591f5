package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// ExpireDrafts annuls at most limit drafts whose term is over at the instant
// (S11) and returns how many there were. What somebody is working on at the
// moment is left for the next call.
func (o *Orders) ExpireDrafts(ctx context.Context, at time.Time, limit int) (int, error) {
	return o.sweep(ctx, "expire drafts", func(q *db.Queries) ([]db.Order, error) {
		return q.LockExpiredDrafts(ctx, db.LockExpiredDraftsParams{At: at, MaxRows: int32(limit)})
	}, func(r order.Record) order.Decision {
		return order.Finish(order.Ending{
			OrderID: r.ID, End: order.EndAnnulled, Reason: order.ReasonNotFinished, By: order.BySystem, At: at,
		})
	})
}

// remindersBatch is how many reminders one transaction asks for.
const remindersBatch = 200

// RemindDrafts reminds those whose drafts end soon, each once (D6, S11), and
// returns how many it asked for, at most 200. Whoever has not told an address
// yet cannot be reminded.
func (o *Orders) RemindDrafts(ctx context.Context, at time.Time) (int, error) {
	return o.sweep(ctx, "remind of drafts", func(q *db.Queries) ([]db.Order, error) {
		return q.LockDraftsToRemind(ctx, db.LockDraftsToRemindParams{At: at, MaxRows: remindersBatch})
	}, func(order.Record) order.Decision { return order.Remind(order.NoticeFinishReminder, order.Bill{}) })
}

// sweep takes a decision over each of the rows, in one transaction.
func (o *Orders) sweep(
	ctx context.Context, what string, find func(*db.Queries) ([]db.Order, error), decision func(order.Record) order.Decision,
) (int, error) {
	n := 0
	err := deciding(ctx, o.pool, func(q *db.Queries, c *changes) error {
		n = 0
		rows, err := find(q)
		if err != nil {
			return err
		}
		records, err := recordsOf(rows)
		if err != nil {
			return err
		}
		for _, r := range records {
			if _, err := c.decide(r, decision(r)); errors.Is(err, order.ErrUnchanged) {
				continue
			} else if err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("%s: %w", what, err)
	}
	return n, nil
}

// Unstarted gives at most limit orders that passed the first check before the
// instant and whose workflow was not started, the oldest first.
func (o *Orders) Unstarted(ctx context.Context, before time.Time, limit int) ([]order.Record, error) {
	rows, err := db.New(o.pool).UnstartedOrders(ctx, db.UnstartedOrdersParams{Before: before, MaxRows: int32(limit)})
	if err != nil {
		return nil, fmt.Errorf("find orders without a workflow: %w", err)
	}
	return recordsOf(rows)
}

// MarkStarted notes that the workflow of an order was started.
func (o *Orders) MarkStarted(ctx context.Context, id order.ID) error {
	if err := db.New(o.pool).MarkOrderStarted(ctx, uuid.UUID(id)); err != nil {
		return fmt.Errorf("note the start of a workflow: %w", err)
	}
	return nil
}
