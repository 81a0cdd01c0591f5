package activities

import (
	"context"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
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
		DifferenceIssuedUnpaid, DifferenceUnfinished, DifferenceUnbooked, DifferenceUnconfirmed,
	}
}

// Difference is one finding; it holds no personal data.
type Difference struct {
	Kind   DifferenceKind  `json:"kind"`
	Source payments.Source `json:"source,omitempty"`
	// Number is the payment number's digits; 0 when there is none.
	Number    int64  `json:"number,omitempty"`
	PaymentID string `json:"paymentId,omitempty"`
	OrderID   string `json:"orderId,omitempty"`
	// Ours and Theirs are the amounts in kopecks on either side.
	Ours   order.Kopecks `json:"ours,omitempty"`
	Theirs order.Kopecks `json:"theirs,omitempty"`
}

// mostDifferences bounds what one step reports: a report is for people, and a
// workflow's history is no place for mass data.
const mostDifferences = 500

// CompareInput says as of when is compared.
type CompareInput struct {
	At time.Time `json:"at"`
}

// CompareResult is what one comparison has found.
type CompareResult struct {
	Differences []Difference `json:"differences,omitempty"`
	// Asked is of how many payment numbers the gateway was asked.
	Asked int `json:"asked,omitempty"`
}

// RecordReconciliationInput is a whole report.
type RecordReconciliationInput struct {
	// ID makes repeating harmless.
	ID          string       `json:"id"`
	At          time.Time    `json:"at"`
	Asked       int          `json:"asked"`
	Differences []Difference `json:"differences,omitempty"`
	// GatewaysFailed says that the gateways could not be asked.
	GatewaysFailed bool `json:"gatewaysFailed,omitempty"`
}

// ReconciliationReport is a report as operators see it.
type ReconciliationReport struct {
	RecordReconciliationInput
	// Unapplied is how many payments wait for an operator.
	Unapplied int
}

// CardAccount is a payment number that may have been paid by card.
type CardAccount struct {
	PayableID string
	Number    order.PaymentNumber
	OpenedAt  time.Time
}

// BookedPayment is a card payment as the ledger has it.
type BookedPayment struct {
	ID, ExternalID string
	Kind           payments.Kind
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
	SaveReconciliation(ctx context.Context, in RecordReconciliationInput) (ReconciliationReport, error)
}

// CardGateway tells every movement of money under a number.
type CardGateway interface {
	Events(ctx context.Context, number order.PaymentNumber, created time.Time) ([]payments.Notification, error)
}

// Reconciliation compares ledger, gateways and orders (P4).
type Reconciliation struct {
	Store ReconciliationStore
	// Cards is nil where payment by card is not configured.
	Cards  CardGateway
	Ledger payments.Ledger
	Log    *slog.Logger
	// Observe is told of each report; nil when nobody wants to know.
	Observe func(ReconciliationReport)
}

// CompareLedger compares ledger, payables and orders with each other.
func (r *Reconciliation) CompareLedger(ctx context.Context, in CompareInput) (CompareResult, error) {
	found, err := r.Store.LedgerDifferences(ctx, in.At, mostDifferences)
	return CompareResult{Differences: found}, err
}

// RecordReconciliation stores the report and tells operators.
func (r *Reconciliation) RecordReconciliation(ctx context.Context, in RecordReconciliationInput) error {
	report, err := r.Store.SaveReconciliation(ctx, in)
	if err != nil {
		return err
	}
	for _, d := range in.Differences {
		r.Log.WarnContext(ctx, "ledger, gateways and orders differ", "kind", d.Kind, "source", d.Source, "number", d.Number,
			"payment", d.PaymentID, "order", d.OrderID, "ours", d.Ours.String(), "theirs", d.Theirs.String())
	}
	r.Log.InfoContext(ctx, "reconciled", "differences", len(in.Differences), "asked", in.Asked,
		"gatewaysFailed", in.GatewaysFailed, "unapplied", report.Unapplied)
	if r.Observe != nil {
		r.Observe(report)
	}
	return nil
}
