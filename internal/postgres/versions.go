package postgres

import (
	"context"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// OrderVersion counts the changes of an order: what a screen that waits for
// the next one reads when it is woken. Error: order.ErrNotFound.
func (o *Orders) OrderVersion(ctx context.Context, id order.ID) (int64, error) {
	v, err := db.New(o.pool).OrderVersion(ctx, uuid.UUID(id))
	return v, absent(err, "order")
}

// ConfirmationVersion counts the changes of a confirmation likewise. Error:
// order.ErrNotFound.
func (s *Confirmations) ConfirmationVersion(ctx context.Context, id order.ID) (int64, error) {
	v, err := db.New(s.pool).ConfirmationVersion(ctx, uuid.UUID(id))
	return v, absent(err, "confirmation")
}

// OrderOf finds the order that a certificate in DER was issued for. Error:
// order.ErrNotFound.
func (s *CertificateStore) OrderOf(ctx context.Context, certificate []byte) (order.ID, error) {
	row, err := db.New(s.pool).CertificateByDER(ctx, certificate)
	if err != nil {
		return order.ID{}, absent(err, "certificate")
	}
	return order.ID(row.OrderID), nil
}
