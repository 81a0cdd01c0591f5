package card

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Verifier is whom a person who verifies cards trusts: without roots and keys
// of the audit log nothing is good, because a card proves neither.
type Verifier struct {
	Roots []*pki.Certificate
	Keys  audit.Keys
	// Within is how long after an entry the log may have been sealed.
	Within time.Duration
}

// Finding is what became of a verification.
type Finding struct {
	Good bool `json:"good"`
	// Failed are the checks that did not pass, Reasons say everything that is wrong.
	Failed  []Check  `json:"failed,omitempty"`
	Reasons []string `json:"reasons,omitempty"`
	Facts   Facts    `json:"facts"`
}

// Check is one thing that a card has to prove; the codes are stable.
type Check string

// The checks, in the order in which they are made.
const (
	CheckTrust    Check = "trust"        // somebody vouches for roots and log
	CheckLog      Check = "log"          // the entries of the log up to their signed checkpoints
	CheckSequence Check = "sequence"     // checked, saved, approved, paid, issued
	CheckIssue    Check = "issue"        // the log names this certificate
	CheckRequest  Check = "request"      // the log names this request, of the same key
	CheckChain    Check = "chain"        // the certificate leads to a root
	CheckApproval Check = "approval"     // the list was signed for this order (M5, M6)
	CheckPayment  Check = "payment"      // the payment covers the price
	CheckPages    Check = "pages"        // the pages say what the evidence says
	CheckCode     Check = "printed-code" // the code on paper is the card's
)

// Checks lists every check.
func Checks() []Check {
	return []Check{CheckTrust, CheckLog, CheckSequence, CheckIssue, CheckRequest, CheckChain, CheckApproval, CheckPayment, CheckPages, CheckCode}
}

func (f *Finding) fails(c Check, reason string) {
	f.Failed, f.Reasons, f.Good = append(f.Failed, c), append(f.Reasons, reason), false
}

// currency is the one of all prices.
const currency = "BYN"

// Verify proves everything that a card says from its octets alone: see the
// package. An error means that it is no card (ErrCard).
func (v Verifier) Verify(c Card) (Finding, error) {
	e, err := open(c)
	if err != nil {
		return Finding{}, err
	}
	f := Finding{Good: true, Facts: e.facts}
	for _, check := range []struct {
		code  Check
		holds func(evidence) error
	}{
		{CheckTrust, v.trusted}, {CheckLog, v.sealed}, {CheckSequence, inOrder}, {CheckIssue, issued}, {CheckRequest, requested},
		{CheckChain, v.chained}, {CheckApproval, v.approved}, {CheckPayment, paid},
	} {
		if err := check.holds(e); err != nil {
			f.fails(check.code, err.Error())
		}
	}
	return f, nil
}

// trusted: somebody vouches for roots and log.
func (v Verifier) trusted(evidence) error {
	if len(v.Roots) == 0 {
		return errors.New("nobody vouches for the roots: name those you trust")
	}
	if len(v.Keys) == 0 {
		return errors.New("nobody vouches for the audit log: name its public keys")
	}
	return nil
}

// sealed: every piece of the log leads to its signed checkpoint, and every
// entry of the order was sealed soon after it.
func (v Verifier) sealed(e evidence) error {
	next, proven := int64(0), 0
	for i, p := range e.card.Log {
		if len(p.Entries) == 0 || p.Entries[0].Sequence < next {
			return fmt.Errorf("piece %d of the audit log is empty or out of order", i+1)
		}
		next = p.Checkpoint.Sequence + 1
		own := 0
		for n, entry := range p.Entries {
			if !concerned(e, entry) {
				continue
			}
			if own++; own == 1 && n > 0 {
				return fmt.Errorf("piece %d of the audit log begins before what it proves", i+1)
			}
			if _, err := (audit.Proof{Entries: p.Entries[n:], Checkpoint: p.Checkpoint}).Verify(v.Keys, v.Within); err != nil {
				return err
			}
		}
		if own == 0 {
			return fmt.Errorf("piece %d of the audit log proves nothing of the order", i+1)
		}
		proven += own
	}
	if proven != len(e.history.entries()) {
		return errHistory
	}
	return nil
}

func concerned(e evidence, entry audit.Entry) bool {
	for _, own := range e.history.entries() {
		if own.Sequence == entry.Sequence {
			return true
		}
	}
	return false
}

// inOrder: checked, saved, approved, paid, issued.
func inOrder(e evidence) error {
	entries := e.history.entries()
	for i := 1; i < len(entries); i++ {
		if entries[i].Sequence <= entries[i-1].Sequence {
			return fmt.Errorf("entry %d (%s) stands before entry %d (%s)", entries[i].Sequence, entries[i].Action,
				entries[i-1].Sequence, entries[i-1].Action)
		}
	}
	return nil
}

// issued: the log names this certificate, key and number.
func issued(e evidence) error {
	entry := e.history.issued
	switch {
	case entry.Evidence["number"] != strconv.FormatInt(e.card.Number, 10):
		return fmt.Errorf("entry %d is of order %s, not of order %d", entry.Sequence, entry.Evidence["number"], e.card.Number)
	case entry.Evidence["key"] != e.facts.KeyID:
		return fmt.Errorf("entry %d names another key than the certificate's", entry.Sequence)
	}
	return entry.Proves("certificate", e.card.Certificate)
}

// requested: the log names this request file, and its key is the certificate's.
func requested(e evidence) error {
	entry := e.history.checked
	if entry.Evidence["verdict"] != string(order.VerdictPassed) {
		return fmt.Errorf("entry %d: the request did not pass its check", entry.Sequence)
	}
	if e.requestKey != e.facts.KeyID || entry.Evidence["key"] != e.facts.KeyID {
		return errors.New("the request is for another key than the certificate's")
	}
	return entry.Proves("request", e.card.Request)
}

// chained: the certificate leads over exactly the chain of the card to a root
// of the verifier, on the day it was issued or began.
func (v Verifier) chained(e evidence) error {
	at := e.history.issued.At
	if at.Before(e.certificate.NotBefore) {
		at = e.certificate.NotBefore
	}
	validator := path.NewValidator(path.Trust{Roots: v.Roots, Intermediates: e.chain}, path.Options{Revocation: path.RevocationOff})
	found, err := validator.Validate(e.certificate, at)
	if err != nil {
		return fmt.Errorf("the certificate's chain: %w", err)
	}
	if len(found) != len(e.chain)+1 {
		return errors.New("the certificate's chain is not the one of the card")
	}
	for i, issuer := range e.chain {
		if string(found[i+1].Raw) != string(issuer.Raw) {
			return errors.New("the certificate's chain is not the one of the card")
		}
	}
	return nil
}
