package webhook

import (
	"errors"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// State tells whether an endpoint is told of events.
type State string

// The states of endpoints.
const (
	StateEnabled  State = "enabled"
	StateDisabled State = "disabled"
)

// Cause is why an endpoint is disabled.
type Cause string

// The causes.
const (
	CauseNone     Cause = ""
	CauseClient   Cause = "client"   // its owner wanted it
	CauseOperator Cause = "operator" // an operator wanted it
	CauseGone     Cause = "gone"     // it answered 410
	CauseFailing  Cause = "failing"  // nothing but failures for DisableAfter
)

// Client is who owns endpoints: a program with a token.
type Client struct {
	// Key is the keyed hash of the client.
	Key string
	// UNP is the organisation whose events the client sees; empty for all events.
	UNP string
}

// Endpoint is where a client wants to be told of events.
type Endpoint struct {
	ID          order.ID
	Client      Client
	URL         string
	Description string
	// Types are those wanted; all when there are none.
	Types []events.Type
	State State
	Cause Cause
	// FailingSince is the first failure after the last success; zero without one.
	FailingSince time.Time
	// OldSecretEnds is until when messages are signed under the secret before, too.
	OldSecretEnds time.Time
	CreatedAt     time.Time
	ChangedAt     time.Time
}

// Change is what an owner changes of an endpoint; nil keeps.
type Change struct {
	Types       *[]events.Type
	Description *string
	Enabled     *bool
}

// Errors of stores.
var (
	// ErrExists: the client has an endpoint with that URL.
	ErrExists = errors.New("there is an endpoint with that address")
	// ErrTooMany: the client has as many endpoints as allowed.
	ErrTooMany = errors.New("too many endpoints")
)

// MostEndpoints is how many endpoints a client may have.
const MostEndpoints = 20

// Overlap is how long the secret before a rotation signs, too.
const Overlap = 24 * time.Hour

// GoodTypes tells whether all of the types can be subscribed to, each once.
func GoodTypes(types []events.Type) bool {
	for i, t := range types {
		if !t.Known() || slices.Contains(types[:i], t) {
			return false
		}
	}
	return true
}

// DeliveryState tells how far one event has come with one endpoint.
type DeliveryState string

// The states of deliveries.
const (
	DeliveryPending   DeliveryState = "pending"
	DeliveryDelivered DeliveryState = "delivered"
	// DeliveryFailed: there are no more attempts unless it is replayed.
	DeliveryFailed DeliveryState = "failed"
)

// Delivery is what became of one event with one endpoint.
type Delivery struct {
	Event    events.Event
	State    DeliveryState
	Attempts int
	// Status is the HTTP status of the last answer, 0 without one.
	Status int
	// Outcome is how the last attempt ended; empty before it.
	Outcome Outcome
	// AttemptedAt is the last attempt, NextAttempt the one to come; zero without one.
	AttemptedAt time.Time
	NextAttempt time.Time
}
