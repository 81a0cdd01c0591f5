package payload_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/interceptor"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/payload"
)

// heard is what a workflow took from its signals.
type heard struct{ Approved, Paid []string }

func listening(ctx workflow.Context, in person) (heard, error) {
	out := heard{}
	if err := errors.Join(
		workflow.SetUpdateHandler(ctx, "open", func(workflow.Context) error { out.Approved = append(out.Approved, "updated"); return nil }),
		workflow.SetQueryHandler(ctx, "stage", func() (person, error) { return in, nil }),
	); err != nil {
		return out, err
	}
	approved, paid := workflow.GetSignalChannel(ctx, "approved"), workflow.GetSignalChannel(ctx, "paid")
	read := func() bool {
		var p person
		for approved.ReceiveAsync(&p) {
			out.Approved = append(out.Approved, p.Name)
		}
		for paid.ReceiveAsync(&p) {
			out.Paid = append(out.Paid, p.Name)
		}
		return false
	}
	_, err := workflow.AwaitWithTimeout(ctx, 2*time.Hour, read)
	out.Approved = append([]string{in.Name}, out.Approved...)
	return out, err
}

// sender is a client of this installation and what it sends to the server.
func sender(t *testing.T, cache *payload.Cache) (client.Client, *enginetest.Server) {
	t.Helper()
	server := enginetest.New(t)
	c, err := client.NewLazyClient(client.Options{
		HostPort: server.Address, Logger: sdklog.NewStructuredLogger(discard()),
		DataConverter: payload.NewDataConverter(cache), FailureConverter: payload.NewFailureConverter(cache),
		Interceptors: []interceptor.ClientInterceptor{payload.NewInterceptor(cache)},
	})
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c, server
}

// sent is the value that the client sends with a signal.
func sent(t *testing.T, cache *payload.Cache, workflowID, name string, value any) *commonpb.Payload {
	t.Helper()
	c, server := sender(t, cache)
	require.NoError(t, c.SignalWorkflow(t.Context(), workflowID, "", name, value))
	require.Len(t, server.Signals()[0].Input.GetPayloads(), 1)
	return server.Signals()[0].Input.GetPayloads()[0]
}

// asSent lets the tests send raw values to the workflow as they are.
type asSent struct{ converter.DataConverter }

func (a asSent) ToPayloads(v ...any) (*commonpb.Payloads, error) {
	if raw, ok := append(v, nil)[0].(converter.RawValue); ok {
		if raw.Payload() == nil {
			return &commonpb.Payloads{}, nil
		}
		return &commonpb.Payloads{Payloads: []*commonpb.Payload{raw.Payload()}}, nil
	}
	return a.DataConverter.ToPayloads(v...)
}

func (a asSent) WithSerializationContext(sc converter.SerializationContext) converter.DataConverter {
	return asSent{converter.WithDataConverterSerializationContext(a.DataConverter, sc)}
}

func (a asSent) WithWorkflowContext(ctx workflow.Context) converter.DataConverter {
	return asSent{a.DataConverter.(workflow.ContextAware).WithWorkflowContext(ctx)}
}

func (a asSent) WithContext(ctx context.Context) converter.DataConverter {
	return asSent{a.DataConverter.(workflow.ContextAware).WithContext(ctx)}
}

// listen runs the workflow as a worker does and gives it raw signals.
func listen(t *testing.T, cache *payload.Cache, signals func(*testsuite.TestWorkflowEnvironment)) (heard, string) {
	t.Helper()
	var log strings.Builder
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(sdklog.NewStructuredLogger(slog.New(slog.NewTextHandler(&log, nil))))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "order-1", TaskQueue: "q"})
	env.SetDataConverter(asSent{payload.NewDataConverter(cache)})
	env.SetFailureConverter(payload.NewFailureConverter(cache))
	env.SetWorkerOptions(worker.Options{Interceptors: []interceptor.WorkerInterceptor{payload.NewInterceptor(cache)}})
	env.RegisterDelayedCallback(func() { signals(env) }, time.Hour)
	env.ExecuteWorkflow(listening, person{Name: marker})
	require.NoError(t, env.GetWorkflowError())
	var out heard
	require.NoError(t, env.GetWorkflowResult(&out))
	return out, log.String()
}

