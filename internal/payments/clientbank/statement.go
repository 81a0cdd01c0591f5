// Package clientbank reads statements of the beneficiary's bank account and
// finds the credits in them: the text statement «***** ^Type=» of Belarusian
// client-banks, 1CClientBankExchange, and ISO 20022 camt.053.
package clientbank

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// MaxStatement is the size in bytes above which a statement is not read.
const MaxStatement = 20 << 20

// ErrStatement is returned for a file that cannot be read as a statement; no
// repetition makes it readable. Errors of this package wrap it.
var ErrStatement = errors.New("not a readable bank statement")

// Format is the format of a statement.
type Format string

// The formats that are read.
const (
	// FormatText is the native text statement, header «***** ^Type=».
	FormatText Format = "text"
	// Format1C is 1CClientBankExchange.
	Format1C Format = "1c"
	// FormatCamt053 is the ISO 20022 message camt.053.
	FormatCamt053 Format = "camt.053"
)

// Credit is money that came to the account.
type Credit struct {
	// OperationID is the bank's id of the operation or, where the bank gives
	// none that tells it from others, one derived from its content.
	OperationID string
	Amount      order.Kopecks
	// Currency is an ISO 4217 letter code.
	Currency  string
	PayerUNP  string
	PayerName string
	// Purpose is the whole purpose of payment (назначение платежа), its pieces
	// put together by payments.JoinPurpose.
	Purpose string
	// BookedAt is the posting time, or the day's start in Minsk when the
	// statement tells only the day; zero when it tells none.
	BookedAt time.Time
	// Account is the credited account, as payments.AccountNumber writes it.
	Account string
	// Foreign marks a credit of an account that is not the statement's own.
	Foreign bool
	// Reversed marks a credit that the bank has taken back.
	Reversed bool
	// Raw is the block of the statement the credit was read from.
	Raw []byte

	// reference is the bank's id as it stands there, details all else that
	// tells one entry from another.
	reference, details string
}

// Skip says why an entry of a statement is no credit.
type Skip string

// The entries that are passed over.
const (
	// SkipDebit is money that left the account.
	SkipDebit Skip = "debit"
	// SkipZero moves nothing.
	SkipZero Skip = "zero"
	// SkipNotBooked is announced and not on the account yet.
	SkipNotBooked Skip = "not-booked"
	// SkipOwnReversal is a payment of ours that came back.
	SkipOwnReversal Skip = "reversal-of-debit"
	// SkipText is a line that belongs to nothing.
	SkipText Skip = "text"
)

// Statement is what a file says.
type Statement struct {
	Format  Format
	Credits []Credit
	// Passed counts the entries that are no credits.
	Passed map[Skip]int
}

// Detect recognises the format by the beginning of the file.
func Detect(data []byte) (Format, error) {
	const look = 4 << 10
	head := bytes.TrimPrefix(data[:min(len(data), look)], []byte("\xef\xbb\xbf"))
	head = bytes.TrimLeft(head, " \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("*****")) && bytes.Contains(head, []byte("^Type=")):
		return FormatText, nil
	case bytes.HasPrefix(head, []byte("1CClientBankExchange")):
		return Format1C, nil
	case bytes.HasPrefix(head, []byte("<")) && bytes.Contains(head, []byte("BkToCstmrStmt")):
		return FormatCamt053, nil
	default:
		return "", fmt.Errorf("%w: unknown format", ErrStatement)
	}
}

// Parse reads a statement of any known format, all of it or nothing: it fails
// when its own totals do not agree with its entries. Errors wrap ErrStatement
// and name the line, never its content.
func Parse(data []byte) (Statement, error) {
	if len(data) > MaxStatement {
		return Statement{}, fmt.Errorf("%w: larger than %d bytes", ErrStatement, MaxStatement)
	}
	format, err := Detect(data)
	if err != nil {
		return Statement{}, err
	}
	s := Statement{Format: format, Passed: map[Skip]int{}}
	switch format {
	case FormatText:
		err = parseText(data, &s)
	case Format1C:
		err = parse1C(data, &s)
	case FormatCamt053:
		err = parseCamt(data, &s)
	}
	if err != nil {
		return Statement{}, err
	}
	identify(s.Credits)
	return s, nil
}

// Notification turns a credit into the common vocabulary; own are our accounts.
// Operation ids are unique within an account, so the account is part of the
// external id.
func (c Credit) Notification(receivedAt time.Time, own payments.Accounts) payments.Notification {
	n := payments.Notification{
		Source: payments.SourceClientBank, Kind: payments.KindPayment, ExternalID: c.Account + "/" + c.OperationID, Bill: c.bill(),
		Raw: c.Raw, Number: c.Purpose, Amount: c.Amount, Currency: c.Currency, PayerUNP: c.PayerUNP,
		OtherAccount: c.Foreign || !own.Own(c.Account),
		ReceivedAt:   receivedAt, OccurredAt: c.BookedAt,
	}
	if c.Reversed {
		n.Kind, n.ExternalID = payments.KindReversal, n.ExternalID+"/reversal"
	}
	return n
}

// bill is what a credit and its reversal have in common; empty without a
// payment number, as then nothing tells which of a payer's credits went back.
func (c Credit) bill() string {
	numbers := payments.FindNumbers(c.Purpose)
	if len(numbers) != 1 {
		return ""
	}
	return strings.Join([]string{c.Account, numbers[0].ERIP(), c.Amount.String(), c.Currency, payments.Canonical(c.PayerUNP)}, "/")
}

// amount reads a sum that may be negative and may have blanks between thousands,
// and nowhere else inside: "10 86.40" could be two values.
func amount(text string) (order.Kopecks, bool, error) {
	text, negative := strings.CutPrefix(strings.TrimSpace(text), "-")
	groups := strings.FieldsFunc(text, unicode.IsSpace)
	for i, group := range groups {
		digits := len(group)
		if i == len(groups)-1 {
			digits = strings.IndexAny(group+".", ".,")
		}
		if i > 0 && digits != thousands || i == 0 && len(groups) > 1 && digits > thousands {
			return 0, false, order.ErrAmount
		}
	}
	k, err := order.ParseKopecks(strings.Join(groups, ""))
	return k, negative && k > 0, err
}

// thousands is the length of a group of digits.
const thousands = 3

// day reads dd.mm.yyyy or dd/mm/yyyy with an optional time, in Minsk.
func day(text string) time.Time {
	text = strings.ReplaceAll(strings.TrimSpace(text), "/", ".")
	for _, layout := range []string{"02.01.2006 15:04:05", "02.01.2006 15:04", "02.01.2006"} {
		if t, err := time.ParseInLocation(layout, text, order.Minsk()); err == nil {
			return t
		}
	}
	return time.Time{}
}

// currency writes an ISO 4217 code in letters; none means the rouble.
func currency(code string) string {
	switch code = strings.ToUpper(strings.TrimSpace(code)); code {
	case "", "933":
		return payments.BYN
	default:
		return code
	}
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v = strings.TrimSpace(v); v != "" {
			return v
		}
	}
	return ""
}
