package postgres

import (
	"context"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// ByNumber finds an order by the number that people know it by. Error:
// order.ErrNotFound.
func (o *Orders) ByNumber(ctx context.Context, number int64) (order.ID, error) {
	id, err := db.New(o.pool).OrderByNumber(ctx, number)
	return order.ID(id), absent(err, "order")
}

// ByNumber finds what is paid under a number: an order of 6.0.00 or a
// confirmation. Error: order.ErrNotFound.
func (p *Payables) ByNumber(ctx context.Context, number order.PaymentNumber) (order.ID, error) {
	y, err := db.New(p.pool).PayableByNumber(ctx, int64(number))
	return order.ID(y.ID), absent(err, "payment number")
}