func plainOf(t *testing.T, value any) *commonpb.Payload {
	t.Helper()
	p, err := converter.GetDefaultDataConverter().ToPayload(value)
	require.NoError(t, err)
	return p
}

func TestM6_OnlyOurOwnSignalsHaveAnEffect(t *testing.T) {
	cache := newCache(t, newStore())
	good := sent(t, cache, "order-1", "approved", person{Name: "good"})
	require.NotContains(t, string(good.GetData()), "good")

	changed := proto.CloneOf(good)
	changed.Data[len(changed.Data)-1] ^= 1
	renamed := proto.CloneOf(sent(t, cache, "order-1", "paid", person{Name: "paid"}))
	renamed.Metadata[payload.MetadataPurpose] = []byte("signal:approved")
	unbound, err := of(cache, "order-1").ToPayload(person{Name: "result"})
	require.NoError(t, err)
	marked := proto.CloneOf(plainOf(t, person{Name: "marked"}))
	marked.Metadata["seen"] = make([]byte, 16)
	for name, forged := range map[string]*commonpb.Payload{
		"plain":                     plainOf(t, person{Name: "forged"}),
		"plain, named as encrypted": {Metadata: map[string][]byte{"encoding": []byte(payload.Encoding)}, Data: []byte("{}")},
		"plain, marked as opened":   marked,
		"nil":                       plainOf(t, nil),
		"nothing":                   nil,
		"changed":                   changed,
		"of another signal":         sent(t, cache, "order-1", "paid", person{Name: "paid"}),
		"renamed":                   renamed,
		"of another workflow":       sent(t, cache, "order-2", "approved", person{Name: "other"}),
		"of another installation":   sent(t, newCache(t, newStore()), "order-1", "approved", person{Name: "stranger"}),
		"a value of the workflow":   unbound,
		"a bare string":             plainOf(t, "forged"),
	} {
		t.Run(name, func(t *testing.T) {
			out, log := listen(t, cache, func(env *testsuite.TestWorkflowEnvironment) {
				env.SignalWorkflow("approved", converter.NewRawValue(good))
				env.SignalWorkflow("approved", converter.NewRawValue(forged))
				env.SignalWorkflow("approved", converter.NewRawValue(good))
			})
			require.Equal(t, heard{Approved: []string{marker, "good", "good"}}, out, "what is ours still arrives")
			require.Contains(t, log, "signal dropped")
			require.NotContains(t, log, "forged")
		})
	}
}

func TestM6_OnlyOurOwnInputIsRun(t *testing.T) {
	cache := newCache(t, newStore())
	c, server := sender(t, cache)
	for _, id := range []string{"order-1", "order-2"} {
		_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: "q"}, "Story", person{Name: marker})
		require.NoError(t, err)
	}
	_, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "order-3", TaskQueue: "q"}, "Other", person{Name: marker})
	require.NoError(t, err)
	inputs := server.Starts()
	ran := make(chan string, 1)
	story := func(ctx workflow.Context, in person) error {
		if !workflow.IsReplaying(ctx) {
			ran <- in.Name
		}
		return workflow.Sleep(ctx, time.Hour)
	}
	other := proto.CloneOf(inputs[2].GetInput())
	require.Equal(t, "input:Other", string(other.Payloads[0].Metadata[payload.MetadataPurpose]))
	signal := sent(t, cache, "order-1", "approved", person{Name: "signal"})
	for name, input := range map[string]*commonpb.Payloads{
		"nothing": nil, "plain": {Payloads: []*commonpb.Payload{plainOf(t, person{Name: "forged"})}},
		"nil": {Payloads: []*commonpb.Payload{plainOf(t, nil)}}, "of another workflow": inputs[1].GetInput(), "of another type": other,
		"a signal": {Payloads: []*commonpb.Payload{signal}},
	} {
		t.Run(name, func(t *testing.T) {
			f := serve(t, cache, story)
			f.tasks <- firstTask(input)
			answer := <-f.answers
			require.Equal(t, enumspb.COMMAND_TYPE_FAIL_WORKFLOW_EXECUTION, answer.Commands[0].CommandType, "ends instead of waiting for its repair")
			require.Empty(t, ran)
		})
	}
	f := serve(t, cache, story)
	f.tasks <- firstTask(inputs[0].GetInput())
	require.Equal(t, marker, <-ran)
	<-f.answers
}

