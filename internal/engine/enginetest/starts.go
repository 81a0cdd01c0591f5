package enginetest

import (
	"context"
	"slices"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
)

// Starts are the workflows started so far, each id once.
func (s *Server) Starts() []*workflowservice.StartWorkflowExecutionRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.starts)
}

// StartWorkflowExecution starts each workflow id once.
func (s *Server) StartWorkflowExecution(
	_ context.Context, in *workflowservice.StartWorkflowExecutionRequest,
) (*workflowservice.StartWorkflowExecutionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, earlier := range s.starts {
		if earlier.GetWorkflowId() == in.GetWorkflowId() {
			return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("it exists", "", "run-1")
		}
	}
	s.starts = append(s.starts, in)
	return &workflowservice.StartWorkflowExecutionResponse{RunId: "run-1", Started: true}, nil
}
