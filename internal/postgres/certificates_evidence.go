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

// storedOfOrder locks the order with what pays for it and reads everything that
// its certificate rests on (M6, P4, I1). Error: order.ErrNotFound.
func storedOfOrder(ctx context.Context, q *db.Queries, id order.ID) (issuance.Stored, error) {
	r, _, err := lockOrder(ctx, q, id)
	if err != nil {
		return issuance.Stored{}, err
	}
	h, err := lockPayer(ctx, q, r)
	if err != nil {
		return issuance.Stored{}, err
	}
	s := issuance.Stored{Order: r, Documents: documentsIn(q)}
	row, err := q.EvidenceOfOrder(ctx, db.EvidenceOfOrderParams{
		OrderID: uuid.UUID(id), ApprovedAt: orNull(r.ApprovedAt), PayableID: h.payableID(),
	})
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
	if h.payable != nil {
		s.Payment = &issuance.Payment{
			PayableID: order.ID(h.payable.ID), State: payments.PayableState(h.payable.State), Share: order.Kopecks(row.Share),
			Held: row.Share > 0, Lines: order.Kopecks(row.Lines),
		}
		if err := fromJSON("payments of an order", row.Applied, &s.Payment.Applied); err != nil {
			return s, err
		}
	}
	s.Approving, err = approving(ctx, q, h, order.ID(row.Approving))
	return s, err
}

func (h holder) payableID() uuid.UUID {
	if h.payable == nil {
		return uuid.Nil
	}
	return h.payable.ID
}

// approving is the confirmation whose signed list took the order first: the
// present one, or one that lapsed (P8).
func approving(ctx context.Context, q *db.Queries, h holder, id order.ID) (*order.Confirmation, error) {
	if id.IsZero() {
		return nil, nil //nolint:nilnil // an order of 6.0.00, or one that nobody approved
	}
	if h.confirmation.ID == id {
		return &h.confirmation, nil
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
