package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

const (
	// sendingTakes is one attempt at a message; it is over before its activity's time is.
	sendingTakes = 45 * time.Second
	// sendingLease keeps another process from sending the same message; one that
	// was killed leaves it so long.
	sendingLease = time.Minute
)

// credentialOutbox is where the messages with credentials wait.
type credentialOutbox interface {
	ClaimCredentials(ctx context.Context, orderID order.ID, channel notify.Channel, lease time.Duration) (postgres.CredentialNotice, error)
	GiveUpCredentials(ctx context.Context, orderID order.ID, channel notify.Channel, cause string) error
	Retry(ctx context.Context, id uuid.UUID, at time.Time, cause string) error
	GiveUp(ctx context.Context, id uuid.UUID, cause string) error
}

// attempter makes one attempt at a message that is leased; it records acceptance.
type attempter interface {
	Send(ctx context.Context, n notify.Notice) error
}

// credentialSender sends the credentials of orders, one attempt a call.
type credentialSender struct {
	outbox   credentialOutbox
	messages attempter
}

// SendCredentials makes one attempt at an order's message by the channel; see
// activities.CredentialSender. It goes on when the activity is cancelled: a
// message half sent would be sent twice.
func (s credentialSender) SendCredentials(ctx context.Context, orderID order.ID, channel activities.Channel) error {
	n, err := s.outbox.ClaimCredentials(ctx, orderID, notify.Channel(channel), sendingLease)
	switch {
	case errors.Is(err, order.ErrNotFound):
		return fmt.Errorf("%w: there is none, or the contacts were erased", activities.ErrUndeliverable)
	case err != nil:
		return err
	case n.State == postgres.NoticeSent:
		return nil
	case n.State == postgres.NoticeFailed:
		return fmt.Errorf("%w: %s", activities.ErrUndeliverable, n.Cause)
	}
	sending, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendingTakes)
	defer cancel()
	err = s.messages.Send(sending, n.Notice)
	switch {
	case err == nil:
		return nil
	case notify.Permanent(err):
		if failed := s.outbox.GiveUp(context.WithoutCancel(ctx), n.ID, err.Error()); failed != nil {
			return failed // once more: what is not recorded is not known
		}
		return fmt.Errorf("%w: %w", activities.ErrUndeliverable, err)
	default:
		return errors.Join(err, s.outbox.Retry(context.WithoutCancel(ctx), n.ID, clock.Now(), err.Error()))
	}
}

// GiveUp shows that the channel's time is over.
func (s credentialSender) GiveUp(ctx context.Context, orderID order.ID, channel activities.Channel) error {
	return s.outbox.GiveUpCredentials(ctx, orderID, notify.Channel(channel), "not delivered in three days")
}
