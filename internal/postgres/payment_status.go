package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// PaymentStatus is how a payment number stands, without anybody's data.
type PaymentStatus struct {
	Number order.PaymentNumber
	Total  order.Kopecks
	// Due is the first instant at which it is too late to pay (D2, P8).
	Due   time.Time
	State payments.PayableState
	// Applied has paid for it; Waiting came under the number and has paid
	// nothing so far (P4). What went back to its payer is in neither.
	Applied, Waiting order.Kopecks
}

// Status tells how a payment number stands. The error is order.ErrNotFound
// when nothing has the number.
func (p *Payables) Status(ctx context.Context, number order.PaymentNumber) (PaymentStatus, error) {
	row, err := db.New(p.pool).PaymentStatus(ctx, int64(number))
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return PaymentStatus{}, order.ErrNotFound
	case err != nil:
		return PaymentStatus{}, fmt.Errorf("status of a payment number: %w", err)
	}
	return PaymentStatus{
		Number: order.PaymentNumber(row.Number), Total: order.Kopecks(row.Total), Due: row.Due, State: payments.PayableState(row.State),
		Applied: order.Kopecks(row.Applied), Waiting: order.Kopecks(row.Waiting),
	}, nil
}
