package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// Renew corrects the contacts of an issued order and gives its certificate
// other credentials, which are sent there: all at once, so that the old
// password ends when the new one is on its way (I4). Messages with credentials
// that still wait are given up. Errors: order.ErrNotFound, order.ErrStage for
// an order without certificate, storage.ErrNotFound when it has another login.
func (c *Credentials) Renew(ctx context.Context, id order.ID, contacts order.Contacts, fresh storage.Credential) (order.Record, error) {
	if fresh.OrderID != id.String() {
		return order.Record{}, errors.New("renew credentials: they are of another order")
	}
	var out order.Record
	err := deciding(ctx, c.pool, func(q *db.Queries, made *changes) error {
		r, _, err := lockOrder(ctx, q, id)
		if err != nil {
			return err
		}
		if out, err = made.decide(r, order.CorrectContacts(contacts, fresh.CreatedAt)); err != nil {
			return err
		}
		certificate, err := q.Certificate(ctx, uuid.UUID(id))
		if errors.Is(err, pgx.ErrNoRows) || err == nil && certificate.Der == nil {
			return order.ErrStage
		}
		if err != nil {
			return err
		}
		n, err := q.RenewCredentials(ctx, db.RenewCredentialsParams{
			OrderID: uuid.UUID(id), Login: string(fresh.Login), PasswordHash: fresh.Hash, SealedPassword: fresh.Sealed,
			CreatedAt: fresh.CreatedAt, ExpiresAt: fresh.ExpiresAt,
		})
		if err == nil && n == 0 {
			err = storage.ErrNotFound
		}
		if err != nil {
			return err
		}
		if err := q.SupersedeCredentialNotices(ctx, uuid.UUID(id)); err != nil {
			return err
		}
		made.dates(certificate.NotBefore, certificate.NotAfter, fresh.CreatedAt)
		return nil
	})
	if err != nil {
		return order.Record{}, fmt.Errorf("renew credentials: %w", err)
	}
	return out, nil
}
