package judge

import (
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Done is what people and gateways did.
type Done struct {
	Orders   []Order
	Payments []Payment
}

// Order is an order that was made.
type Order struct {
	ID order.ID
	// Story names what was done to it, for reports.
	Story string
	// Ends are those that are right after it.
	Ends []End
}

// End is how an order ended.
type End struct {
	End    order.End
	Reason order.EndReason
}

// Payment is money that a payer parted with, or took back.
type Payment struct {
	// Source is the gateway; Bill is how the ledger names the money (payments.bill).
	Source payments.Source
	Bill   string
	// Story names what the payer did, for reports.
	Story  string
	Amount order.Kopecks
	// Fates are those that are right for it.
	Fates []Fate
}

// Fate is what became of a payment.
type Fate struct {
	State  State
	Reason payments.Reason
}

// State is the state of a payment in the ledger (payments.state).
type State string

// The states.
const (
	Applied   State = "applied"
	Unapplied State = "unapplied"
	Returned  State = "returned"
)
