package assist

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// The types of operations inside of an attempt.
const (
	operationPayment = "100"
	operationCancel  = "300"
)

// Notifications turns every attempt into the common vocabulary, with the
// external ids that the pushes of the same events have. Take the status from
// OrderResult: only it tells when the payer paid, which decides what is
// overdue, and how much each of several partial refunds gave back.
func (g *Gateway) Notifications(s Status) []payments.Notification {
	out := make([]payments.Notification, 0, len(s.Orders))
	for _, o := range s.Orders {
		p := Push{
			BillNumber: o.BillNumber, OrderNumber: o.OrderNumber, State: o.State, Test: o.Test,
			OrderAmount: o.Amount, OrderCurrency: o.Currency, OperationAt: o.paidAt(),
		}
		n := g.Notification(p, s.Raw)
		if refunds := o.refunds(n); len(refunds) > 0 {
			out = append(out, refunds...)
			continue
		}
		out = append(out, n)
	}
	return out
}

// refunds is one message for each refund that the operations tell of; each
// has a bill number of its own. None when the attempt was not refunded.
func (o OrderStatus) refunds(n payments.Notification) []payments.Notification {
	if n.Kind != payments.KindReversal {
		return nil
	}
	var out []payments.Notification
	for _, op := range o.Operations {
		if op.Type != operationCancel || op.ResponseCode != responseOK {
			continue
		}
		refund := n
		refund.ExternalID, refund.Amount, refund.Currency, refund.OccurredAt = op.BillNumber+"/refund", op.Amount, op.Currency, op.At
		out = append(out, refund)
	}
	return out
}

// paidAt is the time of the payment operation, which only OrderResult tells.
func (o OrderStatus) paidAt() time.Time {
	for _, op := range o.Operations {
		if op.Type == operationPayment && op.ResponseCode == responseOK {
			return op.At
		}
	}
	return time.Time{}
}

// responseOK is the response code of an operation that succeeded.
const responseOK = "AS000"
