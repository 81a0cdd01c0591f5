package api

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// answerWithin is how long a person waits for a workflow's answer.
const answerWithin = 28 * time.Second

// openTries are the tries to open what is just closing under the same id.
const openTries = 5

// start is a workflow to start, or to find when it is open already.
type start struct {
	id, workflow, summary string
	input                 any
	attributes            temporal.SearchAttributes
}

// open starts a workflow, or finds the open one, and asks it for its snapshot
// in the same call: there is no moment at which two could be open (A6).
func (s *Server) open(ctx context.Context, update string, st start, snapshot any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	for try := 0; ; try++ {
		operation := s.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
			ID: st.id, TaskQueue: s.TaskQueue, StaticSummary: st.summary, TypedSearchAttributes: st.attributes,
			WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
			WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		}, st.workflow, st.input)
		handle, err := s.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
			StartWorkflowOperation: operation,
			UpdateOptions:          client.UpdateWorkflowOptions{UpdateName: update, WaitForStage: client.WorkflowUpdateStageCompleted},
		})
		if err == nil {
			err = handle.Get(ctx, snapshot)
		}
		if err == nil || try == openTries || !closing(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// closing tells whether a workflow ended while it was asked.
func closing(err error) bool {
	var gone *serviceerror.NotFound
	var aborted *serviceerror.Aborted
	var refused *temporal.ApplicationError
	return errors.As(err, &gone) || errors.As(err, &aborted) ||
		errors.As(err, &refused) && refused.Type() == "AcceptedUpdateCompletedWorkflow"
}

// ask sends an update and waits for its answer. The id makes a repeated
// sending of the same wish the same update.
func (s *Server) ask(ctx context.Context, workflowID, update, updateID string, answer any, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	handle, err := s.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		WorkflowID: workflowID, UpdateID: updateID, UpdateName: update, Args: args, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return fmt.Errorf("update %s: %w", update, err)
	}
	if err := handle.Get(ctx, answer); err != nil {
		return fmt.Errorf("update %s: %w", update, err)
	}
	return nil
}