func TestM6_AnActivitysResultThatIsNotItsOwnStopsTheTask(t *testing.T) {
	cache := newCache(t, newStore())
	at := func(activity string) converter.DataConverter {
		return converter.WithDataConverterSerializationContext(payload.NewDataConverter(cache),
			converter.ActivitySerializationContext{WorkflowID: "order-1", ActivityType: activity})
	}
	own, err := at("IssueCertificate").ToPayloads(person{Name: marker})
	require.NoError(t, err)
	other, err := at("CheckRegisters").ToPayloads(person{Name: "other"})
	require.NoError(t, err)
	reader := at("IssueCertificate")
	inWorkflow := reader.(workflow.ContextAware).WithWorkflowContext(nil)
	var back person
	require.NoError(t, inWorkflow.FromPayloads(own, &back))
	require.Equal(t, marker, back.Name)
	for name, forged := range map[string]*commonpb.Payloads{
		"nothing": nil, "plain": {Payloads: []*commonpb.Payload{plainOf(t, person{Name: "forged"})}},
		"of another activity": other, "a signal": {Payloads: []*commonpb.Payload{sent(t, cache, "order-1", "approved", person{})}},
	} {
		t.Run(name, func(t *testing.T) {
			var back person
			require.Error(t, reader.FromPayloads(forged, &back))
			require.Panics(t, func() { _ = inWorkflow.FromPayloads(forged, &back) })
			require.Empty(t, back)
		})
	}
}

func TestPurposesAreAuthenticated(t *testing.T) {
	cache := newCache(t, newStore())
	bare := payload.NewDataConverter(cache)
	p := sent(t, cache, "order-1", "approved", person{Name: marker})
	var back person
	require.NoError(t, bare.FromPayload(p, &back))
	for _, purpose := range []string{"", "signal:paid", "signal:approved2", "input:approved"} {
		changed := proto.CloneOf(p)
		changed.Metadata[payload.MetadataPurpose] = []byte(purpose)
		require.ErrorIs(t, bare.FromPayload(changed, &back), payload.ErrTampered)
	}
}

func TestM6_ForeignUpdatesAndQueriesAreRefused(t *testing.T) {
	cache := newCache(t, newStore())
	out, _ := listen(t, cache, func(env *testsuite.TestWorkflowEnvironment) {
		_, err := env.QueryWorkflow("stage")
		require.Error(t, err)
		var rejected error
		env.UpdateWorkflow("open", "1", &testsuite.TestUpdateCallback{
			OnAccept: func() { t.Error("accepted") }, OnReject: func(err error) { rejected = err }, OnComplete: func(any, error) {},
		})
		env.RegisterDelayedCallback(func() { require.ErrorIs(t, rejected, payload.ErrNotEncrypted) }, time.Minute)
	})
	require.Equal(t, heard{Approved: []string{marker}}, out)
}

func TestStartAndSignalAtOnceIsNotBound(t *testing.T) {
	c, server := sender(t, newCache(t, newStore()))
	_, err := c.SignalWithStartWorkflow(t.Context(), "order-1", "approved", person{}, client.StartWorkflowOptions{TaskQueue: "q"}, "Story", person{})
	require.Error(t, err)
	require.Empty(t, server.Starts())
}
