package payments

import (
	"fmt"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// PayableState tells whether something can still be paid for.
type PayableState string

// The states of a payable.
const (
	// PayableOpen waits for its payment.
	PayableOpen PayableState = "open"
	// PayablePaid has its payment; another one pays nothing.
	PayablePaid PayableState = "paid"
	// PayableClosed has ended without a payment: withdrawn, rejected, annulled.
	PayableClosed PayableState = "closed"
)

// Payable is what a payment number pays for: an order of 6.0.00 or a
// confirmation of 6.0.02, with everything Match has to compare.
type Payable struct {
	Number order.PaymentNumber
	// Amount is the price in BYN, fixed when the payable came into being (P7).
	Amount order.Kopecks
	// PayerUNP is the organisation that must pay by bank transfer itself (P3).
	PayerUNP string
	State    PayableState
	// Due is the first instant at which it is too late to pay (D2, P8).
	Due time.Time
	// Methods lists how it may be paid (P1).
	Methods []Source
}

// Allows tells whether the payable may be paid by this method; an operator always may.
func (p Payable) Allows(method Source) bool {
	return method == SourceManual || slices.Contains(p.Methods, method)
}

// Methods lists how a service may be paid (P1): a bank transfer only where an
// organisation pays.
func Methods(service order.Service) []Source {
	if service == order.ServiceIndividual {
		return []Source{SourceAssist, SourceERIP}
	}
	return []Source{SourceAssist, SourceERIP, SourceClientBank}
}

// Outcome is what becomes of a message.
type Outcome string

// The outcomes of matching.
const (
	// Applied pays for the payable.
	Applied Outcome = "applied"
	// Unapplied waits for an operator, with a reason (P4).
	Unapplied Outcome = "unapplied"
	// Ignored moved no money and needs nobody.
	Ignored Outcome = "ignored"
)

// Reason tells why a message has paid nothing.
type Reason string

// The reasons for not applying a payment.
const (
	// ReasonNone stands beside Applied and Ignored.
	ReasonNone Reason = ""
	// ReasonUnreadable is a message that cannot be understood.
	ReasonUnreadable Reason = "unreadable"
	// ReasonConflict is another content under the identifier of a known event (P5).
	ReasonConflict Reason = "conflict"
	// ReasonOtherAccount is a credit of an account that is not ours.
	ReasonOtherAccount Reason = "other-account"
	// ReasonNoNumber found no payment number in the message.
	ReasonNoNumber Reason = "no-number"
	// ReasonSeveralNumbers found more than one payment number in the purpose.
	ReasonSeveralNumbers Reason = "several-numbers"
	// ReasonUnknownNumber found a number under which nothing is sold.
	ReasonUnknownNumber Reason = "unknown-number"
	// ReasonTestMode is a payment played by the gateway's test mode.
	ReasonTestMode Reason = "test-mode"
	// ReasonReversed is money that went back to the payer.
	ReasonReversed Reason = "reversed"
	// ReasonMethodNotAllowed is a payment method the service does not offer (P1).
	ReasonMethodNotAllowed Reason = "way-not-allowed"
	// ReasonWrongCurrency is any currency but BYN.
	ReasonWrongCurrency Reason = "wrong-currency"
	// ReasonUnderpaid is less than the price.
	ReasonUnderpaid Reason = "underpaid"
	// ReasonOverpaid is more than the price.
	ReasonOverpaid Reason = "overpaid"
	// ReasonWrongPayer is a bank payment of somebody else (P3).
	ReasonWrongPayer Reason = "wrong-payer"
	// ReasonClosed is a payment for what has ended without one.
	ReasonClosed Reason = "closed"
	// ReasonAlreadyPaid is a second payment.
	ReasonAlreadyPaid Reason = "already-paid"
	// ReasonOverdue is a payment at or after the due instant.
	ReasonOverdue Reason = "overdue"
)

// Reasons lists every reason a payment can wait unapplied for.
func Reasons() []Reason {
	return []Reason{
		ReasonUnreadable, ReasonConflict, ReasonOtherAccount, ReasonNoNumber, ReasonSeveralNumbers, ReasonUnknownNumber, ReasonTestMode, ReasonReversed,
		ReasonMethodNotAllowed, ReasonWrongCurrency, ReasonUnderpaid, ReasonOverpaid, ReasonWrongPayer,
		ReasonClosed, ReasonAlreadyPaid, ReasonOverdue,
	}
}

// ParseReason reads a reason as it is stored.
func ParseReason(s string) (Reason, error) {
	if r := Reason(s); r == ReasonNone || slices.Contains(Reasons(), r) {
		return r, nil
	}
	return ReasonNone, fmt.Errorf("unknown reason %q", s)
}

// Decision is what became of a message. Its zero value is not a decision.
type Decision struct {
	Outcome Outcome
	Reason  Reason
	// Repeated says that the same message was decided about before; outcome and
	// reason are those of then (P5).
	Repeated bool
	// PaymentID is the payment that the ledger keeps of it; empty when ignored.
	PaymentID string
}

func unapplied(r Reason) Decision { return Decision{Outcome: Unapplied, Reason: r} }

// History is what the ledger knows about the event and the bill of a message.
type History struct {
	// Conflict says that the event is known with another content.
	Conflict bool
	// Reversed says that the bill was reversed, before or after it was paid.
	Reversed bool
}

// Decide is Match for a message whose history is known: what contradicts an
// earlier message or was taken back pays nothing (P5).
func Decide(n Notification, p *Payable, h History) Decision {
	switch {
	case n.Kind == KindNoMoney:
		return Decision{Outcome: Ignored}
	case h.Conflict:
		return unapplied(ReasonConflict)
	case h.Reversed && n.Kind == KindPayment:
		return unapplied(ReasonReversed)
	default:
		return Match(n, p)
	}
}

// Identify finds the one payment number of a message. ReasonNone means that
// there is one; otherwise the reason says why not.
func Identify(n Notification) (order.PaymentNumber, Reason) {
	if n.Source != SourceClientBank {
		number, err := NormalizeNumber(n.Number)
		if err != nil {
			return 0, ReasonNoNumber
		}
		return number, ReasonNone
	}
	switch found := FindNumbers(n.Number); len(found) {
	case 0:
		return 0, ReasonNoNumber
	case 1:
		return found[0], ReasonNone
	default:
		return 0, ReasonSeveralNumbers
	}
}

// Match decides what a message pays (P3, P4, P8). The payable is what Identify's
// number stands for, nil when there is none. The caller must hold the payable
// locked from reading it to storing the decision, so that two payments at once
// cannot both find it open.
func Match(n Notification, p *Payable) Decision {
	if n.Kind == KindNoMoney {
		return Decision{Outcome: Ignored}
	}
	number, reason := Identify(n)
	switch {
	case n.Kind == KindUnreadable:
		return unapplied(ReasonUnreadable)
	case n.Kind == KindTest:
		return unapplied(ReasonTestMode)
	case n.OtherAccount:
		return unapplied(ReasonOtherAccount)
	case n.Kind == KindReversal:
		return unapplied(ReasonReversed)
	case reason != ReasonNone:
		return unapplied(reason)
	case p == nil || p.Number != number:
		return unapplied(ReasonUnknownNumber)
	}
	if r := compare(n, *p); r != ReasonNone {
		return unapplied(r)
	}
	return Decision{Outcome: Applied}
}

// compare names the first thing in which a payment differs from what it ought to be.
func compare(n Notification, p Payable) Reason {
	switch {
	case !p.Allows(n.Source):
		return ReasonMethodNotAllowed
	case n.Currency != BYN:
		return ReasonWrongCurrency
	case n.Amount <= 0 || n.Amount < p.Amount:
		return ReasonUnderpaid
	case n.Amount > p.Amount:
		return ReasonOverpaid
	case n.Source == SourceClientBank && !sameUNP(n.PayerUNP, p.PayerUNP):
		return ReasonWrongPayer
	case p.State == PayablePaid:
		return ReasonAlreadyPaid
	case p.State != PayableOpen:
		return ReasonClosed
	case !n.PaidAt().Before(p.Due):
		return ReasonOverdue
	default:
		return ReasonNone
	}
}

// sameUNP compares two taxpayer numbers; letters of either alphabet occur in
// those of individuals. What is no UNP is never the same as anything.
func sameUNP(a, b string) bool {
	first, err := order.ParseUNP(Canonical(a))
	if err != nil {
		return false
	}
	second, err := order.ParseUNP(Canonical(b))
	return err == nil && first == second
}
