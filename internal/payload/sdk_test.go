package payload_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/sdk/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/internal/payload"
)

// wire stands where the server would and keeps what it would be sent.
type wire struct {
	converter.DataConverter
	log *wireLog
}

type wireLog struct {
	mu   sync.Mutex
	sent []*commonpb.Payload
}

func (w wire) ToPayload(v any) (*commonpb.Payload, error) {
	p, err := w.DataConverter.ToPayload(v)
	w.log.keep(p)
	return p, err
}

func (w wire) ToPayloads(v ...any) (*commonpb.Payloads, error) {
	list, err := w.DataConverter.ToPayloads(v...)
	w.log.keep(list.GetPayloads()...)
	return list, err
}

func (w wire) WithSerializationContext(sc converter.SerializationContext) converter.DataConverter {
	return wire{converter.WithDataConverterSerializationContext(w.DataConverter, sc), w.log}
}

func (w wire) WithWorkflowContext(ctx workflow.Context) converter.DataConverter {
	return wire{w.DataConverter.(workflow.ContextAware).WithWorkflowContext(ctx), w.log}
}

func (w wire) WithContext(ctx context.Context) converter.DataConverter {
	return wire{w.DataConverter.(workflow.ContextAware).WithContext(ctx), w.log}
}

func (l *wireLog) keep(list ...*commonpb.Payload) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range list {
		if p != nil {
			l.sent = append(l.sent, proto.Clone(p).(*commonpb.Payload))
		}
	}
}

const summary = "sends the letter"

// story uses every way a value can leave a workflow.
func story(ctx workflow.Context, in person) (person, error) {
	workflow.SetCurrentDetails(ctx, "waits for the decision")
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, Summary: summary, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 1},
	})
	ctx = workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: time.Minute})
	var out person
	if err := workflow.ExecuteActivity(ctx, echo, in).Get(ctx, &out); err != nil {
		return person{}, err
	}
	if err := workflow.ExecuteLocalActivity(ctx, echo, out).Get(ctx, &out); err != nil {
		return person{}, err
	}
	var signal person
	workflow.GetSignalChannel(ctx, "approved").Receive(ctx, &signal)
	if signal.Name != marker {
		return person{}, errors.New("the signal did not arrive whole")
	}
	return out, workflow.ExecuteActivity(ctx, refuse, in).Get(ctx, nil)
}

func echo(_ context.Context, in person) (person, error) { return in, nil }

func refuse(_ context.Context, in person) error {
	return temporal.NewNonRetryableApplicationError("no such person: "+in.Name, "Refused", nil, in)
}

func TestPrivacyOfHistory_ThroughTheSDK(t *testing.T) {
	cache := newCache(t, newStore())
	log := &wireLog{}
	suite := &testsuite.WorkflowTestSuite{}
	suite.SetLogger(sdklog.NewStructuredLogger(discard()))
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "order-1", TaskQueue: "q"})
	env.SetDataConverter(wire{payload.NewDataConverter(cache), log})
	env.SetFailureConverter(payload.NewFailureConverter(cache))
	env.RegisterActivity(echo)
	env.RegisterActivity(refuse)
	env.RegisterDelayedCallback(func() {
		answer, err := env.QueryWorkflow("__temporal_workflow_metadata")
		require.NoError(t, err)
		var metadata sdk.WorkflowMetadata
		require.NoError(t, answer.Get(&metadata))
		require.Equal(t, "waits for the decision", metadata.CurrentDetails)
		env.SignalWorkflow("approved", person{Name: marker})
	}, time.Hour)
	env.ExecuteWorkflow(story, person{Name: marker})

	err := env.GetWorkflowError()
	var refused *temporal.ApplicationError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "Refused", refused.Type())
	require.Contains(t, refused.Message(), marker, "who may read it reads it whole")
	var details person
	require.NoError(t, refused.Details(&details))
	require.Equal(t, marker, details.Name)

	encrypted := 0
	for _, p := range log.sent {
		raw, err := proto.Marshal(p)
		require.NoError(t, err)
		require.NotContains(t, string(raw), marker)
		if string(p.Metadata["encoding"]) == payload.Encoding {
			encrypted++
		}
	}
	require.GreaterOrEqual(t, encrypted, 5)
	require.True(t, log.hasPlain("waits for the decision"), "current details are readable in the UI")
}

func (l *wireLog) hasPlain(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, p := range l.sent {
		raw, err := proto.Marshal(p)
		if err == nil && string(p.Metadata["encoding"]) != payload.Encoding && bytesContain(raw, text) {
			return true
		}
	}
	return false
}
