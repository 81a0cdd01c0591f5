package payments

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// DifferenceKind says in what ledger, gateways and orders do not agree.
type DifferenceKind string

// The kinds of differences.
const (
	// DifferenceUntold is a payment that its workflow was not told of for long.
	DifferenceUntold DifferenceKind = "untold"
	// DifferencePaidWithoutPayment is something paid for by no payment.
	DifferencePaidWithoutPayment DifferenceKind = "paid-without-payment"
	// DifferencePaymentWithoutPayable is a payment applied to what does not count as paid by it.
	DifferencePaymentWithoutPayable DifferenceKind = "payment-without-payable"
	// DifferenceAmount is a payment of another amount than was asked or than the gateway tells.
	DifferenceAmount DifferenceKind = "amount"
	// DifferenceNotIssued is a payment whose certificate is not out for long.
	DifferenceNotIssued DifferenceKind = "not-issued"
	// DifferenceIssuedUnpaid is a certificate that nobody has paid for.
	DifferenceIssuedUnpaid DifferenceKind = "issued-unpaid"
	// DifferenceReversed is applied money that the gateway took back too late to stop the issue.
	DifferenceReversed DifferenceKind = "reversed"
	// DifferenceUnfinished is a dialogue of ERIP whose result never came.
	DifferenceUnfinished DifferenceKind = "unfinished"
	// DifferenceUnbooked is money of a gateway that the ledger did not know.
	DifferenceUnbooked DifferenceKind = "unbooked"
	// DifferenceUnconfirmed is a payment that the gateway does not know.
	DifferenceUnconfirmed DifferenceKind = "unconfirmed"
)

// DifferenceKinds lists every kind.
func DifferenceKinds() []DifferenceKind {
	return []DifferenceKind{
		DifferenceUntold, DifferencePaidWithoutPayment, DifferencePaymentWithoutPayable, DifferenceAmount, DifferenceNotIssued,
		DifferenceIssuedUnpaid, DifferenceReversed, DifferenceUnfinished, DifferenceUnbooked, DifferenceUnconfirmed,
	}
}

// Difference is one finding; it holds no personal data.
type Difference struct {
	Kind   DifferenceKind `json:"kind"`
	Source Source         `json:"source,omitempty"`
	// Number is the payment number's digits; 0 when there is none.
	Number    int64  `json:"number,omitempty"`
	PaymentID string `json:"paymentId,omitempty"`
	OrderID   string `json:"orderId,omitempty"`
	// Ours and Theirs are the amounts in kopecks on either side.
	Ours   order.Kopecks `json:"ours,omitempty"`
	Theirs order.Kopecks `json:"theirs,omitempty"`
}

// Reconciliation is what one comparison of ledger, gateways and orders found (P4).
type Reconciliation struct {
	// ID makes repeating harmless.
	ID          string       `json:"id"`
	At          time.Time    `json:"at"`
	Asked       int          `json:"asked"`
	Differences []Difference `json:"differences,omitempty"`
	// GatewaysFailed says that the gateways could not be asked.
	GatewaysFailed bool `json:"gatewaysFailed,omitempty"`
}

// ReconciliationReport is a comparison as operators see it.
type ReconciliationReport struct {
	Reconciliation
	// Unapplied is how many payments wait for an operator.
	Unapplied int
}

// CardAccount is a payment number that may have been paid by card.
type CardAccount struct {
	PayableID string
	Number    order.PaymentNumber
	OpenedAt  time.Time
}

// CardPoll is a payment number whose state the card gateway has to be asked for.
type CardPoll struct {
	Number order.PaymentNumber
	// OpenedAt is the beginning of the time window of the question.
	OpenedAt time.Time
}

// BookedPayment is a card payment as the ledger has it.
type BookedPayment struct {
	ID, ExternalID string
	Kind           Kind
	Amount         order.Kopecks
	ReceivedAt     time.Time
	// Gateway says that the gateway itself assigned and pays for the number: it
	// is applied, and not by the hand of an operator.
	Gateway bool
}

// ReconciliationStore is the database as the comparison sees it.
type ReconciliationStore interface {
	// LedgerDifferences compares ledger, payables and orders with each other.
	LedgerDifferences(ctx context.Context, at time.Time, limit int) ([]Difference, error)
	// CardAccounts lists numbers above after, due after since, in order.
	CardAccounts(ctx context.Context, since time.Time, after order.PaymentNumber, limit int) ([]CardAccount, error)
	// CardPayments finds card payments applied to the payable or of the external ids.
	CardPayments(ctx context.Context, payableID string, externalIDs []string) ([]BookedPayment, error)
	// SaveReconciliation stores a report once and gives it as operators see it.
	SaveReconciliation(ctx context.Context, in Reconciliation) (ReconciliationReport, error)
}

// CardGateway tells every movement of money under a number.
type CardGateway interface {
	Events(ctx context.Context, number order.PaymentNumber, created time.Time) ([]Notification, error)
}
