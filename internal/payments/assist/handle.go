package assist

import (
	"context"
	"errors"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Receiver answers the pushes of a gateway.
type Receiver struct {
	gateway *Gateway
	ledger  payments.Ledger
}

// NewReceiver connects a gateway with the ledger that keeps its messages.
func NewReceiver(g *Gateway, ledger payments.Ledger) *Receiver {
	return &Receiver{gateway: g, ledger: ledger}
}

// Handle takes the form body of a push and returns the answer to send with
// HTTP 200. A signed message is in the ledger before Handle answers (P6), even
// one that is answered with an error because it does not fit our order or
// cannot be understood: its money has been paid all the same (P4). The error is
// for the log only.
func (r *Receiver) Handle(ctx context.Context, body []byte) (Answer, error) {
	push, err := ParsePush(body)
	if err != nil {
		return refusal(err), err
	}
	signed, err := r.gateway.Verify(push)
	if err != nil {
		return refusal(err), err
	}
	decision, err := r.ledger.Record(ctx, r.gateway.Notification(push, signed, body))
	if err != nil {
		return Answer{First: FirstInternal, Second: SecondAnything}, err
	}
	if _, problem := push.read(signed); problem != nil {
		return refusal(problem), nil
	}
	return answerTo(decision, push), nil
}

// answerTo is the answer to a message that is on disk. Money that came in vain
// for another reason than what the gateway has sent is taken like any other:
// sending it again would change nothing.
func answerTo(d payments.Decision, p Push) Answer {
	if answer, known := answers[d.Reason]; known {
		return answer
	}
	return Answer{BillNumber: p.BillNumber, PacketDate: p.PacketDate}
}

// answers are the codes of the gateway for what the ledger decides. What is
// unreadable is answered with the field that cannot be read.
var answers = map[payments.Reason]Answer{
	payments.ReasonConflict:      {First: FirstDuplicate, Second: SecondBill},
	payments.ReasonTestMode:      {First: FirstForbidden},
	payments.ReasonNoNumber:      {First: FirstValue, Second: SecondNumber},
	payments.ReasonUnknownNumber: {First: FirstValue, Second: SecondNumber},
	payments.ReasonWrongCurrency: {First: FirstValue, Second: SecondCurrency},
	payments.ReasonUnderpaid:     {First: FirstValue, Second: SecondAmount},
	payments.ReasonOverpaid:      {First: FirstValue, Second: SecondAmount},
}

// refusal is the answer to a message that cannot be taken: nobody has proven
// who wrote it.
func refusal(err error) Answer {
	var field *FieldError
	if errors.As(err, &field) {
		return Answer{First: field.First, Second: parameter(field.Field)}
	}
	return Answer{First: FirstAuthentication}
}
