package e2e_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	sdkclient "go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// Whoever can write to Temporal and has no key of ours cannot move an order: not by plain messages, not by the workflow's own
// ciphertexts in other places, not by workflows of their own (M6, P4, I1).
func TestM6_P4_I1_ForgedMessagesCauseNoCertificate(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	temporal := w.temporal()
	workflowID := w.workflowOf(temporal, o.Number)
	before := w.read(p, o.ID)
	dropped := w.logged("worker", "signal dropped")

	confirmation, payment := order.NewID(), order.NewID()
	own := w.history(temporal, workflowID)[0].GetWorkflowExecutionStartedEventAttributes().GetInput().GetPayloads()[0]
	for signal, plain := range map[string]any{
		workflows.SignalApproved:        activities.Approved{ConfirmationID: confirmation, Number: 1, At: time.Now()},
		workflows.SignalPaymentReceived: workflows.PaymentReceived{PaymentID: payment},
		workflows.SignalRejected:        workflows.Rejected{By: "nobody"},
	} {
		for _, value := range []any{plain, nil, converter.NewRawValue(own)} {
			require.NoError(t, temporal.SignalWorkflow(t.Context(), workflowID, "", signal, value))
		}
	}
	require.Error(t, withdraw(t.Context(), temporal, workflowID), "an update without our header")
	w.requireFailing(temporal, "77777-order-"+o.ID.String(), workflows.OrderWorkflow, workflows.OrderInput{
		OrderID: o.ID, Service: order.ServiceIndividual, Policy: order.DefaultPolicy(), CheckBy: time.Now().Add(time.Hour),
	})
	w.requireFailing(temporal, "77777-confirmation-"+o.ID.String(), workflows.ConfirmationWorkflow, workflows.ConfirmationInput{
		ConfirmationID: confirmation, Number: 1, Orders: 1, Due: time.Now().Add(time.Hour), Policy: order.DefaultPolicy(),
	})

	require.Eventually(t, func() bool { return w.logged("worker", "signal dropped") >= dropped+9 }, 30*time.Second, 100*time.Millisecond)
	require.Equal(t, before.Version, w.read(p, o.ID).Version, "nothing has changed")
	require.Zero(t, w.certificates(o.ID))

	// The order was not stopped by it either.
	c := w.confirmed(o.ID)
	w.paid(w.director, caller.OfConfirmation(c.ID))
	w.issued(p, o.ID)
	w.fetched(p, o.ID)
	require.Equal(t, 1, w.certificates(o.ID))
}

func withdraw(ctx context.Context, c sdkclient.Client, workflowID string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	handle, err := c.UpdateWorkflow(ctx, sdkclient.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateName: workflows.UpdateWithdraw, WaitForStage: sdkclient.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(ctx, nil)
}

// requireFailing starts a workflow with a plain input, or with none, and requires that it ends at once and has done nothing.
func (w *world) requireFailing(c sdkclient.Client, id, kind string, input any) {
	w.t.Helper()
	for suffix, args := range map[string][]any{"": {input}, "-empty": {}} {
		run, err := c.ExecuteWorkflow(w.t.Context(), sdkclient.StartWorkflowOptions{ID: id + suffix, TaskQueue: w.taskQueue()}, kind, args...)
		require.NoError(w.t, err)
		ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
		require.Error(w.t, run.Get(ctx, nil))
		require.NoError(w.t, ctx.Err(), "it ends and does not wait")
		cancel()
		for _, event := range w.history(c, id+suffix) {
			require.NotContains(w.t, []enumspb.EventType{
				enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED, enumspb.EVENT_TYPE_MARKER_RECORDED, enumspb.EVENT_TYPE_TIMER_STARTED,
			}, event.GetEventType())
		}
	}
}

// taskQueue is where the worker takes its tasks from.
func (w *world) taskQueue() string {
	w.t.Helper()
	found, err := w.temporal().ListWorkflow(w.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: stack.Namespace, Query: "WorkflowType = '" + workflows.OrderWorkflow + "' AND " + workflows.AttributeNumber.GetName() + " IS NOT NULL",
	})
	require.NoError(w.t, err)
	require.NotEmpty(w.t, found.GetExecutions())
	return found.GetExecutions()[0].GetTaskQueue()
}

// logged counts the lines of a process's log that contain the text.
func (w *world) logged(process, text string) int {
	w.t.Helper()
	content, err := os.ReadFile(filepath.Join(all.dir, "ordinary", "logs", process+".log"))
	require.NoError(w.t, err)
	return strings.Count(string(content), text)
}

// Money that is taken back before the certificate is reserved pays for nothing, whatever the workflow is told (P2, P4).
func TestP4_MoneyReversedBeforeTheIssueIssuesNothing(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	processes := w.processes()
	p, o, of := w.toPay()
	d := w.choose(p, of, "erip")
	require.NoError(t, processes.Kill(stack.ProcessWorker))
	report, err := w.stack.Gateways().PayERIP(t.Context(), gateways.ERIPPayment{Account: d.ERIP.Number})
	require.NoError(t, err)
	require.True(t, report.Paid)
	reversed, err := w.stack.Gateways().ReverseERIP(t.Context(), report.TransactionID, gateways.Faults{})
	require.NoError(t, err)
	require.False(t, reversed.Paid)
	require.NoError(t, processes.StartOne(t.Context(), stack.ProcessWorker))
	time.Sleep(10 * time.Second)
	require.Equal(t, order.StageAwaitingPayment, w.read(p, o.ID).Stage)
	require.Zero(t, w.certificates(o.ID))

	report, err = w.stack.Gateways().PayERIP(t.Context(), gateways.ERIPPayment{Account: d.ERIP.Number})
	require.NoError(t, err)
	require.True(t, report.Paid)
	w.issued(p, o.ID)
	require.Equal(t, 1, w.certificates(o.ID))
}
