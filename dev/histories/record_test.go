// Package histories_test runs the workflows on a real server with steps that
// do nothing, and records their histories for the replay tests of workflows/.
package histories_test

import (
	"context"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// update writes the histories over those that are checked in. Only what is
// about to be released is recorded: what the replay tests hold is what runs.
var update = flag.Bool("update", false, "write the histories to workflows/testdata/histories")

const queue = "histories"

// A full history of an order stays below both, whatever the size of the documents.
const (
	maxEvents = 38
	maxBytes  = 9 << 10
)

// employees are the orders of 6.0.01, voided the confirmations whose last order leaves.
var employees, voided = map[order.ID]bool{}, map[order.ID]bool{}

// stage is a server with a worker whose steps do nothing.
type stage struct {
	t      *testing.T
	client client.Client
	steps  *steps
}

func newStage(t *testing.T) *stage {
	t.Helper()
	attributes := map[string]enumspb.IndexedValueType{}
	for _, key := range workflows.SearchAttributes() {
		attributes[key.GetName()] = key.GetValueType()
	}
	server, err := temporal.Start(t.Context(), temporal.Options{Namespace: queue, SearchAttributes: attributes, TimeSkipping: true})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	c, err := client.DialContext(t.Context(), client.Options{
		HostPort: server.HostPort(), Namespace: queue, Identity: "recorder",
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)),
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	// Without its cache the worker replays the history at every task.
	worker.SetStickyWorkflowCacheSize(0)
	w := worker.New(c, queue, worker.Options{Identity: "recorder", WorkflowPanicPolicy: worker.BlockWorkflow})
	s := &steps{client: c, confirmed: map[order.ID]confirmed{}, issued: map[order.ID]bool{}}
	w.RegisterActivity(s)
	for name, definition := range map[string]any{
		workflows.OrderWorkflow: workflows.Order, workflows.ConfirmationWorkflow: workflows.Confirmation,
		workflows.RemindersWorkflow: workflows.Reminders, workflows.ReconciliationWorkflow: workflows.Reconciliation,
	} {
		w.RegisterWorkflowWithOptions(definition, workflow.RegisterOptions{Name: name})
	}
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return &stage{t: t, client: c, steps: s}
}

func (s *stage) start(id, kind string, in ...any) {
	s.t.Helper()
	_, err := s.client.ExecuteWorkflow(s.t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, kind, in...)
	require.NoError(s.t, err)
}

// withdraw asks for the end of an order and returns when it is decided.
func (s *stage) withdraw(id string) error {
	handle, err := s.client.UpdateWorkflow(s.t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: workflows.UpdateWithdraw, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return err
	}
	return handle.Get(s.t.Context(), nil)
}

// settle waits until nothing of a workflow is being worked on, and counts its events.
func (s *stage) settle(id string) int64 {
	s.t.Helper()
	var length int64
	require.Eventually(s.t, func() bool {
		d, err := s.client.DescribeWorkflowExecution(s.t.Context(), id, "")
		length = d.GetWorkflowExecutionInfo().GetHistoryLength()
		return err == nil && d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0
	}, 20*time.Second, 20*time.Millisecond)
	return length
}

func (s *stage) signal(id, name string, in any) {
	s.t.Helper()
	require.NoError(s.t, s.client.SignalWorkflow(s.t.Context(), id, "", name, in))
}

// order starts an order of the service, which waits for the manager or for its payment then.
func (s *stage) order(name string, service order.Service) (order.ID, string) {
	s.t.Helper()
	id := order.DerivedID(name, nil)
	employees[id] = service.NeedsApproval()
	workflowID := order.WorkflowID(7, id)
	policy := order.DefaultPolicy()
	s.start(workflowID, workflows.OrderWorkflow, workflows.OrderInput{
		OrderID: id, Service: service, Policy: policy, CheckBy: policy.FinishBy(time.Now()),
	})
	s.settle(workflowID)
	return id, workflowID
}

// confirmation starts a confirmation of orders, whose payment is waited for then.
func (s *stage) confirmation(name string, orders ...order.ID) (order.ID, string) {
	s.t.Helper()
	id := order.DerivedID(name, nil)
	s.steps.mu.Lock()
	number := order.PaymentNumber(len(s.steps.confirmed) + 1)
	s.steps.confirmed[id] = confirmed{number: number, orders: orders}
	s.steps.mu.Unlock()
	workflowID := order.ConfirmationWorkflowID(number, id)
	policy := order.DefaultPolicy()
	s.start(workflowID, workflows.ConfirmationWorkflow, workflows.ConfirmationInput{
		ConfirmationID: id, Number: number, Orders: len(orders), Due: policy.PayBy(time.Now()), Policy: policy,
	})
	s.settle(workflowID)
	for _, o := range orders {
		s.settle(order.WorkflowID(7, o))
	}
	return id, workflowID
}

// record waits for the end of a workflow and returns its history's size. One without a name is not kept.
func (s *stage) record(workflowID, name string, result any) (events, bytes int) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), time.Minute)
	defer cancel()
	require.NoError(s.t, s.client.GetWorkflow(ctx, workflowID, "").Get(ctx, result))
	history := &historypb.History{}
	pages := s.client.GetWorkflowHistory(ctx, workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for pages.HasNext() {
		event, err := pages.Next()
		require.NoError(s.t, err)
		if q := event.GetWorkflowTaskScheduledEventAttributes().GetTaskQueue(); q.GetKind() == enumspb.TASK_QUEUE_KIND_STICKY {
			q.Name = "sticky" // it is made of a host name
		}
		history.Events = append(history.Events, event)
	}
	if *update && name != "" {
		text, err := protojson.MarshalOptions{Indent: " "}.Marshal(history)
		require.NoError(s.t, err)
		file := filepath.Join("..", "..", "workflows", "testdata", "histories", name+".json")
		require.NoError(s.t, os.WriteFile(file, append(text, '\n'), 0o644))
	}
	s.t.Logf("%s: %d events, %d bytes", name, len(history.Events), proto.Size(history))
	return len(history.Events), proto.Size(history)
}

