package enginetest

import (
	"context"
	"maps"
	"slices"
	"strconv"

	commonpb "go.temporal.io/api/common/v1"
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

// ListWorkflowExecutions gives the workflows that Runs has put on the server, one a page, in order of their ids.
func (s *Server) ListWorkflowExecutions(
	_ context.Context, in *workflowservice.ListWorkflowExecutionsRequest,
) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	after, out := string(in.GetNextPageToken()), &workflowservice.ListWorkflowExecutionsResponse{}
	for _, id := range slices.Sorted(maps.Keys(s.shown)) {
		if id <= after || s.workflows[id] != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			continue
		}
		if len(out.GetExecutions()) > 0 {
			out.NextPageToken = []byte(out.GetExecutions()[0].GetExecution().GetWorkflowId())
			break
		}
		info := &workflowpb.WorkflowExecutionInfo{Execution: &commonpb.WorkflowExecution{WorkflowId: id}}
		if attributes := s.shown[id]; len(attributes) > 0 {
			info.SearchAttributes = &commonpb.SearchAttributes{IndexedFields: attributes}
		}
		out.Executions = append(out.Executions, info)
	}
	return out, nil
}

// Runs puts a running workflow on the server that has shown the attributes.
func (s *Server) Runs(id string, attributes map[string]string) {
	s.Workflow(id, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shown[id] = map[string]*commonpb.Payload{}
	for name, value := range attributes {
		s.shown[id][name] = &commonpb.Payload{Metadata: map[string][]byte{"encoding": []byte("json/plain")}, Data: []byte(strconv.Quote(value))}
	}
}

// TerminateWorkflowExecution ends a workflow that runs.
func (s *Server) TerminateWorkflowExecution(
	_ context.Context, in *workflowservice.TerminateWorkflowExecutionRequest,
) (*workflowservice.TerminateWorkflowExecutionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := in.GetWorkflowExecution().GetWorkflowId()
	if s.workflows[id] != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	s.workflows[id] = enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED
	return &workflowservice.TerminateWorkflowExecutionResponse{}, nil
}

// SignalWorkflowExecution keeps the signal; one that was put on the server as ended takes none.
func (s *Server) SignalWorkflowExecution(
	_ context.Context, in *workflowservice.SignalWorkflowExecutionRequest,
) (*workflowservice.SignalWorkflowExecutionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	status, known := s.workflows[in.GetWorkflowExecution().GetWorkflowId()]
	if known && status != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
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
