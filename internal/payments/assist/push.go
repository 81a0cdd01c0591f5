package assist

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// MaxPush is the size in bytes above which a push is not read.
const MaxPush = 64 << 10

// dateLayout is how ASSIST writes instants, in GMT.
const dateLayout = "02.01.2006 15:04:05"

// Push is a notification about an attempt to pay, its fields as received. What
// they mean is asked once it is known who wrote them.
type Push struct {
	MerchantID  string
	OrderNumber string
	// BillNumber is the gateway's id of the attempt, often with the number of
	// the operation behind a dot.
	BillNumber string
	Test       bool
	// OrderAmount and OrderCurrency are those of the whole order, Amount and
	// Currency those of this operation; they differ when a payment is split.
	OrderAmount, OrderCurrency string
	Amount, Currency           string
	State                      string
	// ResponseCode is AS000 for success.
	ResponseCode string
	// OperationType is 100 for a payment, the only one that is pushed.
	OperationType string
	// OperationAt is when the payer paid or, when the gateway does not tell
	// that, when it made the message; zero when it tells neither.
	OperationAt time.Time
	// PacketDate is echoed in the answer exactly as received.
	PacketDate string
	CheckValue string
	// missing is the first field that should say something and does not: whoever
	// has signed that is heard, and waits for an operator.
	missing *FieldError
}

// FieldError says what is wrong with a field of a message, in the gateway's codes.
type FieldError struct {
	Field string
	First FirstCode
}

// Error names the field; values are left out, as they may be personal.
func (e *FieldError) Error() string {
	return fmt.Sprintf("assist: field %s: code %d", e.Field, e.First)
}

// ErrCheckValue is returned for a message whose check value does not fit.
var ErrCheckValue = errors.New("assist: check value does not match")

// ParsePush takes the form body of a push apart. Errors are of type *FieldError.
func ParsePush(body []byte) (Push, error) {
	if len(body) > MaxPush {
		return Push{}, &FieldError{Field: "body", First: FirstFormat}
	}
	f := parseForm(string(body))
	p := Push{
		MerchantID: f.required("merchant_id"), OrderNumber: f.optional("ordernumber"), BillNumber: f.optional("billnumber"),
		OrderAmount: f.optional("orderamount"), OrderCurrency: f.optional("ordercurrency"),
		Amount: f.optional("amount"), Currency: f.optional("currency"), State: f.optional("orderstate"),
		CheckValue: f.required("checkvalue"), ResponseCode: f.optional("responsecode"), OperationType: f.optional("operationtype"),
		PacketDate: f.optional("packetdate"), Test: strings.TrimSpace(f.optional("testmode")) == "1",
	}
	p.OperationAt = date(f.optional("operationdate"))
	if p.OperationAt.IsZero() {
		p.OperationAt = date(p.PacketDate)
	}
	if f.err != nil {
		return Push{}, f.err
	}
	for _, name := range []string{"ordernumber", "billnumber", "orderamount", "ordercurrency", "orderstate"} {
		if p.missing == nil && strings.TrimSpace(f.optional(name)) == "" {
			p.missing = &FieldError{Field: name, First: FirstMissing}
		}
	}
	return p, nil
}

// form reads fields and keeps the first thing that is wrong.
type form struct {
	values map[string][]string
	err    error
}

// parseForm splits a body at "&" only: a comment may hold a semicolon. A value
// that is not encoded well is taken as it stands, and the check value then
// tells whether it matters.
func parseForm(body string) form {
	f := form{values: map[string][]string{}}
	for pair := range strings.SplitSeq(body, "&") {
		name, value, _ := strings.Cut(pair, "=")
		name = strings.ToLower(unescape(name))
		f.values[name] = append(f.values[name], unescape(value))
	}
	return f
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

func (f *form) optional(name string) string {
	v := f.values[name]
	if len(v) > 1 && f.err == nil {
		// Two values would let one be checked and another be used.
		f.err = &FieldError{Field: name, First: FirstFormat}
	}
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

func (f *form) required(name string) string {
	v := f.optional(name)
	if v == "" && f.err == nil {
		f.err = &FieldError{Field: name, First: FirstMissing}
	}
	return v
}

// Signed says which of the two pairs of amount and currency a check value
// covers. Only that pair decides.
type Signed string

// What a check value covers.
const (
	// SignedOrder covers orderamount and ordercurrency.
	SignedOrder Signed = "order"
	// SignedOperation covers amount and currency of the operation.
	SignedOperation Signed = "operation"
)

// Verify checks that the push is signed with the merchant's secret word and
// tells what is signed. Vendors sign either the operation's amount or the
// order's: both are tried. Errors: *FieldError, ErrCheckValue.
func (g *Gateway) Verify(p Push) (Signed, error) {
	if p.MerchantID != g.cfg.MerchantID {
		return "", &FieldError{Field: "merchant_id", First: FirstValue}
	}
	head := p.MerchantID + p.OrderNumber
	whole := checkMatches(g.cfg.ResultSalt, p.CheckValue, head+p.OrderAmount+p.OrderCurrency+p.State)
	part := checkMatches(g.cfg.ResultSalt, p.CheckValue, head+p.Amount+p.Currency+p.State)
	switch {
	case whole:
		return SignedOrder, nil
	case part:
		return SignedOperation, nil
	default:
		return "", ErrCheckValue
	}
}
