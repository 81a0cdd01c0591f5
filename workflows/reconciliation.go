package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
)

const (
	// ReconciliationWorkflow is the type of the daily comparison (P4).
	ReconciliationWorkflow = "Reconciliation"
	// ReconciliationSchedule is the id of the schedule that starts it, and the
	// beginning of its workflow ids.
	ReconciliationSchedule = "reconciliation"
)

// ReconciliationResult tells what the day's comparison came to; the report
// itself is in the database.
type ReconciliationResult struct {
	Differences int `json:"differences"`
	// GatewaysFailed says that the gateways could not be asked.
	GatewaysFailed bool `json:"gatewaysFailed,omitempty"`
}

// Reconciliation compares ledger, gateways and orders, once a day (P4). It
// takes no input: a schedule's input would be encrypted under the schedule's
// id, which no run of it has.
func Reconciliation(ctx workflow.Context) (ReconciliationResult, error) {
	var steps *activities.Reconciliation
	workflow.SetCurrentDetails(ctx, "Compares ledger, gateways and orders")
	in := activities.CompareInput{At: workflow.Now(ctx)}
	var ledger, cards activities.CompareResult
	if err := workflow.ExecuteActivity(untilDone(ctx, "compare ledger and orders", ownStep), steps.CompareLedger, in).Get(ctx, &ledger); err != nil {
		return ReconciliationResult{}, err
	}
	// A gateway that is silent for hours must not keep the rest from operators.
	failed := workflow.ExecuteActivity(thorough(ctx, "ask the card gateway"), steps.CompareCards, in).Get(ctx, &cards)
	if temporal.IsCanceledError(failed) {
		return ReconciliationResult{}, failed
	}
	report := activities.RecordReconciliationInput{
		ID: workflow.GetInfo(ctx).WorkflowExecution.RunID, At: in.At, Asked: cards.Asked,
		Differences: append(ledger.Differences, cards.Differences...), GatewaysFailed: failed != nil,
	}
	if err := workflow.ExecuteActivity(untilDone(ctx, "store the report", ownStep), steps.RecordReconciliation, report).Get(ctx, nil); err != nil {
		return ReconciliationResult{}, err
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("Found %d differences, asked for %d card payments", len(report.Differences), report.Asked))
	return ReconciliationResult{Differences: len(report.Differences), GatewaysFailed: report.GatewaysFailed}, nil
}

// thorough is for long walks through everything that report their progress.
func thorough(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    2 * time.Hour,
		ScheduleToCloseTimeout: 6 * time.Hour,
		HeartbeatTimeout:       2 * time.Minute,
		Summary:                summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    10 * time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    10 * time.Minute,
		},
	})
}
