package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Privacy erases what is not needed as evidence once an order has ended.
type Privacy struct{ pool *pgxpool.Pool }

// NewPrivacy makes the eraser.
func NewPrivacy(pool *pgxpool.Pool) *Privacy { return &Privacy{pool: pool} }

// ErrOrderOpen is returned by Erase for an order that is open or was never
// there, or whose credentials are still on their way.
var ErrOrderOpen = errors.New("there is no such order that has ended and whose credentials are sent")

// Erase destroys the key of an order's workflow history, its contacts, the
// recipients and content of its messages and its sealed password, all in one
// transaction with the audit entry that names the operator. What proves the
// order (request, certificate, signed list, payments, audit) stays. Errors:
// ErrOrderOpen; ErrNotErasable while a process may still encrypt under the key.
func (p *Privacy) Erase(ctx context.Context, orderID order.ID, operator string, at time.Time) error {
	id := uuid.UUID(orderID)
	err := inTx(ctx, p.pool, func(q *db.Queries) error {
		n, err := q.EraseContacts(ctx, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrOrderOpen
		}
		erased, err := q.ErasePayloadKeys(ctx, db.ErasePayloadKeysParams{
			SubjectID: &id, EndedBefore: orNull(at.Add(-keyring.CurrentTTL)),
		})
		if err != nil {
			return err
		}
		if len(erased) == 0 {
			return ErrNotErasable
		}
		if err := errors.Join(q.EraseRecipients(ctx, id), q.ForgetPassword(ctx, id)); err != nil {
			return err
		}
		_, err = appendEvent(ctx, q, audit.Event{
			At: at, Actor: audit.Actor{Kind: audit.ActorOperator, ID: operator}, Action: audit.ActionPayloadErased, OrderID: orderID.String(),
		}, nil)
		return err
	})
	if err != nil {
		return fmt.Errorf("erase order: %w", err)
	}
	return nil
}
