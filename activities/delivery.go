package activities

import (
	"context"
	"errors"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Channel is how a message reaches a person.
type Channel string

// The channels of credentials (I4).
const (
	ChannelEmail Channel = "email"
	ChannelSMS   Channel = "sms"
)

// SendCredentialsInput names the order whose credentials are sent.
type SendCredentialsInput struct {
	OrderID order.ID `json:"orderId"`
}

// SendCredentialsResult is the outcome of one channel.
type SendCredentialsResult struct {
	Sent bool `json:"sent"`
	// Cause says why the message was given up; empty when it was sent.
	Cause string `json:"cause,omitempty"`
}

// ErrUndeliverable is returned by a sender for a message that cannot arrive,
// however often it is tried.
var ErrUndeliverable = errors.New("the message cannot be delivered")

// CredentialSender sends the credentials of an order by one channel and keeps
// attempts and outcome where screens show them. What was accepted before is
// not sent again (I6).
type CredentialSender interface {
	SendCredentials(ctx context.Context, orderID order.ID, channel Channel) error
	// GiveUp records that the channel's time is over.
	GiveUp(ctx context.Context, orderID order.ID, channel Channel) error
}

// Delivery sends credentials, each channel on its own (I6).
type Delivery struct{ Sender CredentialSender }

// SendCredentialsByEmail sends them by e-mail.
func (d *Delivery) SendCredentialsByEmail(ctx context.Context, in SendCredentialsInput) (SendCredentialsResult, error) {
	return d.send(ctx, in.OrderID, ChannelEmail)
}

// SendCredentialsBySMS sends them by SMS.
func (d *Delivery) SendCredentialsBySMS(ctx context.Context, in SendCredentialsInput) (SendCredentialsResult, error) {
	return d.send(ctx, in.OrderID, ChannelSMS)
}

// GiveUpInput names a channel that did not get through in its time.
type GiveUpInput struct {
	OrderID order.ID `json:"orderId"`
	Channel Channel  `json:"channel"`
}

// GiveUpCredentials shows that a channel was given up; the cabinet still shows
// the credentials.
func (d *Delivery) GiveUpCredentials(ctx context.Context, in GiveUpInput) error {
	return applicationError(d.Sender.GiveUp(ctx, in.OrderID, in.Channel))
}

func (d *Delivery) send(ctx context.Context, orderID order.ID, channel Channel) (SendCredentialsResult, error) {
	err := d.Sender.SendCredentials(ctx, orderID, channel)
	switch {
	case errors.Is(err, ErrUndeliverable):
		return SendCredentialsResult{Cause: err.Error()}, nil
	case err != nil:
		return SendCredentialsResult{}, applicationError(err)
	default:
		return SendCredentialsResult{Sent: true}, nil
	}
}
