package payload_test

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/proto"

	"github.com/remote-issuance/remote-issuance/internal/payload"
)

func discard() *slog.Logger { return slog.New(slog.DiscardHandler) }

func bytesContain(raw []byte, text string) bool { return bytes.Contains(raw, []byte(text)) }

var activityContext = converter.ActivitySerializationContext{WorkflowID: "order-1", ActivityType: "IssueCertificate"}

func failuresOf(cache *payload.Cache, sc converter.SerializationContext) converter.FailureConverter {
	return converter.WithFailureConverterSerializationContext(payload.NewFailureConverter(cache), sc)
}

func TestFailuresAreEncryptedAndKeepTheirType(t *testing.T) {
	fc := failuresOf(newCache(t, newStore()), activityContext)
	cause := errors.New("cause " + marker)
	failure := fc.ErrorToFailure(temporal.NewApplicationErrorWithCause("message "+marker, "Refused", cause, person{Name: marker}))
	raw, err := proto.Marshal(failure)
	require.NoError(t, err)
	require.False(t, bytesContain(raw, marker))
	require.Equal(t, "Refused", failure.GetApplicationFailureInfo().GetType())

	var back *temporal.ApplicationError
	require.ErrorAs(t, fc.FailureToError(failure), &back)
	after, err := proto.Marshal(failure)
	require.NoError(t, err)
	require.False(t, bytesContain(after, marker), "reading a failure leaves it encrypted")
	require.Equal(t, "message "+marker, back.Message())
	require.ErrorContains(t, errors.Unwrap(back), "cause "+marker)
	var details person
	require.NoError(t, back.Details(&details))
	require.Equal(t, marker, details.Name)
}

func TestAFailureWhoseKeyIsErasedKeepsItsType(t *testing.T) {
	store := newStore()
	cache := newCache(t, store)
	fc := failuresOf(cache, activityContext)
	failure := fc.ErrorToFailure(temporal.NewApplicationError("message "+marker, "Refused"))
	store.erase("order-1")
	cache.Forget("order-1")
	var back *temporal.ApplicationError
	require.ErrorAs(t, fc.FailureToError(failure), &back)
	require.Equal(t, "Refused", back.Type())
	require.NotContains(t, back.Error(), marker)
}

func TestAFailureThatCannotBeEncryptedIsWithheld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newStore()
		cache := newCache(t, store)
		store.fail(1000)
		failure := failuresOf(cache, activityContext).ErrorToFailure(
			temporal.NewNonRetryableApplicationError("message "+marker, "Refused", nil, person{Name: marker}))
		raw, err := proto.Marshal(failure)
		require.NoError(t, err)
		require.False(t, bytesContain(raw, marker))
		require.Equal(t, payload.FailureTypeNoKey, failure.GetApplicationFailureInfo().GetType())
		require.False(t, failure.GetApplicationFailureInfo().GetNonRetryable(), "the attempt is repeated")

		inWorkflow := failuresOf(cache, converter.WorkflowSerializationContext{WorkflowID: "order-1"})
		require.Panics(t, func() { inWorkflow.ErrorToFailure(errors.New(marker)) }, "the task is repeated")
	})
}

func TestNoErrorIsNoFailure(t *testing.T) {
	fc := failuresOf(newCache(t, newStore()), activityContext)
	require.Nil(t, fc.ErrorToFailure(nil))
	require.NoError(t, fc.FailureToError(nil))
}
