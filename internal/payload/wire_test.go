package payload_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commandpb "go.temporal.io/api/command/v1"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	namespacepb "go.temporal.io/api/namespace/v1"
	querypb "go.temporal.io/api/query/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/remote-issuance/remote-issuance/internal/payload"
)

// frontend is as much of a Temporal server as one workflow task needs: it
// hands the task out and keeps, byte for byte, what the worker answers.
type frontend struct {
	workflowservice.UnimplementedWorkflowServiceServer
	tasks   chan *workflowservice.PollWorkflowTaskQueueResponse
	answers chan *workflowservice.RespondWorkflowTaskCompletedRequest
}

func (f *frontend) GetSystemInfo(
	context.Context, *workflowservice.GetSystemInfoRequest,
) (*workflowservice.GetSystemInfoResponse, error) {
	return &workflowservice.GetSystemInfoResponse{Capabilities: &workflowservice.GetSystemInfoResponse_Capabilities{}}, nil
}

func (f *frontend) DescribeNamespace(
	context.Context, *workflowservice.DescribeNamespaceRequest,
) (*workflowservice.DescribeNamespaceResponse, error) {
	return &workflowservice.DescribeNamespaceResponse{NamespaceInfo: &namespacepb.NamespaceInfo{Name: "default"}}, nil
}

func (f *frontend) PollWorkflowTaskQueue(
	ctx context.Context, _ *workflowservice.PollWorkflowTaskQueueRequest,
) (*workflowservice.PollWorkflowTaskQueueResponse, error) {
	select {
	case task := <-f.tasks:
		return task, nil
	case <-ctx.Done():
		return &workflowservice.PollWorkflowTaskQueueResponse{}, nil
	}
}

func (f *frontend) PollActivityTaskQueue(
	ctx context.Context, _ *workflowservice.PollActivityTaskQueueRequest,
) (*workflowservice.PollActivityTaskQueueResponse, error) {
	<-ctx.Done()
	return &workflowservice.PollActivityTaskQueueResponse{}, nil
}

func (f *frontend) RespondWorkflowTaskCompleted(
	_ context.Context, r *workflowservice.RespondWorkflowTaskCompletedRequest,
) (*workflowservice.RespondWorkflowTaskCompletedResponse, error) {
	f.answers <- r
	return &workflowservice.RespondWorkflowTaskCompletedResponse{}, nil
}

// serve starts the frontend and a worker on it, both ended with the test.
func serve(t *testing.T, cache *payload.Cache, definition any) *frontend {
	t.Helper()
	f := &frontend{
		tasks:   make(chan *workflowservice.PollWorkflowTaskQueueResponse, 1),
		answers: make(chan *workflowservice.RespondWorkflowTaskCompletedRequest, 1),
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := grpc.NewServer()
	workflowservice.RegisterWorkflowServiceServer(server, f)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	c, err := client.NewLazyClient(client.Options{
		HostPort: listener.Addr().String(), Logger: sdklog.NewStructuredLogger(discard()),
		DataConverter: payload.NewDataConverter(cache), FailureConverter: payload.NewFailureConverter(cache),
		Interceptors: []interceptor.ClientInterceptor{payload.NewInterceptor(cache)},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	w := worker.New(c, "q", worker.Options{WorkerStopTimeout: time.Second})
	w.RegisterWorkflowWithOptions(definition, workflow.RegisterOptions{Name: "Story"})
	w.RegisterActivity(echo)
	w.RegisterActivity(refuse)
	require.NoError(t, w.Start())
	t.Cleanup(w.Stop)
	return f
}

// firstTask is the first task of a run, with a question about its details.
func firstTask(input *commonpb.Payloads) *workflowservice.PollWorkflowTaskQueueResponse {
	queue := &taskqueuepb.TaskQueue{Name: "q"}
	kind := &commonpb.WorkflowType{Name: "Story"}
	return &workflowservice.PollWorkflowTaskQueueResponse{
		TaskToken: []byte("token"), WorkflowType: kind, StartedEventId: 3, Attempt: 1,
		WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: "order-1", RunId: "run-1"},
		Queries:           map[string]*querypb.WorkflowQuery{"q1": {QueryType: "__temporal_workflow_metadata"}},
		History: &historypb.History{Events: []*historypb.HistoryEvent{
			{EventId: 1, EventType: enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
				Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
					WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{
						WorkflowType: kind, TaskQueue: queue, Input: input, WorkflowTaskTimeout: durationpb.New(10 * time.Second),
						OriginalExecutionRunId: "run-1", FirstExecutionRunId: "run-1",
					}}},
			{EventId: 2, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
				Attributes: &historypb.HistoryEvent_WorkflowTaskScheduledEventAttributes{
					WorkflowTaskScheduledEventAttributes: &historypb.WorkflowTaskScheduledEventAttributes{TaskQueue: queue, Attempt: 1}}},
			{EventId: 3, EventType: enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED,
				Attributes: &historypb.HistoryEvent_WorkflowTaskStartedEventAttributes{
					WorkflowTaskStartedEventAttributes: &historypb.WorkflowTaskStartedEventAttributes{ScheduledEventId: 2}}},
		}},
	}
}

// waiting leaves one command of each kind that carries values.
func waiting(ctx workflow.Context, in person) error {
	workflow.SetCurrentDetails(ctx, "waits for the decision")
	_ = workflow.GetVersion(ctx, "second-check", workflow.DefaultVersion, 2)
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: time.Minute, Summary: "checks the request",
	})
	var out person
	if err := workflow.ExecuteLocalActivity(local, echo, in).Get(ctx, &out); err != nil {
		return err
	}
	remote := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, Summary: "sends the letter"})
	workflow.ExecuteActivity(remote, echo, out)
	workflow.NewTimerWithOptions(ctx, time.Hour, workflow.TimerOptions{Summary: "the term for the decision"})
	workflow.SignalExternalWorkflow(ctx, "order-2", "", "approved", out)
	return workflow.Sleep(ctx, 2*time.Hour)
}

