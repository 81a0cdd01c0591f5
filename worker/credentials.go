package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// credentials opens login and password of an order for the message that
// carries them (I4).
type credentials struct {
	issuer *storage.Issuer
	audit  audit.Log
	now    func() time.Time
}

// Credentials reveals what the message carries, every time with an entry in
// the audit log; notify.ErrNoSecret when the clear password is gone.
func (c credentials) Credentials(ctx context.Context, orderID string) (notify.Credentials, error) {
	credential, password, err := c.issuer.Reveal(ctx, orderID)
	if errors.Is(err, storage.ErrNotFound) || errors.Is(err, storage.ErrDelivered) {
		return notify.Credentials{}, notify.ErrNoSecret
	}
	if err != nil {
		return notify.Credentials{}, err
	}
	_, err = c.audit.Append(ctx, audit.Event{
		At: c.now(), Actor: audit.Actor{Kind: audit.ActorSystem, ID: "dispatcher"}, Action: audit.ActionCredentialsRevealed, OrderID: orderID,
	})
	if err != nil {
		return notify.Credentials{}, err
	}
	return notify.Credentials{Login: string(credential.Login), Password: password.Reveal(), Until: credential.ExpiresAt}, nil
}

// noSMS stands where no SMS gateway is configured: the message is given up
// with that reason, and the cabinet still shows the credentials.
type noSMS struct{ log *slog.Logger }

// Send refuses for good.
func (n noSMS) Send(context.Context, notify.Envelope) (string, error) {
	return "", fmt.Errorf("no SMS gateway is configured: %w", notify.ErrPermanent)
}
