// Package enginetest is a Temporal server for tests that knows health,
// namespaces, search attributes, starts, signals,
// updates and schedules, and runs nothing.
package enginetest

import (
	"context"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	schedulepb "go.temporal.io/api/schedule/v1"
	"go.temporal.io/api/serviceerror"
	updatepb "go.temporal.io/api/update/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// Server is the server; its zero value is of no use, New starts one.
type Server struct {
	workflowservice.UnimplementedWorkflowServiceServer
	operatorservice.UnimplementedOperatorServiceServer

	// Address is where it listens, host:port.
	Address string

	health *health.Server
	mu     sync.Mutex
	// refuse holds errors by method, each answered once, in order.
	refuse     map[string][]error
	namespaces map[string]int64
	attributes map[string]enumspb.IndexedValueType
	signals    []Signal
	updates    []*updatepb.Request
	starts     []*workflowservice.StartWorkflowExecutionRequest
	schedules  map[string]*schedulepb.Schedule
	workflows  map[string]enumspb.WorkflowExecutionStatus
	shown      map[string]map[string]*commonpb.Payload
	deployment *Deployment
}

// Signal is one that the server has taken.
type Signal struct {
	WorkflowID, Name string
	Input            *commonpb.Payloads
}

// New starts a healthy server without namespaces; it ends with the test. The
// options are those of the gRPC server, such as credentials.
func New(t testing.TB, options ...grpc.ServerOption) *Server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("temporal fake: %v", err)
	}
	s := &Server{
		Address: listener.Addr().String(), health: health.NewServer(), refuse: map[string][]error{},
		namespaces: map[string]int64{}, attributes: map[string]enumspb.IndexedValueType{},
		schedules: map[string]*schedulepb.Schedule{}, workflows: map[string]enumspb.WorkflowExecutionStatus{},
		shown: map[string]map[string]*commonpb.Payload{},
	}
	server := grpc.NewServer(append(options, grpc.UnaryInterceptor(s.answer))...)
	workflowservice.RegisterWorkflowServiceServer(server, s)
	operatorservice.RegisterOperatorServiceServer(server, s)
	healthpb.RegisterHealthServer(server, s.health)
	s.Healthy(true)
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	t.Cleanup(func() {
		server.Stop()
		if err := <-stopped; err != nil {
			t.Errorf("temporal fake: %v", err)
		}
	})
	return s
}

// answer refuses what it was told to and writes errors as Temporal does.
func (s *Server) answer(ctx context.Context, in any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if err := s.refused(info.FullMethod); err != nil {
		return nil, serviceerror.ToStatus(err).Err()
	}
	out, err := next(ctx, in)
	if err != nil {
		return nil, serviceerror.ToStatus(err).Err()
	}
	return out, nil
}

func (s *Server) refused(fullMethod string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for method, list := range s.refuse {
		if len(list) > 0 && strings.HasSuffix(fullMethod, "/"+method) {
			s.refuse[method] = list[1:]
			return list[0]
		}
	}
	return nil
}

// Refuse lets the next calls of a method, such as "DescribeNamespace", fail,
// one with each error; nil lets a call pass.
func (s *Server) Refuse(method string, errs ...error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse[method] = errs
}

// Healthy tells whether the server says that it serves.
func (s *Server) Healthy(yes bool) {
	status := healthpb.HealthCheckResponse_NOT_SERVING
	if yes {
		status = healthpb.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus(workflowservice.WorkflowService_ServiceDesc.ServiceName, status)
}

// Namespaces are those registered, with their retention in seconds.
func (s *Server) Namespaces() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.namespaces)
}

// Attributes are the search attributes registered.
func (s *Server) Attributes() map[string]enumspb.IndexedValueType {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.attributes)
}

// Signals are those taken so far.
func (s *Server) Signals() []Signal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.signals)
}
