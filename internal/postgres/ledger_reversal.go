package postgres

import (
	"context"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// takeBack undoes the payments of the reversed bill (P5). Money that its
// workflow may know of stays where it is: the reversal's own row waits for an
// operator, and the daily comparison reports it. Of equal bank credits the one
// that pays nothing is taken first.
func (e event) takeBack(ctx context.Context, q *db.Queries, reversal uuid.UUID, locked *db.Payable) error {
	rows, err := q.PaymentsOfBill(ctx, db.PaymentsOfBillParams{Source: string(e.Source), Bill: e.bill})
	if err != nil {
		return err
	}
	if e.single() && len(rows) > 1 {
		rows = rows[:1]
	}
	for _, row := range rows {
		if row.PayableID != nil && (locked == nil || *row.PayableID != locked.ID) {
			// It was assigned by hand to another number than the bill names.
			if _, err := q.LockPayable(ctx, *row.PayableID); err != nil {
				return err
			}
		}
		if err := e.reverse(ctx, q, row.ID, reversal); err != nil {
			return err
		}
	}
	return nil
}

// reverse takes one payment back; what it may have paid for is locked. Of money
// that went back in part the rest is still ours: it waits for an operator.
func (e event) reverse(ctx context.Context, q *db.Queries, id, reversal uuid.UUID) error {
	p, err := q.LockPayment(ctx, id)
	if err != nil {
		return err
	}
	stays := p.State != string(payments.PaymentApplied)
	if !stays {
		if stays, err = q.IssueBegun(ctx, p.PayableID); err != nil {
			return err
		}
	}
	if stays {
		return q.MarkReversed(ctx, db.MarkReversedParams{ID: id, ReversalID: &reversal})
	}
	whole := int64(e.Amount) >= p.Amount
	if err := q.TakeBackPayment(ctx, db.TakeBackPaymentParams{ID: id, ReversalID: &reversal, Whole: whole}); err != nil {
		return err
	}
	if err := q.ReopenPayable(ctx, *p.PayableID); err != nil {
		return err
	}
	action := audit.ActionPaymentReturned
	if !whole {
		action = audit.ActionPaymentUnapplied
	}
	return auditPayment(ctx, q, action, gateway(e.Source), id, *p.PayableID, payments.ReasonReversed)
}
