package activities

import (
	"context"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// EndOrderInput is the wish or the rule by which an order ends unissued.
type EndOrderInput struct {
	Ending order.Ending `json:"ending"`
}

// EndOrderResult is what became of it.
type EndOrderResult struct {
	order.Ended
}

// RemindOrderInput asks for the reminder of a deadline (D6).
type RemindOrderInput struct {
	OrderID order.ID         `json:"orderId"`
	Kind    order.NoticeKind `json:"kind"`
}

// ReportUnappliedInput names money that reached a workflow too late.
type ReportUnappliedInput struct {
	PaymentID order.ID `json:"paymentId"`
	// OrderID is given when only the share of one order cannot be used.
	OrderID order.ID        `json:"orderId,omitzero"`
	Reason  payments.Reason `json:"reason"`
}

// OrderStore is the arbiter between money, time and people: every method is
// one transaction over the locked rows, and repeating it gives the same answer.
type OrderStore interface {
	// End ends an order; one that has ended otherwise is told as done, with its
	// own end.
	End(ctx context.Context, e order.Ending) (order.Ended, error)
	Remind(ctx context.Context, id order.ID, kind order.NoticeKind) error
}

// Unapplier keeps money that pays for nothing, for an operator (P4).
type Unapplier interface {
	ReportUnapplied(ctx context.Context, payment, orderID order.ID, reason payments.Reason) error
}

// Orders ends and reminds.
type Orders struct {
	Store     OrderStore
	Unapplied Unapplier
}

// EndOrder ends an order unless something holds it (D7, P4).
func (o *Orders) EndOrder(ctx context.Context, in EndOrderInput) (EndOrderResult, error) {
	ended, err := o.Store.End(ctx, in.Ending)
	return EndOrderResult{Ended: ended}, applicationError(err)
}

// RemindOrder asks for a reminder, once for every deadline.
func (o *Orders) RemindOrder(ctx context.Context, in RemindOrderInput) error {
	return applicationError(o.Store.Remind(ctx, in.OrderID, in.Kind))
}

// ReportUnapplied keeps money that came too late for an operator (P4).
func (o *Orders) ReportUnapplied(ctx context.Context, in ReportUnappliedInput) error {
	return applicationError(o.Unapplied.ReportUnapplied(ctx, in.PaymentID, in.OrderID, in.Reason))
}
