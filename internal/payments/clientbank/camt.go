package clientbank

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// parseCamt reads the booked credits of camt.053.
func parseCamt(data []byte, out *Statement) error {
	var doc camtDocument
	if err := charset.Once(data, camtSingle); err != nil {
		return fmt.Errorf("%w: %w", ErrStatement, err)
	}
	if err := charset.XMLDecoder(bytes.NewReader(data)).Decode(&doc); err != nil {
		return fmt.Errorf("%w: xml", ErrStatement)
	}
	if len(doc.Statements) == 0 {
		return fmt.Errorf("%w: it holds no statement", ErrStatement)
	}
	for _, statement := range doc.Statements {
		if err := statement.read(out); err != nil {
			return err
		}
	}
	return nil
}

func (s camtStatement) read(out *Statement) error {
	var t totals
	account := payments.AccountNumber(firstOf(s.IBAN, s.Other))
	for i, e := range s.Entries {
		found, skip, err := e.credits(account)
		if err != nil {
			return fmt.Errorf("entry %d: %w", i+1, err)
		}
		if skip != "" {
			out.Passed[skip]++
		}
		out.Credits = append(out.Credits, found...)
		e.add(&t)
	}
	s.totals(&t)
	return t.check()
}

// totals reads what the statement says of itself.
func (s camtStatement) totals(t *totals) {
	t.credits.read(plainZeros(s.Credits))
	t.debits.read(plainZeros(s.Debits))
	for _, b := range s.Balances {
		text := plainZeros(b.Amount.Text)
		if strings.TrimSpace(b.Direction) == directionDebit {
			text = "-" + text
		}
		switch strings.TrimSpace(b.Code) {
		case "OPBD":
			t.opening.read(text)
		case "CLBD":
			t.closing.read(text)
		}
		t.unsure = t.unsure || currency(b.Amount.Currency) != payments.BYN
	}
	if t.unsure {
		// Announced entries and other currencies may or may not be in the sums.
		t.credits.twice = true
	}
}

const (
	directionCredit = "CRDT"
	directionDebit  = "DBIT"
)

// add puts the entry into the totals.
func (e camtEntry) add(t *totals) {
	sum, _, err := amount(plainZeros(e.Amount.Text))
	switch {
	case err != nil || !e.booked() || currency(e.Amount.Currency) != payments.BYN:
		t.unsure = true
	case strings.TrimSpace(e.Direction) == directionCredit:
		t.credit(sum)
	default:
		t.debit(sum)
	}
}

// plainZeros leaves out the zeros that ISO 20022 allows behind the second of
// five fraction digits.
func plainZeros(text string) string {
	text = strings.TrimSpace(text)
	whole, fraction, found := strings.Cut(text, ".")
	const places, most = 2, 5
	if !found || len(fraction) <= places || len(fraction) > most || strings.Trim(fraction[places:], "0") != "" {
		return text
	}
	return whole + "." + fraction[:places]
}

// reversal reads the xs:boolean that marks money that goes back; none is no.
func (e camtEntry) reversal() (bool, error) {
	if e.Reversal == nil {
		return false, nil
	}
	switch strings.TrimSpace(*e.Reversal) {
	case "true", "1":
		return true, nil
	case "false", "0":
		return false, nil
	default:
		return false, fmt.Errorf("%w: RvslInd", ErrStatement)
	}
}

// credit tells whether money comes in; nobody guesses at another word.
func (e camtEntry) credit() (bool, error) {
	switch strings.TrimSpace(e.Direction) {
	case directionCredit:
		return true, nil
	case directionDebit:
		return false, nil
	default:
		return false, fmt.Errorf("%w: CdtDbtInd", ErrStatement)
	}
}

func (e camtEntry) booked() bool {
	status := e.Status.word()
	return status == "" || status == statusBooked
}

// statusBooked is the status of money that has come; the others are of money that may.
const statusBooked = "BOOK"

// word is the status as the message writes it; none is one of old banks.
func (s camtStatus) word() string { return firstOf(s.Code, s.Text, s.Own) }

// known refuses a status of which nobody can say whether money has come.
func (s camtStatus) known() error {
	switch s.word() {
	case "", statusBooked, "PDNG", "INFO", "FUTR", "EXPD":
		return nil
	default:
		return fmt.Errorf("%w: Sts", ErrStatement)
	}
}

// credits is one credit for each transaction of the entry, or why it has none.
// The reversal of a debit is money coming back to us and no payment of
// anybody's; that of a credit takes one back.
func (e camtEntry) credits(account string) ([]Credit, Skip, error) {
	sum, _, err := amount(plainZeros(e.Amount.Text))
	unit := currency(e.Amount.Currency)
	reversal, unclear := e.reversal()
	credit, unknown := e.credit()
	if err := errors.Join(unclear, unknown, e.Status.known()); err != nil {
		return nil, "", err
	}
	switch {
	case !e.booked():
		return nil, SkipNotBooked, nil
	case credit && reversal:
		return nil, SkipOwnReversal, nil
	case !credit && !reversal:
		return nil, SkipDebit, nil
	case strings.TrimSpace(e.Amount.Currency) == "":
		return nil, "", fmt.Errorf("%w: an amount without its currency", ErrStatement)
	case err != nil && unit == payments.BYN, sum < 0, strings.HasPrefix(strings.TrimSpace(e.Amount.Text), "-"):
		return nil, "", fmt.Errorf("%w: amount", ErrStatement)
	case err == nil && sum == 0:
		return nil, SkipZero, nil
	}
	// Of other currencies no more is kept than that money came: 12.345 is no
	// amount of kopecks.
	whole := Credit{Amount: sum, Currency: unit, Account: account, Raw: e.Raw, BookedAt: e.bookedAt(), Reversed: reversal}
	parts, err := e.parts(whole)
	if err != nil {
		return nil, "", err
	}
	return parts, "", nil
}

// parts makes a credit of each transaction of the entry. Where their amounts
// are not told, or do not add up to the entry's, the entry is one credit with
// all their purposes: an operator then divides it.
func (e camtEntry) parts(whole Credit) ([]Credit, error) {
	var out []Credit
	var sum order.Kopecks
	var pieces []string
	divided := len(e.Transactions) > 1
	for _, tx := range e.Transactions {
		part, told, err := tx.credit(whole, e.references(tx))
		if err != nil {
			return nil, err
		}
		divided = divided && told
		pieces = append(pieces, tx.pieces()...)
		out, sum = append(out, part), sum+part.Amount
	}
	switch {
	case divided && sum == whole.Amount:
		return out, nil
	case len(out) == 1:
		out[0].Amount, out[0].reference = whole.Amount, firstOf(e.BankRef, out[0].reference)
		return out, nil
	}
	whole.Purpose = payments.JoinPurpose(append(pieces, e.Info)...)
	whole.reference = firstOf(e.BankRef)
	whole.details = strings.TrimSpace(e.Reference)
	return []Credit{whole}, nil
}

// references are the bank's own ids of a transaction; one that is the whole
// entry's is no id of a part of it.
func (e camtEntry) references(tx camtTx) string {
	own := firstOf(tx.BankRef, tx.TxID)
	if own == strings.TrimSpace(e.BankRef) {
		return ""
	}
	return own
}

func (e camtEntry) bookedAt() time.Time {
	for _, d := range []camtDate{e.BookedAt, e.ValueAt} {
		if t, err := time.Parse(time.RFC3339, strings.TrimSpace(d.DateTime)); err == nil {
			return t
		}
		if t, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(d.Date), order.Minsk()); err == nil {
			return t
		}
	}
	return time.Time{}
}
