package payments

import (
	"context"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Source tells where the news of a payment came from.
type Source string

// The sources of payments.
const (
	// SourceAssist is a card payment through ASSIST.
	SourceAssist Source = "assist"
	// SourceERIP is a payment in ERIP (the system «Расчёт»).
	SourceERIP Source = "erip"
	// SourceClientBank is a credit in a statement of the beneficiary's account.
	SourceClientBank Source = "clientbank"
	// SourceManual is a payment an operator has entered by hand.
	SourceManual Source = "manual"
)

// ParseSource reads the name of a source.
func ParseSource(s string) (Source, error) {
	switch v := Source(s); v {
	case SourceAssist, SourceERIP, SourceClientBank, SourceManual:
		return v, nil
	default:
		return "", fmt.Errorf("unknown payment source %q", s)
	}
}

// Kind tells what a message says about money.
type Kind string

// The kinds of message.
const (
	// KindPayment says that money has been paid.
	KindPayment Kind = "payment"
	// KindReversal says that money paid before has gone back to the payer.
	KindReversal Kind = "reversal"
	// KindTest says that a gateway played a payment in its test mode.
	KindTest Kind = "test"
	// KindNoMoney says that an attempt to pay moved no money, such as a declined card.
	KindNoMoney Kind = "no-money"
)

// BYN is the ISO 4217 letter code of the Belarusian rouble, the only currency prices are in.
const BYN = "BYN"

// Notification is one message of a gateway in the common vocabulary.
type Notification struct {
	Source Source
	Kind   Kind
	// ExternalID is the gateway's own identifier of the money event, unique
	// within the source: a second message with it is a repetition (P5).
	ExternalID string
	// Raw is the message exactly as received.
	Raw []byte
	// Number is where the payment number was found: the order number of
	// ASSIST, the personal account of ERIP, the whole purpose of a bank credit.
	Number string
	Amount order.Kopecks
	// Currency is an ISO 4217 letter code.
	Currency string
	// PayerUNP is the taxpayer number of the payer; only banks tell it.
	PayerUNP string
	// ReceivedAt is when we got the message, OccurredAt when the payer paid
	// as far as the gateway tells; zero when it does not.
	ReceivedAt time.Time
	OccurredAt time.Time
}

// PaidAt is the instant that is held against a deadline: when the payer paid
// or, when the gateway does not say, when we learned of it.
func (n Notification) PaidAt() time.Time {
	if n.OccurredAt.IsZero() {
		return n.ReceivedAt
	}
	return n.OccurredAt
}

// Ledger keeps the messages of gateways.
type Ledger interface {
	// Record stores the message and returns when it is on disk (P6). A message
	// whose source and external id are already stored changes nothing and is
	// no error (P5).
	Record(ctx context.Context, n Notification) error
}

// Payables finds what can be paid for.
type Payables interface {
	// Payable finds what the number pays for; nil when nothing has the number.
	Payable(ctx context.Context, number order.PaymentNumber) (*Payable, error)
}
