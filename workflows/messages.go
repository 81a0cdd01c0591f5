package workflows

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Names of the workflow types.
const (
	OrderWorkflow        = "Order"
	ConfirmationWorkflow = "Confirmation"
)

// UpdateWithdraw takes nothing and answers OrderSnapshot (S10): a person waits
// for what became of the wish.
const UpdateWithdraw = "withdraw"

// Signals carry what others have decided and must not be lost even when no
// worker runs. They only say "look": what was approved and paid is proven from
// the database before a certificate is reserved.
const (
	// SignalApproved carries activities.Approved to an order.
	SignalApproved = "approved"
	// SignalRejected carries Rejected to an order (M4).
	SignalRejected = "rejected"
	// SignalPaymentReceived carries PaymentReceived to an order of 6.0.00, or to
	// a confirmation and each of its orders.
	SignalPaymentReceived = "payment-received"
	// SignalIssued carries Look to a confirmation: its last certificate is out.
	SignalIssued = "issued"
	// SignalOrderLeft carries Look to a confirmation: one of its orders has left.
	SignalOrderLeft = "order-left"
)

// Types of the errors with which updates are refused; the API maps each to a
// problem document.
const (
	ErrTypeWrongStage  = "wrong-stage"
	ErrTypeBusy        = "busy"
	ErrTypeAlreadyPaid = "already-paid"
)

// OrderInput starts an Order: a request has passed the first check.
type OrderInput struct {
	OrderID order.ID      `json:"orderId"`
	Service order.Service `json:"service"`
	Policy  order.Policy  `json:"policy"`
	// CheckBy is when the order is annulled if the registers have not answered (S11).
	CheckBy time.Time `json:"checkBy"`
}

// OrderResult is how an Order ended.
type OrderResult struct {
	End    order.End       `json:"end"`
	Reason order.EndReason `json:"reason,omitempty"`
}

// OrderSnapshot is where an order stands.
type OrderSnapshot struct {
	OrderID order.ID        `json:"orderId"`
	Stage   order.Stage     `json:"stage"`
	End     order.End       `json:"end,omitempty"`
	Reason  order.EndReason `json:"reason,omitempty"`
}

// Rejected tells an order that the manager said no (M4).
type Rejected struct {
	// By is the keyed hash of the manager; Note is the optional reason.
	By   string `json:"by"`
	Note string `json:"note,omitempty"`
}

// PaymentReceived tells what is paid for that the ledger holds the money.
type PaymentReceived struct {
	PaymentID order.ID `json:"paymentId"`
}

// Look asks to look into the database again.
type Look struct{}

// ConfirmationInput starts a Confirmation: its list is signed, its orders are
// approved, its total is fixed.
type ConfirmationInput struct {
	ConfirmationID order.ID            `json:"confirmationId"`
	Number         order.PaymentNumber `json:"number"`
	Orders         int                 `json:"orders"`
	// Due is the earliest pay-by among the orders (P8).
	Due    time.Time    `json:"due"`
	Policy order.Policy `json:"policy"`
}

// ConfirmationResult is how a Confirmation ended.
type ConfirmationResult struct {
	Stage order.ConfirmationStage `json:"stage"`
}
