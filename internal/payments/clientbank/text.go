package clientbank

import (
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// textReader goes through a text statement line by line.
type textReader struct {
	data    []byte
	out     *Statement
	account string
	// file holds the keys before the first operation, row those of the
	// operation that is being read; nil outside of one.
	file, row map[string]string
	// place bounds the operation's block in data.
	place  block
	output bool
	// open is the key of a value that has not been closed yet.
	open   string
	totals totals
}

// parseText reads «***** ^Type=» in windows-1251 or UTF-8.
func parseText(data []byte, out *Statement) error {
	r, decode := &textReader{data: data, out: out, file: map[string]string{}}, charset.Guess(data)
	number := 0
	for b := range lines(data) {
		number++
		if err := r.line(strings.TrimRight(decode(data[b.start:b.end]), " \t\r\n"), b); err != nil {
			return fmt.Errorf("line %d: %w", number, err)
		}
	}
	if r.open != "" {
		return fmt.Errorf("line %d: %w: a value is not closed", number, ErrStatement)
	}
	if err := r.end(); err != nil {
		return fmt.Errorf("line %d: %w", number, err)
	}
	return nil
}

// line takes one decoded line and its place in the file. As long as a value is
// open everything belongs to it: payers write the purpose, and a line of theirs
// must not become a field.
func (r *textReader) line(text string, b block) error {
	switch {
	case r.open != "":
		r.continued(text, b)
		return nil
	case strings.HasPrefix(text, "*****"):
		return r.header(text)
	case text == "[IN_PARAM]" || text == "[OUT_PARAM]":
		r.output = text == "[OUT_PARAM]"
		return r.flush()
	case !r.output || text == "":
		return nil
	}
	key, value, found := strings.Cut(strings.TrimPrefix(text, "^"), "=")
	if !found || !strings.HasPrefix(text, "^") {
		r.out.Passed[SkipText]++
		return nil
	}
	value, closed := strings.CutSuffix(value, "^")
	if key == "DocDate" {
		if err := r.flush(); err != nil {
			return err
		}
		r.row, r.place.start = map[string]string{}, b.start
	}
	if !closed {
		r.open = key
	}
	r.place.end = b.end
	return r.put(key, value)
}

// header begins a statement; a file may hold several.
func (r *textReader) header(text string) error {
	err := r.end()
	r.file, r.output, r.account, r.totals = map[string]string{}, false, "", totals{}
	if _, rest, found := strings.Cut(text, "^Acc="); found {
		account, _, _ := strings.Cut(rest, "^")
		r.account = payments.AccountNumber(account)
	}
	return err
}

// put keeps the value of a key; two of them in one operation cannot both be true.
func (r *textReader) put(key, value string) error {
	if r.sum(key, value) {
		return nil
	}
	if r.row == nil {
		r.file[key] = value
		return nil
	}
	if _, known := r.row[key]; known {
		return fmt.Errorf("%w: a field stands twice in one operation", ErrStatement)
	}
	r.row[key] = value
	return nil
}

// sum takes the keys that speak of the whole statement.
func (r *textReader) sum(key, value string) bool {
	switch key {
	case "RestIn", "CrIn", "InCre":
		r.totals.opening.read(value)
	case "RestOut", "CrOut", "OutCre":
		r.totals.closing.read(value)
	case "CR":
		r.totals.credits.read(value)
	case "DB":
		r.totals.debits.read(value)
	case "DebOut", "DebV", "CreV":
	default:
		return false
	}
	return true
}

// continued appends a further line of a value that was not closed.
func (r *textReader) continued(text string, b block) {
	value, closed := strings.CutSuffix(text, "^")
	if target := r.row; target != nil {
		target[r.open] += "\n" + value
	}
	if closed {
		r.open = ""
	}
	r.place.end = b.end
}

// first is the first non-empty value of the aliases of a key.
func (r *textReader) first(aliases ...string) string {
	for _, key := range aliases {
		if v := strings.TrimSpace(r.row[key]); v != "" {
			return v
		}
	}
	return ""
}

// only is the value of the aliases of a key that decides; all that are there
// must agree.
func (r *textReader) only(aliases ...string) (string, error) {
	value := r.first(aliases...)
	for _, key := range aliases {
		if v := strings.TrimSpace(r.row[key]); v != "" && v != value {
			return "", fmt.Errorf("%w: two fields of the operation before contradict each other", ErrStatement)
		}
	}
	return value, nil
}

// end ends a statement.
func (r *textReader) end() error {
	if err := r.flush(); err != nil {
		return err
	}
	return r.totals.check()
}

// unit is the currency of the operation, and whether its sums are in it.
func (r *textReader) unit() (code string, keys []string) {
	code = currency(firstOf(r.first("I2"), r.file["I3"], r.file["I1"]))
	if code != payments.BYN {
		// The sums of the file are those of the rouble's equivalent, or mixed.
		r.totals.unsure, r.totals.credits.twice = true, true
		return code, []string{"CreditQ", "CreQ"}
	}
	return code, nil
}

// flush ends the operation that is being read and keeps it if it is a credit.
func (r *textReader) flush() error {
	defer func() { r.row = nil }()
	if r.row == nil {
		return nil
	}
	unit, keys := r.unit()
	text := r.first(keys...)
	var err error
	if text == "" {
		text, err = r.only("Credit", "Cre")
	}
	if err != nil {
		return err
	}
	r.debit()
	if text == "" {
		r.out.Passed[SkipDebit]++
		return nil
	}
	sum, negative, err := amount(text)
	if err != nil {
		return fmt.Errorf("%w: credit of the operation before", ErrStatement)
	}
	if sum == 0 {
		r.out.Passed[r.nothing()]++
		return nil
	}
	unp, err := r.only("KorUNP", "UNNRec")
	if err != nil {
		return err
	}
	c := Credit{
		Amount: sum, Currency: unit, Reversed: negative, PayerUNP: unp, PayerName: r.first("KorName", "KorNameOnly"),
		Purpose:  payments.JoinPurpose(strings.Split(r.row["Nazn"]+"\n"+r.row["Nazn2"], "\n")...),
		BookedAt: r.bookedAt(), Account: r.account, Raw: r.data[r.place.start:r.place.end], reference: r.first("OperationID", "DocID"),
		details: strings.Join([]string{r.first("Num"), r.first("DocDate"), payments.AccountNumber(r.first("Acc"))}, "|"),
	}
	r.out.Credits = append(r.out.Credits, c)
	if negative {
		sum = -sum
	}
	r.totals.credit(sum)
	return nil
}

// debit adds the debit of the operation to the totals.
func (r *textReader) debit() {
	text := r.first("Db", "Deb")
	if text == "" {
		return
	}
	sum, negative, err := amount(text)
	if negative {
		sum = -sum
	}
	r.totals.unsure = r.totals.unsure || err != nil
	r.totals.debit(sum)
}

// nothing says what an operation without a credit is.
func (r *textReader) nothing() Skip {
	if sum, _, err := amount(r.first("Db", "Deb")); err == nil && sum == 0 {
		return SkipZero
	}
	return SkipDebit
}

func (r *textReader) bookedAt() time.Time {
	for _, text := range []string{r.first("OpDate"), r.first("DateTime"), r.first("DocDate") + " " + r.first("DocTime"), r.first("DocDate")} {
		if t := day(text); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
