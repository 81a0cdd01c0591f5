package enginetest

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// GetSystemInfo tells of no capability.
func (s *Server) GetSystemInfo(context.Context, *workflowservice.GetSystemInfoRequest) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{
		ServerVersion: "0.0.0", Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{},
	}, nil
}

// DescribeNamespace knows what was registered.
func (s *Server) DescribeNamespace(_ context.Context, in *workflowservice.DescribeNamespaceRequest) (*workflowservice.DescribeNamespaceResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.namespaces[in.GetNamespace()]; !ok {
		return nil, serviceerror.NewNamespaceNotFound(in.GetNamespace())
	}
	return &workflowservice.DescribeNamespaceResponse{}, nil
}

// RegisterNamespace takes a namespace once.
func (s *Server) RegisterNamespace(_ context.Context, in *workflowservice.RegisterNamespaceRequest) (*workflowservice.RegisterNamespaceResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.namespaces[in.GetNamespace()]; ok {
		return nil, serviceerror.NewNamespaceAlreadyExists("it exists")
	}
	s.namespaces[in.GetNamespace()] = in.GetWorkflowExecutionRetentionPeriod().GetSeconds()
	return &workflowservice.RegisterNamespaceResponse{}, nil
}

// ListSearchAttributes lists what was added.
func (s *Server) ListSearchAttributes(context.Context, *operatorservice.ListSearchAttributesRequest) (*operatorservice.ListSearchAttributesResponse, error) {
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: s.Attributes()}, nil
}

// AddSearchAttributes takes each attribute once.
func (s *Server) AddSearchAttributes(_ context.Context, in *operatorservice.AddSearchAttributesRequest) (*operatorservice.AddSearchAttributesResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, kind := range in.GetSearchAttributes() {
		if _, ok := s.attributes[name]; ok {
			return nil, serviceerror.NewAlreadyExists("it exists")
		}
		s.attributes[name] = kind
	}
	return &operatorservice.AddSearchAttributesResponse{}, nil
}

// ListWorkflowExecutions finds no workflow.
func (s *Server) ListWorkflowExecutions(
	context.Context, *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	return &workflowservice.ListWorkflowExecutionsResponse{}, nil
}

// SignalWorkflowExecution keeps the signal.
func (s *Server) SignalWorkflowExecution(
	_ context.Context, in *workflowservice.SignalWorkflowExecutionRequest,
) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.signals = append(s.signals, Signal{
		WorkflowID: in.GetWorkflowExecution().GetWorkflowId(), Name: in.GetSignalName(), Input: in.GetInput(),
	})
	return &workflowservice.SignalWorkflowExecutionResponse{}, nil
}

// Workflow puts a workflow of the status on the server.
func (s *Server) Workflow(id string, status enumspb.WorkflowExecutionStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.workflows[id] = status
}

// DescribeWorkflowExecution knows the workflows that were put on the server.
func (s *Server) DescribeWorkflowExecution(
	_ context.Context, in *workflowservice.DescribeWorkflowExecutionRequest,
) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, ok := s.workflows[in.GetExecution().GetWorkflowId()]
	if !ok {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Execution: in.GetExecution(), Status: status},
	}, nil
}
