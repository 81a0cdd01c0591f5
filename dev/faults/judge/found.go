package judge

import (
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Found is what a service holds when nothing is done to it any more.
type Found struct {
	Orders   map[order.ID]OrderRow
	Payments []PaymentRow
	Payables []PayableRow
	// Left is what was left undone, by what it is: each name is a violation.
	Left map[string][]string
}

// OrderRow is an order with what came of it.
type OrderRow struct {
	Number int64
	Stage  order.Stage
	End
	// Certificates counts those that were issued, Reserved those whose issue was begun (an issued one included).
	Certificates, Reserved int
	// PaidBy counts the paid payables that hold the order.
	PaidBy int
	// Approved tells that a manager has confirmed it; NeedsApproval that one had to.
	Approved, NeedsApproval bool
}

// PaymentRow is a row of the ledger.
type PaymentRow struct {
	ID     order.ID
	Source payments.Source
	Bill   string
	Fate
	Amount order.Kopecks
	// Reversal marks a row that takes money back, Share one that is the share of an order in another row.
	Reversal, Share bool
	// Payable is what the row pays, zero when it pays nothing.
	Payable order.ID
}

// PayableRow is what a payment number pays for.
type PayableRow struct {
	ID      order.ID
	Number  order.PaymentNumber
	State   payments.PayableState
	Total   order.Kopecks
	Payment order.ID
	// Worth is the sum of the lines that are held and of the shares of orders that left after it was paid.
	Worth order.Kopecks
}
