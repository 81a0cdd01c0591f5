package notify

import (
	"context"
	"errors"

	"github.com/google/uuid"
)

// ErrPermanent marks a failure that a retry cannot mend: no such mailbox, a number
// that is no mobile phone, a text the gateway forbids.
var ErrPermanent = errors.New("refused for good")

// Envelope is a message with its address.
type Envelope struct {
	// ID is the notice's; a channel that can tells a repeated message by it.
	ID       uuid.UUID
	To       string
	Language Language
	Message  Message
}

// Sender brings messages to people by one channel. It returns the other side's id
// of what it accepted, or an error: one that wraps ErrPermanent is final, any other
// is worth a retry. Errors carry no address and no text.
type Sender interface {
	Send(ctx context.Context, e Envelope) (providerID string, err error)
}
