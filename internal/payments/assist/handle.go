package assist

import (
	"context"
	"errors"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Receiver answers the pushes of a gateway.
type Receiver struct {
	gateway  *Gateway
	ledger   payments.Ledger
	payables payments.Payables
}

// NewReceiver connects a gateway with the ledger that keeps its messages and
// with the look-up that tells what a number ought to cost.
func NewReceiver(g *Gateway, ledger payments.Ledger, payables payments.Payables) *Receiver {
	return &Receiver{gateway: g, ledger: ledger, payables: payables}
}

// Handle takes the form body of a push and returns the answer to send with
// HTTP 200. A signed message is in the ledger before Handle answers (P6), even
// one that is answered with an error because it does not fit our order: its
// money has been paid all the same (P4). The error is for the log only.
func (r *Receiver) Handle(ctx context.Context, body []byte) (Answer, error) {
	push, err := ParsePush(body)
	if err != nil {
		return refusal(err), err
	}
	if err := r.gateway.Verify(push); err != nil {
		return refusal(err), err
	}
	n := r.gateway.Notification(push, body)
	if err := r.ledger.Record(ctx, n); err != nil {
		return Answer{First: FirstInternal, Second: SecondAnything}, err
	}
	return r.compare(ctx, n, push)
}

// compare holds the order's amount and currency against ours.
func (r *Receiver) compare(ctx context.Context, n payments.Notification, push Push) (Answer, error) {
	accepted := Answer{BillNumber: push.BillNumber, PacketDate: push.PacketDate}
	if n.Kind == payments.KindTest {
		return Answer{First: FirstForbidden}, nil
	}
	if n.Kind != payments.KindPayment {
		return accepted, nil
	}
	number, reason := payments.Identify(n)
	if reason != payments.ReasonNone {
		return Answer{First: FirstValue, Second: SecondNumber}, nil
	}
	payable, err := r.payables.Payable(ctx, number)
	if err != nil {
		return Answer{First: FirstInternal, Second: SecondAnything}, err
	}
	switch {
	case payable == nil:
		return Answer{First: FirstValue, Second: SecondNumber}, nil
	case n.Currency != payments.BYN:
		return Answer{First: FirstValue, Second: SecondCurrency}, nil
	case n.Amount != payable.Amount:
		return Answer{First: FirstValue, Second: SecondAmount}, nil
	default:
		return accepted, nil
	}
}

// refusal is the answer to a message that cannot be taken.
func refusal(err error) Answer {
	var field *FieldError
	if errors.As(err, &field) {
		return Answer{First: field.First, Second: parameter(field.Field)}
	}
	return Answer{First: FirstAuthentication}
}
