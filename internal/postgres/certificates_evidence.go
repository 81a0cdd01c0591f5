package postgres

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/issuance"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// askStored sends ahead what storedOfOrder asks first.
func askStored(ctx context.Context, q *db.Queries, id uuid.UUID) {
	_, _ = q.LockOrder(ctx, id)
	_, _ = q.SharePayableOfOrder(ctx, id)
	_, _ = q.EvidenceOfOrder(ctx, id)
}

// storedOfOrder locks the order, keeps what pays for it from changing and reads
// everything that its certificate rests on (M6, P4, I1). Orders of one
// confirmation pass the gate at the same time: what was signed of it never
// changes, and of its payable nothing is changed here. Error: order.ErrNotFound.
func storedOfOrder(ctx context.Context, q *db.Queries, id order.ID) (issuance.Stored, error) {
	r, _, err := lockOrder(ctx, q, id)
	if err != nil {
		return issuance.Stored{}, err
	}
	payable, err := q.SharePayableOfOrder(ctx, uuid.UUID(id))
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return issuance.Stored{}, err
	}
	s := issuance.Stored{Order: r, Documents: documentsIn(q)}
	row, err := q.EvidenceOfOrder(ctx, uuid.UUID(id))
	if errors.Is(err, pgx.ErrNoRows) {
		// An order without a request proves nothing; the gate says what is missing.
		s.At = clock.Now()
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.At = row.At
	if s.Checked, s.Registers, err = checkedOf(row.Request); err != nil {
		return s, err
	}
	if payable.ID != uuid.Nil {
		s.Payment = &issuance.Payment{
			PayableID: order.ID(payable.ID), State: payments.PayableState(payable.State), Share: order.Kopecks(row.Share),
			Held: row.Share > 0, Lines: order.Kopecks(row.Lines),
		}
		if err := fromJSON("payments of an order", row.Applied, &s.Payment.Applied); err != nil {
			return s, err
		}
	}
	s.Approving, err = approving(ctx, q, order.ID(row.Approving))
	return s, err
}

// approving is the confirmation whose signed list took the order first: the
// present one, or one that lapsed (P8).
func approving(ctx context.Context, q *db.Queries, id order.ID) (*order.Confirmation, error) {
	if id.IsZero() {
		return nil, nil //nolint:nilnil // an order of 6.0.00, or one that nobody approved
	}
	row, err := q.Confirmation(ctx, uuid.UUID(id))
	if err != nil {
		return nil, err
	}
	c, err := confirmationOf(row.Confirmation, row.IssuedIds)
	return &c, err
}

// documentsIn reads documents in a transaction.
func documentsIn(q *db.Queries) func(context.Context, ...order.ID) (map[order.ID]order.Document, error) {
	return func(ctx context.Context, ids ...order.ID) (map[order.ID]order.Document, error) {
		rows, err := q.DocumentsByID(ctx, uuids(ids))
		if err != nil {
			return nil, err
		}
		docs := make(map[order.ID]order.Document, len(rows))
		for _, row := range rows {
			docs[order.ID(row.ID)] = documentOf(row)
		}
		return docs, nil
	}
}