func (s *stage) recordOrder(id, name string) workflows.OrderResult {
	s.t.Helper()
	var res workflows.OrderResult
	events, bytes := s.record(id, name, &res)
	require.LessOrEqual(s.t, events, maxEvents)
	require.LessOrEqual(s.t, bytes, maxBytes)
	return res
}

func (s *stage) recordConfirmation(id, name string) order.ConfirmationStage {
	s.t.Helper()
	var res workflows.ConfirmationResult
	s.record(id, name, &res)
	return res.Stage
}

// pay tells what is paid for, and the orders of a confirmation.
func (s *stage) pay(ids ...string) {
	s.t.Helper()
	for _, id := range ids {
		s.signal(id, workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	}
}

func (s *stage) pass(id string) {
	s.t.Helper()
	require.NoError(s.t, temporal.RunOn(s.t.Context(), s.client, queue, id))
}

func TestHistoriesOnTheRealServer(t *testing.T) {
	s := newStage(t)

	_, w := s.order("individual", order.ServiceIndividual)
	s.pay(w)
	require.Equal(t, workflows.OrderResult{End: order.EndIssued}, s.recordOrder(w, "order-6.0.00-issued"))
	s.steps.busy = order.DerivedID("busy", nil)
	_, w = s.order("busy", order.ServiceIndividual)
	s.pay(w)
	require.Equal(t, workflows.OrderResult{End: order.EndIssued}, s.recordOrder(w, "order-6.0.00-issued-mail-later"))
	_, w = s.order("unpaid individual", order.ServiceIndividual)
	s.pass(w)
	require.Equal(t, order.ReasonNotPaid, s.recordOrder(w, "order-6.0.00-not-paid").Reason)
	s.steps.refused = order.DerivedID("refused", nil)
	_, w = s.order("refused", order.ServiceIndividual)
	require.Equal(t, order.EndRefused, s.recordOrder(w, "order-6.0.00-refused").End)

	s.steps.unreachable = order.DerivedID("employee", nil)
	id, w := s.order("employee", order.ServiceEmployee)
	_, c := s.confirmation("finished", id)
	s.pay(c, w)
	require.Equal(t, workflows.OrderResult{End: order.EndIssued}, s.recordOrder(w, "order-6.0.01-issued"))
	require.Equal(t, order.ConfirmationFinished, s.recordConfirmation(c, "confirmation-finished"))

	_, w = s.order("unconfirmed", order.ServiceEmployee)
	s.pass(w)
	require.Equal(t, order.ReasonNotConfirmed, s.recordOrder(w, "order-6.0.01-not-confirmed").Reason)
	_, w = s.order("rejected", order.ServiceEmployee)
	s.signal(w, workflows.SignalRejected, workflows.Rejected{By: "manager", Note: "has left"})
	require.Equal(t, order.EndRejected, s.recordOrder(w, "order-6.0.01-rejected").End)

	id, w = s.order("withdrawn", order.ServiceEmployee)
	c2, c := s.confirmation("void", id)
	voided[c2] = true
	require.NoError(t, s.withdraw(w))
	require.Equal(t, order.EndWithdrawn, s.recordOrder(w, "order-6.0.01-withdrawn").End)
	require.Equal(t, order.ConfirmationVoid, s.recordConfirmation(c, "confirmation-void"))

	id, w = s.order("unpaid", order.ServiceEmployee)
	_, c = s.confirmation("lapsed", id)
	s.pass(c)
	require.Equal(t, order.ConfirmationLapsed, s.recordConfirmation(c, "confirmation-lapsed"))
	s.pass(w)
	require.Equal(t, order.ReasonNotPaid, s.recordOrder(w, "order-6.0.01-not-paid").Reason)
	require.Error(t, s.withdraw(w), "an order that has ended")

	s.start("reminders-1", workflows.RemindersWorkflow)
	s.record("reminders-1", "reminders", nil)
	s.start("reconciliation-1", workflows.ReconciliationWorkflow)
	s.record("reconciliation-1", "reconciliation", &workflows.ReconciliationResult{})
}

// A confirmation of ten costs no more than one activity a step: who is told is told by a client.
func TestHistoryOfTenIsSmall(t *testing.T) {
	s := newStage(t)
	ids, all := []order.ID{}, []string{}
	for i := range 10 {
		id, w := s.order("one of ten "+string(rune('0'+i)), order.ServiceEmployee)
		ids, all = append(ids, id), append(all, w)
	}
	_, c := s.confirmation("ten", ids...)
	s.pay(append(all, c)...)
	for _, w := range all {
		require.Equal(t, order.EndIssued, s.recordOrder(w, "").End)
	}
	events, _ := s.record(c, "", &workflows.ConfirmationResult{})
	require.LessOrEqual(t, events, 60)
}
