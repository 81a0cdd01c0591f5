package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/clock"
)

// deliver makes one attempt and records how it went. The end of the dispatcher's
// context does not cut it short: a message half sent would be sent twice.
func (d *Dispatcher) deliver(ctx context.Context, n Notice) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), d.o.SendTimeout)
	defer cancel()
	err := d.Send(ctx, n)
	if err != nil && !errors.Is(err, errUnrecorded) {
		d.failed(ctx, d.logger(n), n, err)
	}
}

// errUnrecorded says that a message was accepted and the outbox does not know it yet.
var errUnrecorded = errors.New("the accepted message cannot be recorded")

// Send makes one attempt at a notice that the caller has leased, and records it
// when it is accepted. A message that was accepted before, while the outbox
// could not be told, is recorded and not sent again. Its error is the caller's
// to record: see Permanent.
func (d *Dispatcher) Send(ctx context.Context, n Notice) error {
	provider, sent := d.recall(n.ID)
	if !sent {
		var err error
		if provider, err = d.attempt(ctx, n); err != nil {
			return err
		}
		d.remember(n.ID, provider)
	}
	// Recording has time of its own: the attempt may have used up the other.
	ctx, stop := d.recording(ctx)
	defer stop()
	log := d.logger(n)
	if err := d.o.Outbox.Accepted(ctx, n.ID, provider); err != nil {
		log.ErrorContext(ctx, "accepted message cannot be recorded", "error", err)
		return fmt.Errorf("%w: %w", errUnrecorded, err)
	}
	d.forget(n.ID)
	log.InfoContext(ctx, "message accepted", "provider_id", provider, "attempts", n.Attempts+1)
	return nil
}

func (d *Dispatcher) logger(n Notice) *slog.Logger {
	return d.o.Logger.With("notice", n.ID, "order", n.OrderID, "kind", n.Kind, "channel", n.Channel)
}

// Permanent tells an error of Send that no further attempt can mend.
func Permanent(err error) bool { return errors.Is(err, ErrPermanent) || errors.Is(err, errFinal) }

// errFinal marks a failure before sending that no retry mends.
var errFinal = errors.New("cannot be written")

// attempt writes the message and sends it. A sender that panics fails this
// attempt and nothing else.
func (d *Dispatcher) attempt(ctx context.Context, n Notice) (provider string, err error) {
	defer func() {
		if recover() != nil {
			provider, err = "", errors.New("the sender panicked")
		}
	}()
	message, err := d.write(ctx, n)
	if err != nil {
		return "", err
	}
	return d.o.Senders[n.Channel].Send(ctx, Envelope{ID: n.ID, To: n.To, Language: n.Language, Message: message})
}

func (d *Dispatcher) write(ctx context.Context, n Notice) (Message, error) {
	data := n.Data
	if data.PortalURL == "" {
		data.PortalURL = pageOf(d.o.PortalURL, n.Kind, n.OrderID)
	}
	if data.ERIPPath == "" {
		data.ERIPPath = strings.Join(d.o.ERIPPaths[data.Service], " → ")
	}
	if data.StorageURL == "" {
		data.StorageURL = d.o.StorageURL
	}
	if CarriesCredentials(n.Kind) {
		found, err := d.o.Secrets.Credentials(ctx, n.OrderID)
		switch {
		case errors.Is(err, ErrNoSecret):
			return Message{}, fmt.Errorf("%w: %w", errFinal, ErrNoSecret)
		case err != nil:
			// The cause stays out: it comes from where the secrets are.
			return Message{}, errors.New("the credentials cannot be opened")
		}
		data.Login, data.Password, data.CredentialsUntil = found.Login, found.Password, found.Until
	}
	message, err := d.o.Renderer.Render(n.Kind, n.Channel, n.Language, data)
	if err != nil {
		return Message{}, fmt.Errorf("%w: %w", errFinal, err)
	}
	return message, nil
}

// failed gives up what cannot be mended or is too old, and puts off the rest.
func (d *Dispatcher) failed(ctx context.Context, log *slog.Logger, n Notice, cause error) {
	ctx, stop := d.recording(ctx)
	defer stop()
	at := clock.Now().Add(backoff(n.Attempts))
	var err error
	switch {
	case Permanent(cause):
		log.WarnContext(ctx, "message given up", "cause", cause)
		err = d.o.Outbox.GiveUp(ctx, n.ID, cause.Error())
	case !n.Created.IsZero() && at.Sub(n.Created) > d.o.MaxAge:
		log.WarnContext(ctx, "message given up", "cause", cause, "attempts", n.Attempts+1)
		err = d.o.Outbox.GiveUp(ctx, n.ID, fmt.Sprintf("not sent in %s: %s", d.o.MaxAge, cause))
	default:
		log.WarnContext(ctx, "message put off", "cause", cause, "until", at, "attempts", n.Attempts+1)
		err = d.o.Outbox.Retry(ctx, n.ID, at, cause.Error())
	}
	if err != nil {
		// The lease brings the notice back.
		log.ErrorContext(ctx, "failed message cannot be recorded", "error", err)
	}
}

// recording is a context for telling the outbox, whatever became of the attempt's.
func (d *Dispatcher) recording(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), d.o.Lease-d.o.SendTimeout)
}

func (d *Dispatcher) recall(id uuid.UUID) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	provider, ok := d.unrecorded[id]
	return provider, ok
}

func (d *Dispatcher) remember(id uuid.UUID, provider string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.unrecorded[id] = provider
}

func (d *Dispatcher) forget(id uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.unrecorded, id)
}
