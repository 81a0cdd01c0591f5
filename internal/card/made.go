package card

import (
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
)

// Prove refuses a card that its own evidence does not prove: none is given to
// anybody before it was found good. Error: ErrCard too.
func (v Verifier) Prove(c Card) error {
	found, err := v.Verify(c)
	if err == nil && !found.Good {
		err = fmt.Errorf("no card is made of what does not prove it: %s", strings.Join(found.Reasons, "; "))
	}
	return err
}

// Made is the entry of the audit log that tells who has the card.
func (c Card) Made(by audit.Actor, at time.Time) (audit.Event, error) {
	evidence, err := c.Canonical()
	if err != nil {
		return audit.Event{}, err
	}
	return audit.Event{
		At: at, Actor: by, Action: audit.ActionCardMade, OrderID: c.OrderID, Evidence: audit.Evidence{"card": audit.Digest(evidence)},
	}, nil
}
