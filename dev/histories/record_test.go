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
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// update writes the histories over those that are checked in. Only what is
// about to be released is recorded: what the replay tests hold is what runs.
var update = flag.Bool("update", false, "write the histories to workflows/testdata/histories")

const queue = "histories"

// A full history of 6.0.01 stays below both, whatever the size of the documents.
const (
	maxEvents = 50
	maxBytes  = 10 << 10
)

// stage is a server with a worker whose steps do nothing.
type stage struct {
	t      *testing.T
	server *temporal.Server
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
	s := &steps{client: c, recorded: make(chan string, 100)}
	w.RegisterActivity(s)
	w.RegisterWorkflowWithOptions(workflows.Order, workflow.RegisterOptions{Name: workflows.OrderWorkflow})
	w.RegisterWorkflowWithOptions(workflows.Confirmation, workflow.RegisterOptions{Name: workflows.ConfirmationWorkflow})
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return &stage{t: t, server: server, client: c, steps: s}
}

// open starts a workflow with the update that answers where it stands.
func (s *stage) open(id, kind string, in any) {
	s.t.Helper()
	start := s.client.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: id, TaskQueue: queue, WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
	}, kind, in)
	handle, err := s.client.UpdateWithStartWorkflow(s.t.Context(), client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateName: workflows.UpdateOpen, WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	require.NoError(s.t, err)
	require.NoError(s.t, handle.Get(s.t.Context(), nil))
}

func (s *stage) update(id, name string, args ...any) {
	s.t.Helper()
	handle, err := s.client.UpdateWorkflow(s.t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(s.t, err)
	require.NoError(s.t, handle.Get(s.t.Context(), nil))
}

// refused sends an update that the stage does not allow and requires that no
// event tells of it.
func (s *stage) refused(id, name string, args ...any) {
	s.t.Helper()
	before := s.events(id)
	handle, err := s.client.UpdateWorkflow(s.t.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: name, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(s.t.Context(), nil)
	}
	var refusal *sdktemporal.ApplicationError
	require.ErrorAs(s.t, err, &refusal)
	require.Equal(s.t, workflows.ErrTypeWrongStage, refusal.Type())
	require.Equal(s.t, before, s.events(id))
}

// events counts the events of a workflow once none is being worked on.
func (s *stage) events(id string) int64 {
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

// await returns when the order or confirmation has reached the stage.
func (s *stage) await(want string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), 30*time.Second)
	defer cancel()
	for {
		select {
		case got := <-s.steps.recorded:
			if got == want {
				return
			}
		case <-ctx.Done():
			require.FailNow(s.t, "not reached", want)
		}
	}
}

// formed starts an order and brings it through the checks.
func (s *stage) formed(id string, service order.Service, kind order.Kind) {
	s.open("order-"+id, workflows.OrderWorkflow, workflows.OrderInput{
		OrderID: id, Number: 7, Service: service, Kind: kind, ApplicantKey: "applicant", UNP: "190000020", CertificateID: "certificate",
		Language: "ru", Policy: order.DefaultPolicy(), AgreementVersion: "1", ContractVersion: "1",
	})
	s.update("order-"+id, workflows.UpdateAcceptTerms, workflows.AcceptTermsInput{AgreementVersion: "1", ContractVersion: "1"})
	s.update("order-"+id, workflows.UpdateSubmitRequest, workflows.SubmitRequestInput{
		RequestID: "request", Contacts: order.Contacts{Email: "anna@example.com", Phone: "+375291234567"},
	})
}

// signed starts a confirmation of orders and signs its list.
func (s *stage) signed(id string, orders ...string) {
	s.steps.orders, s.steps.due = nil, time.Now().Add(10*24*time.Hour)
	for _, o := range orders {
		s.steps.orders = append(s.steps.orders, activities.PayableOrder{OrderID: o, WorkflowID: "order-" + o})
	}
	workflowID := workflows.ConfirmationWorkflowID(id)
	s.open(workflowID, workflows.ConfirmationWorkflow, workflows.ConfirmationInput{
		ConfirmationID: id, UNP: "190000020", ManagerKey: "manager", CertificateID: "certificate", OrderIDs: orders,
		Language: "ru", Policy: order.DefaultPolicy(),
	})
	s.update(workflowID, workflows.UpdateSignList, workflows.SignListInput{SignatureID: "signature"})
	for _, o := range orders {
		s.await(o + " " + string(order.StageAwaitingPayment))
	}
}

// record waits for the end of a workflow and returns its history's size.
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
	if *update {
		text, err := protojson.MarshalOptions{Indent: " "}.Marshal(history)
		require.NoError(s.t, err)
		file := filepath.Join("..", "..", "workflows", "testdata", "histories", name+".json")
		require.NoError(s.t, os.WriteFile(file, append(text, '\n'), 0o644))
	}
	s.t.Logf("%s: %d events, %d bytes", name, len(history.Events), proto.Size(history))
	return len(history.Events), proto.Size(history)
}

func (s *stage) recordOrder(id, name string) workflows.OrderResult {
	var res workflows.OrderResult
	events, bytes := s.record("order-"+id, name, &res)
	require.LessOrEqual(s.t, events, maxEvents)
	require.LessOrEqual(s.t, bytes, maxBytes)
	return res
}

func TestHistoriesOnTheRealServer(t *testing.T) {
	s := newStage(t)

	s.formed("individual", order.ServiceIndividual, order.KindIndividual)
	s.await("individual " + string(order.StageAwaitingPayment))
	s.signal("order-individual", workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: "payment"})
	require.Equal(t, order.EndIssued, s.recordOrder("individual", "order-6.0.00-issued").End)

	s.formed("employee", order.ServiceEmployee, order.KindEmployee)
	s.await("employee " + string(order.StageAwaitingApproval))
	s.signed("finished", "employee")
	s.signal("confirmation-finished", workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: "payment"})
	require.Equal(t, order.EndIssued, s.recordOrder("employee", "order-6.0.01-issued").End)
	var stage workflows.ConfirmationResult
	s.record("confirmation-finished", "confirmation-finished", &stage)
	require.Equal(t, activities.ConfirmationFinished, stage.Stage)

	s.formed("unconfirmed", order.ServiceEmployee, order.KindEmployee)
	s.await("unconfirmed " + string(order.StageAwaitingApproval))
	s.refused("order-unconfirmed", workflows.UpdateSubmitRequest, workflows.SubmitRequestInput{RequestID: "second"})
	require.NoError(t, temporal.RunOn(t.Context(), s.client, queue, "order-unconfirmed"))
	require.Equal(t, order.ReasonNotConfirmed, s.recordOrder("unconfirmed", "order-6.0.01-not-confirmed").Reason)

	s.formed("unpaid", order.ServiceEmployee, order.KindEmployee)
	s.await("unpaid " + string(order.StageAwaitingApproval))
	s.signed("lapsed", "unpaid")
	require.NoError(t, temporal.RunOn(t.Context(), s.client, queue, "confirmation-lapsed"))
	s.record("confirmation-lapsed", "confirmation-lapsed", &stage)
	require.Equal(t, activities.ConfirmationLapsed, stage.Stage)
	s.update("order-unpaid", workflows.UpdateWithdraw)
	require.Equal(t, order.EndWithdrawn, s.recordOrder("unpaid", "order-6.0.01-withdrawn").End)
}
