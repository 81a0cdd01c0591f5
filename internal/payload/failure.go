package payload

import (
	"errors"

	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"
)

// FailureTypeNoKey is the error type of an activity attempt whose own error
// could not be encrypted; it is retried, as the key store will be back.
const FailureTypeNoKey = "PayloadKeyUnavailable"

// NewFailureConverter is the failure converter for client and worker options:
// messages, stack traces and details are encrypted like any other value; the
// type of an error, by which retries and callers decide, stays readable.
func NewFailureConverter(cache *Cache) converter.FailureConverter {
	data := newConverter(cache)
	data.failures = true
	return tailoredFailures(workflow.DataConverterWithoutDeadlockDetection(data), nil)
}

// failureConverter adds what the SDK's converter lacks: the serialization
// context, without which there would be no key to encrypt with.
type failureConverter struct {
	data     converter.DataConverter
	inner    converter.FailureConverter
	workflow bool
}

var _ converter.FailureConverterWithSerializationContext = (*failureConverter)(nil)

func tailoredFailures(data converter.DataConverter, sc converter.SerializationContext) *failureConverter {
	_, inWorkflow := sc.(converter.WorkflowSerializationContext)
	return &failureConverter{
		data: data, workflow: inWorkflow,
		inner: temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{
			DataConverter: data, EncodeCommonAttributes: true,
		}),
	}
}

// WithSerializationContext is called by the SDK with the workflow the errors belong to.
func (c *failureConverter) WithSerializationContext(sc converter.SerializationContext) converter.FailureConverter {
	return tailoredFailures(converter.WithDataConverterSerializationContext(c.data, sc), sc)
}

// ErrorToFailure encrypts an error. The SDK's converter panics where a value
// cannot be encrypted. In a workflow that is right: the task is repeated. Elsewhere,
// an activity's attempt would stay unreported until its timeout, so it reports
// a failure without content instead.
func (c *failureConverter) ErrorToFailure(err error) (failure *failurepb.Failure) {
	if !c.workflow {
		defer func() {
			if recovered := recover(); recovered != nil {
				failure = withheld(recovered)
			}
		}()
	}
	return c.inner.ErrorToFailure(err)
}

// withheld says that there was an error and keeps everything else of it back.
func withheld(recovered any) *failurepb.Failure {
	cause, ok := recovered.(error)
	known := ok && (errors.Is(cause, ErrKeysUnavailable) || errors.Is(cause, ErrNoWorkflow))
	if !known {
		panic(recovered)
	}
	return &failurepb.Failure{
		Message: "the error is withheld: its content could not be encrypted",
		Source:  "remote-issuance",
		FailureInfo: &failurepb.Failure_ApplicationFailureInfo{ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{
			Type: FailureTypeNoKey,
		}},
	}
}

// FailureToError decrypts an error; one whose key is erased keeps its type
// and says "Encoded failure".
//
// It works on a copy: the SDK's converter writes the decrypted message into
// the failure it is given, and that of a local activity is on its way into
// history at that moment.
func (c *failureConverter) FailureToError(failure *failurepb.Failure) error {
	return c.inner.FailureToError(proto.CloneOf(failure))
}
