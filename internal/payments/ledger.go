package payments

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Ledger keeps the messages of gateways.
type Ledger interface {
	// Record stores a message, decides what it pays and returns the decision
	// when both are on disk (P6). A message whose source, external id and
	// content are stored already changes nothing and gets the answer of the
	// first time, marked as repeated (P5).
	Record(ctx context.Context, n Notification) (Decision, error)
}

// Payables finds what can be paid for.
type Payables interface {
	// Payable finds what the number pays for; nil when nothing has the number.
	Payable(ctx context.Context, number order.PaymentNumber) (*Payable, error)
}

// PaymentState is what became of a payment.
type PaymentState string

// The states of a payment.
const (
	// PaymentApplied pays for something.
	PaymentApplied PaymentState = "applied"
	// PaymentUnapplied waits for an operator (P4).
	PaymentUnapplied PaymentState = "unapplied"
	// PaymentReturned went back to the payer.
	PaymentReturned PaymentState = "returned"
)

// ParsePaymentState reads a state as it is stored and asked for.
func ParsePaymentState(s string) (PaymentState, error) {
	switch v := PaymentState(s); v {
	case PaymentApplied, PaymentUnapplied, PaymentReturned:
		return v, nil
	default:
		return "", fmt.Errorf("unknown state of a payment %q: want applied, unapplied or returned", s)
	}
}

// Payment is a payment of the ledger.
type Payment struct {
	ID string
	// ParentID and OrderID are given for the share of one order in another payment.
	ParentID   string
	OrderID    string
	Source     Source
	ExternalID string
	Kind       Kind
	// Number is what stood where the payment number was looked for.
	Number   string
	Amount   order.Kopecks
	Currency string
	PayerUNP string
	// OccurredAt is zero when the gateway did not tell.
	OccurredAt  time.Time
	ReceivedAt  time.Time
	State       PaymentState
	Reason      Reason
	PayableID   string
	DeliveredAt time.Time
	// NamedBy are the numbers of orders whose requests name the payment number
	// (STB 34.101.78); in lists only.
	NamedBy []int64
	// ReversalID is the message by which the gateway took this payment back.
	ReversalID string
	// Note, ResolvedBy and ResolvedAt are of the operator who dealt with it.
	Note       string
	ResolvedBy string
	ResolvedAt time.Time
}

// PaymentPage is a part of the payments of one state.
type PaymentPage struct {
	Payments []Payment
	// Total counts all of them.
	Total int
}

// Delivery is a payment that workflows have to be told of.
type Delivery struct {
	PaymentID  string
	WorkflowID string
	// Open says that what was paid for has not ended: its workflow has to be there.
	Open bool
	// Orders are the workflows of a confirmation's orders, which have not ended:
	// they are told together with it.
	Orders []string
}

// ErrResolved is returned for a payment that does not wait for an operator.
var ErrResolved = errors.New("the payment does not wait for an operator")

// MismatchError tells why a payment cannot be assigned to a number.
type MismatchError struct{ Reason Reason }

// Error names the reason.
func (e *MismatchError) Error() string {
	return "the payment does not pay for this: " + string(e.Reason)
}
