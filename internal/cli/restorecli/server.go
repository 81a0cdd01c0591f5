package restorecli

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/restore"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// workflowServer is a Temporal server: it implements restore.Engine.
type workflowServer struct {
	engine.Executions
	namespace string
}

// listed is how many workflows are asked for at once.
const listed = 500

// Each gives all orders and confirmations that run, page by page.
func (s workflowServer) Each(ctx context.Context, page func([]restore.Running) error) error {
	query := fmt.Sprintf("ExecutionStatus = 'Running' AND WorkflowType IN ('%s', '%s')", workflows.OrderWorkflow, workflows.ConfirmationWorkflow)
	for token := []byte(nil); ; {
		found, err := s.Client.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
			Namespace: s.namespace, Query: query, PageSize: listed, NextPageToken: token,
		})
		if err != nil {
			return fmt.Errorf("list workflows: %w", err)
		}
		running := make([]restore.Running, 0, len(found.GetExecutions()))
		for _, e := range found.GetExecutions() {
			running = append(running, restore.Running{WorkflowID: e.GetExecution().GetWorkflowId(), Stage: shown(e)})
		}
		if err := page(running); err != nil {
			return err
		}
		if token = found.GetNextPageToken(); len(token) == 0 {
			return nil
		}
	}
}

// shown is the stage that a workflow has written where operators search.
func shown(e *workflowpb.WorkflowExecutionInfo) string {
	var stage string
	p, ok := e.GetSearchAttributes().GetIndexedFields()[workflows.AttributeStage.GetName()]
	if !ok || converter.GetDefaultDataConverter().FromPayload(p, &stage) != nil {
		return ""
	}
	return stage
}

// Terminate ends a workflow; one that has ended meanwhile is no error.
func (s workflowServer) Terminate(ctx context.Context, workflowID, reason string) error {
	err := s.Client.TerminateWorkflow(ctx, workflowID, "", reason)
	var gone *serviceerror.NotFound
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("terminate %s: %w", workflowID, err)
	}
	return nil
}
