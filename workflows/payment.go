package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// receipts are the payments that a workflow was told of: one pays, the same
// again changes nothing (P5), any other is handed back (P4).
type receipts struct {
	paidBy order.ID
	late   []order.ID
}

// take notes a payment. It pays while nothing else has and the workflow is
// open to money.
func (r *receipts) take(payment order.ID, open bool) {
	switch {
	case payment == r.paidBy || slices.Contains(r.late, payment):
	case r.paidBy.IsZero() && open:
		r.paidBy = payment
	default:
		r.late = append(r.late, payment)
	}
}

// settle notes what the certificate was paid by, as the database knows it.
func (r *receipts) settle(payment order.ID) {
	if payment.IsZero() || payment == r.paidBy {
		return
	}
	if !r.paidBy.IsZero() {
		r.late = append(r.late, r.paidBy)
	}
	r.paidBy = payment
	r.late = slices.DeleteFunc(r.late, func(id order.ID) bool { return id == payment })
}

// disprove drops a payment that the database does not know; the next one that
// was told counts instead.
func (r *receipts) disprove() {
	r.paidBy = order.ID{}
	if len(r.late) > 0 {
		r.paidBy, r.late = r.late[0], r.late[1:]
	}
}

func (r *receipts) paid() bool { return !r.paidBy.IsZero() }

// handBack keeps payments that pay for nothing here for an operator, until no
// further one has arrived meanwhile.
func (r *receipts) handBack(ctx workflow.Context, orderID order.ID, read func()) error {
	for read(); len(r.late) > 0; read() {
		in := activities.ReportUnappliedInput{PaymentID: r.late[0], OrderID: orderID, Reason: payments.ReasonClosed}
		err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "keep a late payment as unapplied"), orders.ReportUnapplied, in).Get(ctx, nil)
		if refusedAs(err, activities.ErrTypeNotFound) {
			workflow.GetLogger(ctx).Error("told of a payment that is not in the ledger", "payment", r.late[0].String())
		} else if err != nil {
			return err
		}
		r.late = r.late[1:]
	}
	return nil
}
