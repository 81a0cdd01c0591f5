package activities

import (
	"context"
	"errors"
	"sync"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Channel is how a message reaches a person.
type Channel string

// The channels of credentials (I4).
const (
	ChannelEmail Channel = "email"
	ChannelSMS   Channel = "sms"
)

// FirstAttemptInput names the order whose credentials are sent, and the channels.
type FirstAttemptInput struct {
	OrderID  order.ID  `json:"orderId"`
	Channels []Channel `json:"channels"`
}

// SendCredentialsInput names the order whose credentials are sent by one channel.
type SendCredentialsInput struct {
	OrderID order.ID `json:"orderId"`
}

// SendCredentialsResult is the outcome of one channel.
type SendCredentialsResult struct {
	Sent bool `json:"sent"`
	// Cause says why the message was given up; empty when it was sent.
	Cause string `json:"cause,omitempty"`
}

// FirstAttemptResult is what became of the first attempt at each channel.
type FirstAttemptResult struct {
	// Outcomes are of the channels that are settled.
	Outcomes map[Channel]SendCredentialsResult `json:"outcomes,omitempty"`
	// Again are the channels that have to be tried again, in the order asked for.
	Again []FailedAttempt `json:"again,omitempty"`
}

// FailedAttempt is a channel that did not get through, and why.
type FailedAttempt struct {
	Channel Channel `json:"channel"`
	Cause   string  `json:"cause"`
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

// SendCredentials makes the first attempt at all channels at once. A channel
// that fails is no error of the step: it goes on as a step of its own.
func (d *Delivery) SendCredentials(ctx context.Context, in FirstAttemptInput) (FirstAttemptResult, error) {
	errs := make([]error, len(in.Channels))
	outcomes := make([]SendCredentialsResult, len(in.Channels))
	var sending sync.WaitGroup
	for i, channel := range in.Channels {
		sending.Go(func() { outcomes[i], errs[i] = d.send(ctx, in.OrderID, channel) })
	}
	sending.Wait()
	res := FirstAttemptResult{Outcomes: map[Channel]SendCredentialsResult{}}
	for i, channel := range in.Channels {
		if errs[i] != nil {
			res.Again = append(res.Again, FailedAttempt{Channel: channel, Cause: errs[i].Error()})
			continue
		}
		res.Outcomes[channel] = outcomes[i]
	}
	return res, nil
}

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
