package assist

import (
	"fmt"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// State is the state of an ASSIST order, spelled as the gateway does.
type State string

// The states of an order.
const (
	// StateInProcess is created and not paid yet.
	StateInProcess State = "In Process"
	// StateDelayed is pre-authorised and waits for a confirmation (two-stage work).
	StateDelayed State = "Delayed"
	// StateApproved is paid, the only state that is.
	StateApproved State = "Approved"
	// StatePartialApproved is not used by the gateway.
	StatePartialApproved State = "PartialApproved"
	// StatePartialDelayed is partly confirmed.
	StatePartialDelayed State = "PartialDelayed"
	// StateCanceled is fully cancelled or refunded.
	StateCanceled State = "Canceled"
	// StatePartialCanceled is partly refunded.
	StatePartialCanceled State = "PartialCanceled"
	// StateDeclined is a failed attempt; the payer may try again.
	StateDeclined State = "Declined"
	// StateTimeout is closed because nobody paid.
	StateTimeout State = "Timeout"
)

// States lists every state.
func States() []State {
	return []State{
		StateInProcess, StateDelayed, StateApproved, StatePartialApproved, StatePartialDelayed, StateCanceled,
		StatePartialCanceled, StateDeclined, StateTimeout,
	}
}

// ParseState reads a state in any letter case, with or without blanks.
func ParseState(s string) (State, error) {
	for _, v := range States() {
		if strings.EqualFold(bare(s), bare(string(v))) {
			return v, nil
		}
	}
	return "", fmt.Errorf("unknown order state %q", s)
}

// bare is a text without blanks.
func bare(s string) string { return strings.Join(strings.Fields(s), "") }

// Kind is what the state says about money when work is one-stage.
func (s State) Kind() payments.Kind {
	switch s {
	case StateApproved:
		return payments.KindPayment
	case StateCanceled, StatePartialCanceled:
		return payments.KindReversal
	case StateInProcess, StateDelayed, StatePartialApproved, StatePartialDelayed, StateDeclined, StateTimeout:
		return payments.KindNoMoney
	default:
		return payments.KindNoMoney
	}
}
