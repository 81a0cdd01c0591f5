package clientbank

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
)

// textReader goes through a text statement line by line.
type textReader struct {
	data    []byte
	account string
	// file holds the keys before the first operation, row those of the
	// operation that is being read; nil outside of one.
	file, row map[string]string
	// start and end bound the operation's block in data.
	start, end int
	output     bool
	open       string
	credits    []Credit
}

// parseText reads «***** ^Type=» in windows-1251 or UTF-8.
func parseText(data []byte) ([]Credit, error) {
	r, decode := &textReader{data: data}, charset.Windows1251
	if utf8.Valid(data) {
		decode = charset.Text
	}
	number := 0
	for from := 0; from < len(data); {
		number++
		to := len(data)
		if i := bytes.IndexByte(data[from:], '\n'); i >= 0 {
			to = from + i + 1
		}
		if err := r.line(decode(bytes.TrimRight(data[from:to], " \t\r\n")), from, to); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		from = to
	}
	if err := r.flush(); err != nil {
		return nil, fmt.Errorf("line %d: %w", number, err)
	}
	return r.credits, nil
}

// line takes one decoded line and its place in the file.
func (r *textReader) line(text string, from, to int) error {
	switch {
	case strings.HasPrefix(text, "*****"):
		return r.header(text)
	case text == "[IN_PARAM]" || text == "[OUT_PARAM]":
		r.output = text == "[OUT_PARAM]"
		return r.flush()
	case !r.output:
		return nil
	case !strings.HasPrefix(text, "^"):
		r.continued(text, to)
		return nil
	}
	key, value, found := strings.Cut(text[1:], "=")
	if !found {
		return nil
	}
	value, closed := strings.CutSuffix(value, "^")
	r.open = ""
	if !closed {
		r.open = key
	}
	if key == "DocDate" {
		if err := r.flush(); err != nil {
			return err
		}
		r.row, r.start = map[string]string{}, from
	}
	r.put(key, value)
	r.end = to
	return nil
}

// header begins a statement; a file may hold several.
func (r *textReader) header(text string) error {
	err := r.flush()
	r.file, r.output, r.account = map[string]string{}, false, ""
	if _, rest, found := strings.Cut(text, "^Acc="); found {
		r.account, _, _ = strings.Cut(rest, "^")
		r.account = strings.TrimSpace(r.account)
	}
	return err
}

// put keeps the first value of a key: the totals that follow the last
// operation must not change it.
func (r *textReader) put(key, value string) {
	target := r.row
	if target == nil {
		target = r.file
	}
	if _, known := target[key]; !known {
		target[key] = value
	}
}

// continued appends a further line of a value that was not closed.
func (r *textReader) continued(text string, to int) {
	if r.open == "" || r.row == nil {
		return
	}
	value, closed := strings.CutSuffix(text, "^")
	r.row[r.open] += " " + value
	if closed {
		r.open = ""
	}
	r.end = to
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

// flush ends the operation that is being read and keeps it if it is a credit.
func (r *textReader) flush() error {
	defer func() { r.row, r.open = nil, "" }()
	if r.row == nil {
		return nil
	}
	unit := r.first("I2")
	if unit == "" {
		unit = firstOf(r.file["I3"], r.file["I1"])
	}
	sums := []string{"Credit", "Cre"}
	if unit = currency(unit); unit != payments.BYN {
		sums = []string{"CreditQ", "CreQ", "Credit", "Cre"}
	}
	text := r.first(sums...)
	if text == "" {
		return nil
	}
	sum, negative, err := amount(text)
	if err != nil {
		return fmt.Errorf("%w: credit of the operation before", ErrStatement)
	}
	if sum == 0 {
		return nil
	}
	c := Credit{
		OperationID: r.first("OperationID", "DocID"), Amount: sum, Currency: unit, Reversed: negative,
		PayerUNP: r.first("KorUNP", "UNNRec"), PayerName: r.first("KorName", "KorNameOnly"),
		// A number may be cut by the end of the first field.
		Purpose:  r.row["Nazn"] + r.row["Nazn2"],
		BookedAt: r.bookedAt(), Account: r.account, Raw: r.data[r.start:r.end],
	}
	if c.OperationID == "" {
		c.OperationID = fallbackID(r.first("Num"), r.first("DocDate"), c.PayerUNP+r.first("Acc"), sum)
	}
	r.credits = append(r.credits, c)
	return nil
}

func (r *textReader) bookedAt() time.Time {
	for _, text := range []string{r.first("OpDate"), r.first("DateTime"), r.first("DocDate") + " " + r.first("DocTime"), r.first("DocDate")} {
		if t := day(text); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
