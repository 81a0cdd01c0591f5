package activities

import (
	"context"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// mostDifferences bounds what one step reports: a report is for people, and a
// workflow's history is no place for mass data.
const mostDifferences = 500

// CompareInput says as of when is compared.
type CompareInput struct {
	At time.Time `json:"at"`
}

// CompareResult is what one comparison has found.
type CompareResult struct {
	Differences []payments.Difference `json:"differences,omitempty"`
	// Asked is of how many payment numbers the gateway was asked.
	Asked int `json:"asked,omitempty"`
}

// RecordReconciliationInput is a whole report.
type RecordReconciliationInput = payments.Reconciliation

// Reconciliation compares ledger, gateways and orders (P4).
type Reconciliation struct {
	Store payments.ReconciliationStore
	// Cards is nil where payment by card is not configured.
	Cards  payments.CardGateway
	Ledger payments.Ledger
	Log    *slog.Logger
	// Observe is told of each report; nil when nobody wants to know.
	Observe func(payments.ReconciliationReport)
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
