package payments

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Source tells where the news of a payment came from: the payment method.
type Source string

// The sources of payments.
const (
	// SourceAssist is a card payment through ASSIST.
	SourceAssist Source = "assist"
	// SourceERIP is a payment in ERIP (the system «Расчёт»).
	SourceERIP Source = "erip"
	// SourceClientBank is a credit in a statement of the beneficiary's account.
	SourceClientBank Source = "clientbank"
	// SourceManual is a payment an operator has entered by hand, or a message
	// that cannot be read and names none of the others.
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
	// KindUnreadable is an authenticated message that cannot be understood (P4).
	KindUnreadable Kind = "unreadable"
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
	// within the source. A second message with it is a repetition when its
	// content is the same too, and a conflict when it is not (P5); see Content.
	ExternalID string
	// Bill names what a reversal takes back: payment and reversal of the same
	// money have the same. Every payment of a gateway's bill is undone by one
	// reversal. Banks number reversals apart, so there it is what payment and
	// reversal have in common, and one reversal undoes one payment. Empty when
	// the source does not tell.
	Bill string
	// Raw is the message exactly as received.
	Raw []byte
	// Number is where the payment number was found: the order number of
	// ASSIST, the personal account of ERIP, the whole purpose of a bank credit
	// with its pieces as JoinPurpose puts them together.
	Number string
	Amount order.Kopecks
	// Currency is an ISO 4217 letter code.
	Currency string
	// PayerUNP is the taxpayer number of the payer; only banks tell it.
	PayerUNP string
	// OtherAccount says that the money came to an account that is not ours.
	OtherAccount bool
	// ReceivedAt is when we got the message, OccurredAt when the payer paid
	// as far as the gateway tells; zero when it does not.
	ReceivedAt time.Time
	OccurredAt time.Time
}

// Unreadable keeps an authenticated message that cannot be understood for an
// operator (P4); the same octets are the same message.
func Unreadable(source Source, raw []byte, receivedAt time.Time) Notification {
	sum := sha256.Sum256(raw)
	return Notification{
		Source: source, Kind: KindUnreadable, ExternalID: "unreadable/" + hex.EncodeToString(sum[:16]), Raw: raw, ReceivedAt: receivedAt,
	}
}

// BillOf is the bill of an event of ASSIST or ERIP: what stands in its external
// id before the number of the operation and the state. Banks name no bills.
func BillOf(source Source, externalID string) string {
	if source != SourceAssist && source != SourceERIP {
		return ""
	}
	bill := strings.TrimSpace(externalID)
	if end := strings.IndexAny(bill, "./"); end >= 0 {
		bill = bill[:end]
	}
	return bill
}

// PaidAt is the instant that is held against a deadline: when the payer paid
// or, when the gateway does not say, when we learned of it.
func (n Notification) PaidAt() time.Time {
	if n.OccurredAt.IsZero() {
		return n.ReceivedAt
	}
	return n.OccurredAt
}
