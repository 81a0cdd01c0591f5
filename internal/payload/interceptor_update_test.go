package payload_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
)

func TestM6_OnlyOurOwnUpdatesAreTaken(t *testing.T) {
	cache := newCache(t, newStore())
	headerOf := func(cache *payload.Cache, workflowID, name string) map[string]*commonpb.Payload {
		c, server := sender(t, cache)
		_, err := c.UpdateWorkflow(t.Context(), client.UpdateWorkflowOptions{
			WorkflowID: workflowID, UpdateName: name, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		require.NoError(t, err)
		return server.Updates()[0].GetInput().GetHeader().GetFields()
	}
	own := headerOf(cache, "order-1", "withdraw")
	require.Len(t, own, 1)
	plain := map[string]*commonpb.Payload{}
	for name := range own {
		plain[name] = plainOf(t, nil)
	}
	for name, c := range map[string]struct {
		header map[string]*commonpb.Payload
		want   error
	}{
		"own": {own, nil}, "none": {nil, payload.ErrNotEncrypted}, "plain": {plain, payload.ErrNotEncrypted},
		"of another update":       {headerOf(cache, "order-1", "open"), payload.ErrMisplaced},
		"of another workflow":     {headerOf(cache, "order-2", "withdraw"), payload.ErrForeignKey},
		"of another installation": {headerOf(newCache(t, newStore()), "order-1", "withdraw"), keyring.ErrKeyUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			asked := &asking{under: payload.NewInterceptor(cache)}
			suite := &testsuite.WorkflowTestSuite{}
			suite.SetLogger(sdklog.NewStructuredLogger(discard()))
			env := suite.NewTestWorkflowEnvironment()
			env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "order-1", TaskQueue: "q"})
			env.SetHeader(&commonpb.Header{Fields: c.header})
			env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{asked}})
			env.ExecuteWorkflow(func(workflow.Context) error { return nil })
			require.NoError(t, env.GetWorkflowError())
			require.ErrorIs(t, asked.answer, c.want)
		})
	}
}

// asking asks an interceptor for an update whose header is the one with which
// the workflow was started: the test environment sends none with updates.
type asking struct {
	interceptor.WorkerInterceptorBase
	under  interceptor.WorkerInterceptor
	answer error
}

func (a *asking) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	in := &askingInbound{asking: a}
	in.Next = next
	return in
}

type askingInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	asking *asking
}

func (a *askingInbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	a.asking.answer = a.asking.under.InterceptWorkflow(ctx, &taken{}).ValidateUpdate(ctx, &interceptor.UpdateInput{Name: "withdraw"})
	return a.Next.ExecuteWorkflow(ctx, in)
}

// taken takes every update.
type taken struct {
	interceptor.WorkflowInboundInterceptorBase
}

func (*taken) ValidateUpdate(workflow.Context, *interceptor.UpdateInput) error { return nil }
