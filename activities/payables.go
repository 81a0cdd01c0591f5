package activities

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// OpenPayableInput asks for something to pay: one order of 6.0.00 or the
// orders of a confirmation.
type OpenPayableInput struct {
	// PayableID is the id of the order or of the confirmation.
	PayableID  string        `json:"payableId"`
	WorkflowID string        `json:"workflowId"`
	Service    order.Service `json:"service"`
	OrderIDs   []string      `json:"orderIds"`
	// At is the moment at which the price is fixed (P7).
	At time.Time `json:"at"`
}

// OpenPayableResult is what is to be paid. Orders that can no longer be paid,
// or that are in another open payment, are left out (P8).
type OpenPayableResult struct {
	Number int64          `json:"number"`
	Total  order.Kopecks  `json:"total"`
	Orders []PayableOrder `json:"orders"`
	// Due is the earliest pay-by among the orders (P8).
	Due time.Time `json:"due"`
}

// PayableOrder is an order that a payable pays for.
type PayableOrder struct {
	OrderID    string `json:"orderId"`
	WorkflowID string `json:"workflowId"`
}

// CloseOrderInput asks to close an order to money: afterwards no confirmation
// can take it and no payment can reach it.
type CloseOrderInput struct {
	OrderID string `json:"orderId"`
	// KeepConfirmed leaves the order open when a confirmation holds it already:
	// its approval is on the way (D7). Without it, only money holds an order.
	KeepConfirmed bool `json:"keepConfirmed,omitempty"`
}

// CloseOrderResult tells what held the order, if anything did.
type CloseOrderResult struct {
	Closed bool `json:"closed"`
	// ConfirmationID is the confirmation that the order has left, or that holds it.
	ConfirmationID string `json:"confirmationId,omitempty"`
	// Share is by how much the total of the confirmation has gone down.
	Share order.Kopecks `json:"share,omitempty"`
}

// ClosePayableInput asks to close a confirmation's payment at its deadline.
type ClosePayableInput struct {
	PayableID string `json:"payableId"`
}

// ClosePayableResult is false when the money was in time.
type ClosePayableResult struct {
	Closed bool `json:"closed"`
}

// ReportUnappliedInput names a payment that reached a workflow too late.
type ReportUnappliedInput struct {
	PaymentID string `json:"paymentId"`
	// OrderID is given when only the share of one order cannot be used.
	OrderID string `json:"orderId,omitempty"`
	Reason  string `json:"reason"`
}

// PayableStore is the arbiter between money and time: every method is one
// transaction over the locked rows, and repeating it gives the same answer.
type PayableStore interface {
	OpenPayable(ctx context.Context, in OpenPayableInput) (OpenPayableResult, error)
	CloseOrder(ctx context.Context, in CloseOrderInput) (CloseOrderResult, error)
	ClosePayable(ctx context.Context, in ClosePayableInput) (ClosePayableResult, error)
	ReportUnapplied(ctx context.Context, in ReportUnappliedInput) error
}

// Payables opens and closes what can be paid.
type Payables struct{ Store PayableStore }

// OpenPayable fixes the price and gives the payment number (P7, P8).
func (p *Payables) OpenPayable(ctx context.Context, in OpenPayableInput) (OpenPayableResult, error) {
	res, err := p.Store.OpenPayable(ctx, in)
	return res, applicationError(err)
}

// CloseOrder closes an order to money unless something holds it (D7, P4).
func (p *Payables) CloseOrder(ctx context.Context, in CloseOrderInput) (CloseOrderResult, error) {
	res, err := p.Store.CloseOrder(ctx, in)
	return res, applicationError(err)
}

// ClosePayable closes a payment at its deadline unless it was in time (D7, P8).
func (p *Payables) ClosePayable(ctx context.Context, in ClosePayableInput) (ClosePayableResult, error) {
	res, err := p.Store.ClosePayable(ctx, in)
	return res, applicationError(err)
}

// ReportUnapplied keeps money that came too late for an operator (P4).
func (p *Payables) ReportUnapplied(ctx context.Context, in ReportUnappliedInput) error {
	return applicationError(p.Store.ReportUnapplied(ctx, in))
}
