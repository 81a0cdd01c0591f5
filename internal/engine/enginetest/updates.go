package enginetest

import (
	"context"
	"slices"

	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// Updates are the requests taken so far.
func (s *Server) Updates() []*updatepb.Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.updates)
}

// UpdateWorkflowExecution takes every update and answers it with nothing.
func (s *Server) UpdateWorkflowExecution(
	_ context.Context, in *workflowservice.UpdateWorkflowExecutionRequest,
) (*workflowservice.UpdateWorkflowExecutionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.updates = append(s.updates, in.GetRequest())
	return &workflowservice.UpdateWorkflowExecutionResponse{
		UpdateRef: &updatepb.UpdateRef{WorkflowExecution: in.GetWorkflowExecution(), UpdateId: in.GetRequest().GetMeta().GetUpdateId()},
		Stage:     in.GetWaitPolicy().GetLifecycleStage(),
		Outcome:   &updatepb.Outcome{Value: &updatepb.Outcome_Success{}},
	}, nil
}
