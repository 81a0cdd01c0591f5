package payload

import (
	"context"
	"errors"

	"go.temporal.io/sdk/converter"
)

// Errors by which a value from outside is refused: whoever can write to the
// Temporal server, and has no keys, made it or moved it to where it stands.
var (
	// ErrNotEncrypted says that a value is missing or carries no encryption.
	ErrNotEncrypted = errors.New("a value is not encrypted as this installation encrypts it")
	// ErrForeignKey says that a value is encrypted under another workflow's key.
	ErrForeignKey = errors.New("a value is encrypted under another workflow's key")
	// ErrMisplaced says that a value was encrypted for another message or activity.
	ErrMisplaced = errors.New("a value was encrypted for another message")
)

func refused(err error) bool {
	return errors.Is(err, ErrNotEncrypted) || errors.Is(err, ErrForeignKey) || errors.Is(err, ErrMisplaced) || errors.Is(err, ErrTampered)
}

// purpose is what a value was encrypted for: kind and name of the message or
// the activity. It is additional data of the encryption, so that a value that
// was encrypted for one place is worth nothing in another.
type purpose string

const (
	// ofWorkflow are values that a workflow makes itself, its result among them.
	ofWorkflow purpose = ""
	ofFailure  purpose = "failure"
)

func inputOf(workflowType string) purpose    { return purpose("input:" + workflowType) }
func signalOf(name string) purpose           { return purpose("signal:" + name) }
func updateOf(name string) purpose           { return purpose("update:" + name) }
func activityOf(activityType string) purpose { return purpose("activity:" + activityType) }

type purposeKey struct{}

// withPurpose says what the values are for that are encrypted under ctx.
func withPurpose(ctx context.Context, p purpose) context.Context {
	return context.WithValue(ctx, purposeKey{}, p)
}

// place is where a value is written or read, as far as the SDK tells.
type place struct {
	workflowID string
	purpose    purpose
	// exact places take values for their purpose only.
	exact bool
	// activity is set for values of activities.
	activity bool
}

func placeOf(sc converter.SerializationContext) place {
	switch sc := sc.(type) {
	case converter.WorkflowSerializationContext:
		return place{workflowID: sc.WorkflowID}
	case converter.ActivitySerializationContext:
		return place{workflowID: sc.WorkflowID, purpose: activityOf(sc.ActivityType), exact: true, activity: true}
	default:
		return place{}
	}
}
