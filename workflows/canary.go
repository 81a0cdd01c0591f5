package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
)

// CanaryWorkflow is the type of the workflow that tries a build, pinned to it.
const CanaryWorkflow = "Canary"

// canaryPause makes the build come back to a history of its own.
const canaryPause = time.Second

// canary only names the activities: its fields are never used.
var canary *activities.Canary

// Canary goes the ways that orders go, local activity, timer, activity, and
// touches no order: what it looks at stays as it is, nothing is issued. It takes
// no input and answers what the build found.
func Canary(ctx workflow.Context) (activities.CanaryReport, error) {
	workflow.SetCurrentDetails(ctx, "Tries a build of the worker; touches no order")
	var database activities.CanaryFinding
	if err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "look at the database"), canary.ProbeDatabase).Get(ctx, &database); err != nil {
		return activities.CanaryReport{}, err
	}
	if err := workflow.Sleep(ctx, canaryPause); err != nil {
		return activities.CanaryReport{}, err
	}
	var report activities.CanaryReport
	looking := untilDone(ctx, "look at keys and neighbours", ownStep)
	if err := workflow.ExecuteActivity(looking, canary.ProbeNeighbours).Get(ctx, &report); err != nil {
		return activities.CanaryReport{}, err
	}
	report.Findings = append([]activities.CanaryFinding{database}, report.Findings...)
	return report, nil
}
