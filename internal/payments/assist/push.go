package assist

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// MaxPush is the size in bytes above which a push is not read.
const MaxPush = 64 << 10

// dateLayout is how ASSIST writes instants, in GMT.
const dateLayout = "02.01.2006 15:04:05"

// Push is a notification about an attempt to pay, parsed and not yet verified.
type Push struct {
	MerchantID  string
	OrderNumber string
	// BillNumber is the gateway's id of the attempt, often with the number of
	// the operation behind a dot.
	BillNumber    string
	Test          bool
	OrderAmount   order.Kopecks
	OrderCurrency string
	// Amount and Currency are those of this operation; they differ from the
	// order's when a payment is split.
	Amount   string
	Currency string
	State    State
	// ResponseCode is AS000 for success.
	ResponseCode string
	// OperationAt is when the payer paid or, when the gateway does not tell
	// that, when it made the message; zero when it tells neither.
	OperationAt time.Time
	// PacketDate is echoed in the answer exactly as received.
	PacketDate string
	CheckValue string

	orderAmountText, stateText string
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

// ParsePush reads the form body of a push. Errors are of type *FieldError.
func ParsePush(body []byte) (Push, error) {
	if len(body) > MaxPush {
		return Push{}, &FieldError{Field: "body", First: FirstFormat}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		return Push{}, &FieldError{Field: "body", First: FirstFormat}
	}
	f := form{values: make(map[string][]string, len(values))}
	for name, v := range values {
		name = strings.ToLower(name)
		f.values[name] = append(f.values[name], v...)
	}
	p := Push{
		MerchantID: f.required("merchant_id"), OrderNumber: f.required("ordernumber"), BillNumber: f.required("billnumber"),
		OrderCurrency: f.required("ordercurrency"), orderAmountText: f.required("orderamount"),
		Amount: f.optional("amount"), Currency: f.optional("currency"), stateText: f.required("orderstate"),
		CheckValue: f.required("checkvalue"), ResponseCode: f.optional("responsecode"),
		PacketDate: f.optional("packetdate"), Test: f.optional("testmode") == "1",
	}
	if f.err != nil {
		return Push{}, f.err
	}
	if p.OrderAmount, err = order.ParseKopecks(p.orderAmountText); err != nil {
		return Push{}, &FieldError{Field: "orderamount", First: FirstFormat}
	}
	if p.State, err = ParseState(p.stateText); err != nil {
		return Push{}, &FieldError{Field: "orderstate", First: FirstValue}
	}
	// A date that cannot be read is no reason to refuse money.
	p.OperationAt = date(f.optional("operationdate"))
	if p.OperationAt.IsZero() {
		p.OperationAt = date(p.PacketDate)
	}
	return p, nil
}

// form reads fields and keeps the first thing that is wrong.
type form struct {
	values map[string][]string
	err    error
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

// Verify checks that the push is signed with the merchant's secret word.
// Vendors sign either the operation's amount or the order's: both are tried.
func (g *Gateway) Verify(p Push) error {
	if p.MerchantID != g.cfg.MerchantID {
		return &FieldError{Field: "merchant_id", First: FirstValue}
	}
	head := p.MerchantID + p.OrderNumber
	if !checkMatches(g.cfg.ResultSalt, p.CheckValue,
		head+p.Amount+p.Currency+p.stateText,
		head+p.orderAmountText+p.OrderCurrency+p.stateText) {
		return ErrCheckValue
	}
	return nil
}

// Notification turns a verified push into the common vocabulary. The external
// id is the bill without the number of the operation, and the state: the
// status poll makes the same id for the same event, so that each pays once (P5).
func (g *Gateway) Notification(p Push, raw []byte) payments.Notification {
	n := payments.Notification{
		Source: payments.SourceAssist, Kind: p.State.Kind(), ExternalID: externalID(p.BillNumber, p.State),
		Raw: raw, Number: p.OrderNumber, Amount: p.OrderAmount, Currency: p.OrderCurrency,
		ReceivedAt: g.now(), OccurredAt: p.OperationAt,
	}
	if p.Test && !g.cfg.TestMode && n.Kind != payments.KindNoMoney {
		n.Kind, n.ExternalID = payments.KindTest, n.ExternalID+"/test"
	}
	return n
}

func externalID(bill string, state State) string {
	base, _, _ := strings.Cut(bill, ".")
	return base + "/" + string(state)
}
