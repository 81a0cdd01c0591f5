package process_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// begun remembers for which workflows a key was made.
type begun map[string]order.ID

func (b begun) Begin(_ context.Context, workflowID string, subject order.ID) (keyring.Key, error) {
	b[workflowID] = subject
	return keyring.NewKey(workflowID, 1), nil
}

func starter(t *testing.T) (process.Starter, *enginetest.Server, begun) {
	t.Helper()
	server, keys := enginetest.New(t), begun{}
	c, err := engine.Plain(config.Temporal{Address: config.Address(server.Address), Namespace: "test"}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return process.Starter{Client: c, TaskQueue: "queue", Keys: keys}, server, keys
}

var uploadedAt = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func sampleOrder(service order.Service) order.Record {
	return order.Record{
		ID: order.NewID(), Number: 123, Service: service, UNP: "190000018", Policy: order.DefaultPolicy(), UploadedAt: uploadedAt,
	}
}

// attributes are the search attributes of a start, as text.
func attributes(t *testing.T, start *workflowservice.StartWorkflowExecutionRequest) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, p := range start.GetSearchAttributes().GetIndexedFields() {
		out[name] = converter.GetDefaultDataConverter().ToString(p)
	}
	return out
}

func TestS8_AnOrdersWorkflowIsStarted(t *testing.T) {
	for service, organisation := range map[order.Service]bool{order.ServiceEmployee: true, order.ServiceIndividual: false} {
		t.Run(string(service), func(t *testing.T) {
			s, server, keys := starter(t)
			o := sampleOrder(service)
			for range 2 {
				require.NoError(t, s.StartOrder(t.Context(), o), "a second start is no error")
			}
			require.Len(t, server.Starts(), 1)
			start, id := server.Starts()[0], order.WorkflowID(o.Number, o.ID)
			require.Equal(t, id, start.GetWorkflowId())
			require.Equal(t, begun{id: o.ID}, keys)
			require.Equal(t, workflows.OrderWorkflow, start.GetWorkflowType().GetName())
			require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, start.GetWorkflowIdReusePolicy())
			require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING, start.GetWorkflowIdConflictPolicy())
			want := map[string]string{"OrderNumber": `"123"`, "OrderStage": `"checking"`}
			if organisation {
				want["Organisation"] = `"190000018"`
			}
			require.Equal(t, want, attributes(t, start))
			var in workflows.OrderInput
			require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(start.GetInput(), &in))
			require.True(t, o.Policy.FinishBy(uploadedAt).Equal(in.CheckBy))
			in.CheckBy = time.Time{}
			require.Equal(t, workflows.OrderInput{OrderID: o.ID, Service: service, Policy: o.Policy}, in)
		})
	}
}

func TestM6_AConfirmationsWorkflowIsStarted(t *testing.T) {
	s, server, keys := starter(t)
	c := order.Confirmation{
		ID: order.NewID(), UNP: "190000018", Number: 7, Policy: order.DefaultPolicy(), Until: uploadedAt,
		OrderIDs: []order.ID{order.NewID(), order.NewID(), order.NewID()}, LeftIDs: []order.ID{order.NewID()},
	}
	require.NoError(t, s.StartConfirmation(t.Context(), c))
	start, id := server.Starts()[0], order.ConfirmationWorkflowID(c.Number, c.ID)
	require.Equal(t, id, start.GetWorkflowId())
	require.Equal(t, begun{id: c.ID}, keys)
	require.Equal(t, map[string]string{
		"OrderStage": `"awaiting-payment"`, "Organisation": `"190000018"`, "PaymentNumber": `"NOAIS000000007"`,
		"PayBy": `"2026-11-23T09:00:00Z"`,
	}, attributes(t, start))
	var in workflows.ConfirmationInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(start.GetInput(), &in))
	require.Equal(t, workflows.ConfirmationInput{ConfirmationID: c.ID, Number: 7, Orders: 2, Due: uploadedAt, Policy: c.Policy}, in)
}

func TestAStartThatFailsIsTold(t *testing.T) {
	s, server, _ := starter(t)
	denied := serviceerror.NewPermissionDenied("no", "")
	server.Refuse("StartWorkflowExecution", denied)
	require.ErrorContains(t, s.StartOrder(t.Context(), sampleOrder(order.ServiceEmployee)), "123-order-")
	require.Empty(t, server.Starts())
}

// A run that has completed is followed by another only where somebody has just read that the row is open.
func TestACompletedRunIsFollowedByAnotherForAnOpenRowOnly(t *testing.T) {
	for anew, want := range map[bool]enumspb.WorkflowIdReusePolicy{
		false: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE_FAILED_ONLY, true: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	} {
		s, server, _ := starter(t)
		s.Anew = anew
		require.NoError(t, s.StartOrder(t.Context(), sampleOrder(order.ServiceIndividual)))
		started := server.Starts()[0]
		require.Equal(t, want, started.GetWorkflowIdReusePolicy())
		require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING, started.GetWorkflowIdConflictPolicy(), "one that runs goes on")
	}
}
