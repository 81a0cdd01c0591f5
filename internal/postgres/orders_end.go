package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// End ends an order that is not issued, unless money holds it or, with
// KeepConfirmed, an open confirmation does (D7, P4). The order leaves the
// payment that has taken it, and its payer is told the new total (P8). For a
// certificate that was revoked meanwhile (A1c) money holds nothing: it waits
// as unapplied. Repeating it gives the same answer, and so does an order that
// has ended otherwise: with its own end. Error: order.ErrNotFound.
func (o *Orders) End(ctx context.Context, e order.Ending) (order.Ended, error) {
	var out order.Ended
	err := deciding(ctx, o.pool, func(q *db.Queries, c *changes) error {
		var err error
		out, err = end(ctx, q, c, e)
		return err
	})
	if err != nil {
		return order.Ended{}, fmt.Errorf("end order: %w", err)
	}
	return out, nil
}

func end(ctx context.Context, q *db.Queries, c *changes, e order.Ending) (order.Ended, error) {
	r, _, err := lockOrder(ctx, q, e.OrderID)
	if err != nil {
		return order.Ended{}, err
	}
	h, err := lockHolder(ctx, q, r)
	if err != nil {
		return order.Ended{}, err
	}
	if !r.Stage.Open() {
		return h.answer(r), nil
	}
	held, err := h.keeps(ctx, q, e)
	if err != nil {
		return order.Ended{}, err
	}
	if held {
		return order.Ended{ConfirmationID: h.confirmation.ID, ConfirmationNumber: h.confirmation.Number}, nil
	}
	if _, err := c.decide(r, order.Finish(e)); errors.Is(err, order.ErrUnchanged) || errors.Is(err, order.ErrStage) {
		return h.answer(r), nil
	} else if err != nil {
		return order.Ended{}, err
	}
	if r.Stage == order.StageChecking && len(e.Report) > 0 {
		// What the registers found stays as evidence of the refusal (S7).
		c.orders[0].Registers = e.Report
	}
	left, err := h.leave(ctx, q, r, e.Reason)
	if err != nil {
		return order.Ended{}, err
	}
	out := order.Ended{Done: true, End: e.End, Reason: e.Reason}
	if h.open(r) {
		c.leave(h.confirmation, r.ID, left)
		out.ConfirmationID, out.ConfirmationNumber = h.confirmation.ID, h.confirmation.Number
	}
	return out, nil
}

// leave notes that an order has left its confirmation; while the payment is
// waited for, the payer has to know the new total (P8).
func (c *changes) leave(was order.Confirmation, id order.ID, amount order.Kopecks) {
	next := was
	next.LeftIDs = append(slices.Clone(was.LeftIDs), id)
	next.Total -= amount
	var notices []order.Notice
	if next.Stage == order.ConfirmationPayment && !next.Done() {
		notices = []order.Notice{{
			Kind: order.NoticeConfirmationTotal, Deadline: next.Until, Amount: next.Total, Was: was.Total, Number: next.Number,
			Certificates: next.Certificates(),
		}}
	}
	c.update(was, next, notices, nil)
}

// holder is what money for an order goes to, with its rows locked: a
// confirmation for 6.0.01, the order's own payable for 6.0.00.
type holder struct {
	// confirmation is zero for 6.0.00 and before an approval.
	confirmation order.Confirmation
	// payable is nil where there is nothing to pay yet.
	payable *db.Payable
	// line tells that the payable has the order, for the amount.
	line   bool
	amount order.Kopecks
}

// lockHolder locks what may hold an order whose row is locked, and reads
// whether it does.
func lockHolder(ctx context.Context, q *db.Queries, r order.Record) (holder, error) {
	h, err := lockPayer(ctx, q, r)
	if err != nil || h.payable == nil {
		return h, err
	}
	// Read after the lock: who held the payable may have let the order go.
	lines, err := q.HeldLines(ctx, []uuid.UUID{uuid.UUID(r.ID)})
	for _, l := range lines {
		if l.PayableID == h.payable.ID {
			h.line, h.amount = true, order.Kopecks(l.Amount)
		}
	}
	return h, err
}

// lockPayer locks the confirmation and the payable of an order whose row is locked.
func lockPayer(ctx context.Context, q *db.Queries, r order.Record) (holder, error) {
	var h holder
	payable := r.ID
	if r.Service.NeedsApproval() {
		if r.ConfirmationID.IsZero() {
			return h, nil
		}
		payable = r.ConfirmationID
		var err error
		if h.confirmation, err = lockConfirmation(ctx, q, payable); err != nil {
			return h, err
		}
	}
	y, err := q.LockPayable(ctx, uuid.UUID(payable))
	if errors.Is(err, pgx.ErrNoRows) {
		return h, nil
	}
	if err != nil {
		return h, err
	}
	h.payable = &y
	return h, nil
}

func (h holder) paid() bool { return h.line && h.payable.State == string(payments.PayablePaid) }

// keeps tells whether the order must not end so.
func (h holder) keeps(ctx context.Context, q *db.Queries, e order.Ending) (bool, error) {
	switch {
	case h.paid() && e.Reason == order.ReasonRevoked:
		// What is reserved is signed sooner or later.
		return q.ReservedFor(ctx, uuid.UUID(e.OrderID))
	case h.paid():
		return true, nil
	default:
		return h.line && e.KeepConfirmed && !h.confirmation.ID.IsZero(), nil
	}
}

// open tells whether the confirmation still counts the order.
func (h holder) open(r order.Record) bool {
	return h.confirmation.Stage.Open() && slices.Contains(h.confirmation.OrderIDs, r.ID) &&
		!slices.Contains(h.confirmation.LeftIDs, r.ID)
}

// answer is what was answered when the order ended.
func (h holder) answer(r order.Record) order.Ended {
	out := order.Ended{Done: true, End: r.End, Reason: r.Reason}
	if slices.Contains(h.confirmation.LeftIDs, r.ID) {
		out.ConfirmationID, out.ConfirmationNumber = h.confirmation.ID, h.confirmation.Number
	}
	return out
}

// leave takes the order out of what holds it and returns by how much less is
// to be paid.
func (h holder) leave(ctx context.Context, q *db.Queries, r order.Record, reason order.EndReason) (order.Kopecks, error) {
	switch {
	case !h.line:
		return 0, nil
	case h.paid() && reason == order.ReasonRevoked:
		payment, err := q.LockPayment(ctx, *h.payable.PaymentID)
		if err != nil {
			return 0, err
		}
		return 0, setAside(ctx, q, payment, uuid.UUID(r.ID), payments.ReasonClosed)
	case h.confirmation.ID.IsZero():
		return h.amount, q.ClosePayable(ctx, h.payable.ID)
	default:
		return h.amount, q.ReduceTotal(ctx, db.ReduceTotalParams{PayableID: h.payable.ID, OrderID: uuid.UUID(r.ID)})
	}
}
