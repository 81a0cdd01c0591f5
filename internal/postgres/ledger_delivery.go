package postgres

import (
	"context"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Undelivered claims payments that their workflows do not know of, the oldest
// first: from then on they cannot be reversed. What is being decided about at
// the moment, and what has no workflow yet, is left for a later call; telling
// twice is harmless (P5).
func (l *Ledger) Undelivered(ctx context.Context, limit int) ([]payments.Delivery, error) {
	var out []payments.Delivery
	err := inTrips(ctx, l.pool, nil, func(q, last *db.Queries) error {
		out = nil
		ids, err := q.LockUndelivered(ctx, int32(limit))
		if err != nil || len(ids) == 0 {
			return err
		}
		rows, err := last.ClaimDeliveries(ctx, ids)
		for _, row := range rows {
			d := payments.Delivery{PaymentID: row.ID.String(), WorkflowID: row.WorkflowID, Open: row.Open}
			var orders []order.Record
			if err := fromJSON("orders of a payment", row.Orders, &orders); err != nil {
				return err
			}
			for _, o := range orders {
				d.Orders = append(d.Orders, order.WorkflowID(o.Number, o.ID))
			}
			out = append(out, d)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("find undelivered payments: %w", err)
	}
	return out, nil
}

// MarkDelivered notes that the payment's workflow was told.
func (l *Ledger) MarkDelivered(ctx context.Context, paymentID string) error {
	id, err := parseID(paymentID)
	if err != nil {
		return fmt.Errorf("mark delivered: %w", err)
	}
	if err := db.New(l.pool).MarkDelivered(ctx, id); err != nil {
		return fmt.Errorf("mark delivered: %w", err)
	}
	return nil
}
