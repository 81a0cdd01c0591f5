package card

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// sha256 begins a digest of the audit log.
const sha256 = "sha256:"

// approved: the list was signed, at the instant of its entry, for this very
// order (M5, M6). 6.0.00 has no list, and must not bring one.
func (v Verifier) approved(e evidence) error {
	bundle, a := e.card.Approval, e.facts.Approval
	if !e.history.service().NeedsApproval() {
		if bundle != nil {
			return errors.New("an order of 6.0.00 has no list")
		}
		return nil
	}
	if bundle == nil {
		return errors.New("the signed list is not in the card")
	}
	if err := bundle.RecordedBy(e.history.signed); err != nil {
		return err
	}
	if err := e.history.approved.Proves("list", bundle.List); err != nil {
		return err
	}
	if number := strconv.FormatInt(e.card.Number, 10); e.history.approved.Evidence["number"] != number {
		return fmt.Errorf("entry %d is of order %s, not of order %s", e.history.approved.Sequence, e.history.approved.Evidence["number"], number)
	}
	if len(v.Roots) == 0 {
		return nil // Said once by trusted.
	}
	report, signer, err := bundle.Verify(v.Roots...)
	if err != nil {
		return err
	}
	for _, c := range report.Failed() {
		return fmt.Errorf("the signature over the list: %s %s", c.Code, c.Cause)
	}
	if order.Latin(signer.UNP) != order.Latin(a.List.UNP) || order.BareNumber(signer.PersonalNumber) != a.List.HeadNumber {
		return errors.New("the list was signed by another head or for another organisation")
	}
	return listed(e, a.Entry, a.List)
}

// listed: the line names the order, the file, the key, both reports of the
// checks, the person and the term.
func listed(e evidence, line list.Entry, signed list.List) error {
	subject := e.facts.Subject
	ends := e.facts.NotBefore.AddDate(line.Years, 0, 0)
	switch {
	case line.Number != e.card.Number:
		return fmt.Errorf("the list does not name order %d", e.card.Number)
	case sha256+line.Request != e.facts.Request:
		return errors.New("the list approves another request file")
	case sha256+line.Checked != e.history.checked.Evidence["report"] || sha256+line.Registers != e.history.saved.Evidence["registers"]:
		return errors.New("the list names other reports of the checks than the audit log")
	case line.KeyID != e.facts.KeyID:
		return errors.New("the list approves another key than the certificate's")
	case line.PersonalNumber != subject.PersonalNumber || order.Latin(signed.UNP) != order.Latin(subject.UNP):
		return errors.New("the list is of another person or organisation than the certificate")
	case e.facts.NotAfter.After(ends) || e.facts.NotAfter.Before(ends.AddDate(0, 0, -2)):
		return fmt.Errorf("the certificate is not for the %d years of the list", line.Years)
	}
	return nil
}

// paid: the payment that the issue names was applied to the order or to its
// confirmation, and covers the price of the list.
func paid(e evidence) error {
	p := e.facts.Payment
	if p.Amount <= 0 || p.Currency != currency || p.Message == "" {
		return fmt.Errorf("entry %d does not tell the sum of the payment", e.history.applied.Sequence)
	}
	// An order that is paid in a later confirmation has the price of then (P8).
	again := e.history.taken.Sequence != e.history.approved.Sequence
	if a := e.facts.Approval; a != nil && !again && p.Amount < a.Entry.Price {
		return fmt.Errorf("the payment of %s does not cover the price of %s", p.Amount, a.Entry.Price)
	}
	return nil
}
