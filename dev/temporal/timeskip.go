package temporal

import (
	"context"
	"fmt"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// forwardID names the one fast-forward that this package asks for at a workflow's start.
const forwardID = "forward"

// SkipTime is a client interceptor that starts workflows with time skipping: while a workflow waits for nothing but a timer, the
// server lets the time pass at once. The server must have been started with Options.TimeSkipping. Put it into
// client.Options.ConnectionOptions.DialOptions with grpc.WithChainUnaryInterceptor.
//
// forward says, per workflow id, how far time runs before it stands still (see AwaitForward), so that something can happen "on day 3";
// 0, or a nil function, lets time run to the end of the workflow. It must be safe for use from several goroutines.
func SkipTime(forward func(workflowID string) time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		switch r := req.(type) {
		case *workflowservice.StartWorkflowExecutionRequest:
			r.TimeSkippingConfig = skipping(r.GetWorkflowId(), forward)
		case *workflowservice.SignalWithStartWorkflowExecutionRequest:
			r.TimeSkippingConfig = skipping(r.GetWorkflowId(), forward)
		case *workflowservice.ExecuteMultiOperationRequest:
			for _, op := range r.GetOperations() {
				if start := op.GetStartWorkflow(); start != nil {
					start.TimeSkippingConfig = skipping(start.GetWorkflowId(), forward)
				}
			}
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}

func skipping(workflowID string, forward func(string) time.Duration) *commonpb.TimeSkippingConfig {
	cfg := &commonpb.TimeSkippingConfig{Enabled: true}
	if forward == nil {
		return cfg
	}
	if d := forward(workflowID); d > 0 {
		cfg.FastForwardConfig = &commonpb.FastForwardConfig{Id: forwardID, Duration: durationpb.New(d)}
	}
	return cfg
}

// AwaitForward waits until the time of a workflow that was started with a forward has got there. Time stands still from then on
// (it goes on at its usual pace) until RunOn or Forward.
func AwaitForward(ctx context.Context, c client.Client, namespace, workflowID string) error {
	return awaitForward(ctx, c, namespace, workflowID, forwardID)
}

// Forward lets d more pass for the workflow and waits until it has. The id tells this forward from the workflow's others.
func Forward(ctx context.Context, c client.Client, namespace, workflowID, id string, d time.Duration) error {
	cfg := &commonpb.TimeSkippingConfig{Enabled: true, FastForwardConfig: &commonpb.FastForwardConfig{Id: id, Duration: durationpb.New(d)}}
	if err := setSkipping(ctx, c, namespace, workflowID, cfg); err != nil {
		return err
	}
	return awaitForward(ctx, c, namespace, workflowID, id)
}

// RunOn lets the workflow's time run to the end.
func RunOn(ctx context.Context, c client.Client, namespace, workflowID string) error {
	return setSkipping(ctx, c, namespace, workflowID, &commonpb.TimeSkippingConfig{Enabled: true})
}

func awaitForward(ctx context.Context, c client.Client, namespace, workflowID, id string) error {
	_, err := c.WorkflowService().PollWorkflowExecutionTimeSkipping(ctx, &workflowservice.PollWorkflowExecutionTimeSkippingRequest{
		Namespace: namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID}, FastForwardId: id})
	if err != nil {
		return fmt.Errorf("wait for the forward of workflow %s: %w", workflowID, err)
	}
	return nil
}

func setSkipping(ctx context.Context, c client.Client, namespace, workflowID string, cfg *commonpb.TimeSkippingConfig) error {
	_, err := c.WorkflowService().UpdateWorkflowExecutionOptions(ctx, &workflowservice.UpdateWorkflowExecutionOptionsRequest{
		Namespace: namespace, WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflowID},
		WorkflowExecutionOptions: &workflowpb.WorkflowExecutionOptions{TimeSkippingConfig: cfg},
		UpdateMask:               &fieldmaskpb.FieldMask{Paths: []string{"time_skipping_config"}}})
	if err != nil {
		return fmt.Errorf("set time skipping of workflow %s: %w", workflowID, err)
	}
	return nil
}
