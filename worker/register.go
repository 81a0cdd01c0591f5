package worker

import (
	"cmp"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// pollers are how many tasks of each kind are asked for at once: the SDK's two
// starve a busy queue (one serves the sticky queue, one the normal one).
const pollers = 16

// Activities are all steps that workflows call.
type Activities struct {
	Registers      *activities.Registers
	Orders         *activities.Orders
	Issuance       *activities.Issuance
	Delivery       *activities.Delivery
	Confirmations  *activities.Confirmations
	Reminders      *activities.Reminders
	Reconciliation *activities.Reconciliation
	Canary         *activities.Canary
}

// keptWorkflows is how many workflows a worker keeps in memory, at some 50 KB
// each. One that is not kept is replayed from its short history when something
// comes for it, which takes milliseconds; orders wait for days.
const keptWorkflows = 2_000

// UnreleasedBuild is how histories name a program that was not built as a release.
const UnreleasedBuild = "unreleased"

// New makes a Temporal worker with every workflow and activity registered. In
// a deployment it works as the build; the build must be named.
func New(c client.Client, taskQueue string, d config.Deployment, a Activities) sdkworker.Worker {
	sdkworker.SetStickyWorkflowCacheSize(keptWorkflows)
	w := sdkworker.New(c, taskQueue, sdkworker.Options{
		DeploymentOptions: deploymentOptions(d), PreferredVersionProvider: preferredVersion(d.Patches),
		// Without a deployment histories name the build too; the SDK's own name for it is a checksum of the program.
		BuildID:                          cmp.Or(d.BuildID, UnreleasedBuild), //nolint:staticcheck // what replaces it makes the worker one of a deployment
		MaxConcurrentWorkflowTaskPollers: pollers,
		MaxConcurrentActivityTaskPollers: pollers,
		WorkerStopTimeout:                20 * time.Second,
		// A bug stops an order where it stands; it never fails one.
		WorkflowPanicPolicy: sdkworker.BlockWorkflow,
	})
	w.RegisterWorkflowWithOptions(workflows.Order, workflow.RegisterOptions{Name: workflows.OrderWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Confirmation, workflow.RegisterOptions{Name: workflows.ConfirmationWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Reconciliation, workflow.RegisterOptions{Name: workflows.ReconciliationWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Reminders, workflow.RegisterOptions{Name: workflows.RemindersWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Canary, workflow.RegisterOptions{Name: workflows.CanaryWorkflow})
	for _, methods := range []any{
		a.Registers, a.Orders, a.Issuance, a.Delivery, a.Confirmations, a.Reminders, a.Reconciliation, a.Canary,
	} {
		w.RegisterActivityWithOptions(methods, activity.RegisterOptions{})
	}
	return w
}