func failing(ctx workflow.Context, in person) error {
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	return workflow.ExecuteLocalActivity(local, refuse, in).Get(ctx, nil)
}

func answerOf(t *testing.T, cache *payload.Cache, definition any) *workflowservice.RespondWorkflowTaskCompletedRequest {
	t.Helper()
	f := serve(t, cache, definition)
	input, err := of(cache, "order-1").ToPayloads(person{Name: marker})
	require.NoError(t, err)
	f.tasks <- firstTask(input)
	select {
	case answer := <-f.answers:
		raw, err := proto.Marshal(answer)
		require.NoError(t, err)
		require.False(t, bytesContain(raw, marker), "personal data would reach the server")
		return answer
	case <-time.After(30 * time.Second):
		t.Fatal("the worker did not answer")
		return nil
	}
}

func plainText(t *testing.T, p *commonpb.Payload) string {
	t.Helper()
	var text string
	require.NoError(t, converter.GetDefaultDataConverter().FromPayload(p, &text), "readable without a key")
	return text
}

func TestPrivacyOfHistory_OnTheWire(t *testing.T) {
	cache := newCache(t, newStore())
	answer := answerOf(t, cache, waiting)
	seen := map[enumspb.CommandType]int{}
	var summaries []string
	for _, c := range answer.Commands {
		seen[c.CommandType]++
		if s := c.GetUserMetadata().GetSummary(); s != nil {
			summaries = append(summaries, plainText(t, s))
		}
		if signal := c.GetSignalExternalWorkflowExecutionCommandAttributes(); signal != nil {
			var sent person
			require.NoError(t, payload.NewDataConverter(cache).FromPayloads(signal.Input, &sent))
			require.Equal(t, "signal:approved", string(signal.Input.Payloads[0].Metadata[payload.MetadataPurpose]))
			require.Equal(t, marker, sent.Name)
			own, err := of(cache, "order-2").ToPayload(person{})
			require.NoError(t, err)
			require.Equal(t, keyIDOf(own), keyIDOf(signal.Input.Payloads[0]), "under the key of who receives it")
		}
		if m := c.GetRecordMarkerCommandAttributes(); m.GetMarkerName() == "LocalActivity" {
			requireReadableMarker(t, m)
		}
	}
	require.ElementsMatch(t, []string{"checks the request", "sends the letter", "the term for the decision", "Sleep"}, summaries)
	require.Equal(t, 1, seen[enumspb.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK])
	require.Equal(t, 1, seen[enumspb.COMMAND_TYPE_SIGNAL_EXTERNAL_WORKFLOW_EXECUTION])
	require.Equal(t, 2, seen[enumspb.COMMAND_TYPE_START_TIMER])
	details := answer.QueryResults["q1"].GetAnswer().GetPayloads()
	require.Len(t, details, 1)
	require.Contains(t, string(details[0].Data), "waits for the decision", "the UI shows it without a key")
}

func requireReadableMarker(t *testing.T, m *commandpb.RecordMarkerCommandAttributes) {
	t.Helper()
	var data struct{ ActivityType string }
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(m.Details["data"], &data))
	require.Equal(t, "echo", data.ActivityType, "the UI names the step")
	require.Equal(t, payload.Encoding, string(m.Details["result"].Payloads[0].Metadata["encoding"]))
}

func TestPrivacyOfHistory_FailuresOnTheWire(t *testing.T) {
	cache := newCache(t, newStore())
	answer := answerOf(t, cache, failing)
	last := answer.Commands[len(answer.Commands)-1]
	failure := last.GetFailWorkflowExecutionCommandAttributes().GetFailure()
	require.NotNil(t, failure)
	err := failuresOf(cache, converter.WorkflowSerializationContext{WorkflowID: "order-1"}).FailureToError(failure)
	require.ErrorContains(t, err, marker, "who has the key reads it")
}
