package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
)

// Notice is one row of the outbox: one message by one channel.
type Notice struct {
	ID uuid.UUID
	// OrderID is the order or confirmation the message is about; credentials are asked by it.
	OrderID  string
	Kind     Kind
	Channel  Channel
	Language Language
	// To is an e-mail address or a phone, +375XXXXXXXXX.
	To   string
	Data Data
	// Attempts counts the failed ones before; zero for a new notice.
	Attempts int
	// Created is when the notice was written; its age decides when it is given up
	// (never, when it is zero).
	Created time.Time
}

// Outbox is the queue of notices. It survives restarts and is shared by processes.
type Outbox interface {
	// Claim leases at most limit notices of the channel that are due to this caller:
	// until the lease ends nobody else gets them. Those due first come first.
	Claim(ctx context.Context, channel Channel, limit int, lease time.Duration) ([]Notice, error)
	// Accepted records that the other side took the message, with its id.
	Accepted(ctx context.Context, id uuid.UUID, providerID string) error
	// Retry records a failed attempt; the notice is due again at the instant.
	Retry(ctx context.Context, id uuid.UUID, at time.Time, cause string) error
	// GiveUp records that the notice will not be sent.
	GiveUp(ctx context.Context, id uuid.UUID, cause string) error
}

// ErrNoSecret is returned by Secrets when the credentials do not exist any more.
var ErrNoSecret = errors.New("the credentials are gone")

// Credentials open the storage of one issued certificate.
type Credentials struct {
	Login    string
	Password string
	// Until is when they stop opening anything.
	Until time.Time
}

// String keeps the credentials out of logs and errors.
func (Credentials) String() string { return "[credentials]" }

// GoString does the same for %#v.
func (Credentials) GoString() string { return "[credentials]" }

// LogValue does the same for slog.
func (Credentials) LogValue() slog.Value { return slog.StringValue("[credentials]") }

// Secrets opens the credentials of an issued certificate. It is asked only at the
// moment an issued-credentials message is written.
type Secrets interface {
	// Credentials returns those of an order, ErrNoSecret, or an error worth a retry.
	Credentials(ctx context.Context, orderID string) (Credentials, error)
}
