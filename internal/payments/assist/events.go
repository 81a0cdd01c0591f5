package assist

import (
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// The types of operations inside of an attempt.
const (
	operationPayment = "100"
	operationCancel  = "300"
)

// Notification turns a verified push into the common vocabulary. The external
// id is the bill without the number of the operation, and the state: the
// status poll makes the same id for the same event, so that each pays once (P5).
//
// The signed amount and currency decide. Where only an operation is signed that
// differs from the order it belongs to, it is an event of its own: a part is
// proven, and the poll tells of the whole. Fields that nobody signs can hold
// money back (test mode, another operation than a payment), never let it pay.
func (g *Gateway) Notification(p Push, signed Signed, raw []byte) payments.Notification {
	m, problem := p.read(signed)
	if problem != nil {
		n := payments.Unreadable(payments.SourceAssist, raw, g.now())
		n.Number = p.OrderNumber
		return n
	}
	state := m.state
	n := g.event(p.BillNumber, state)
	n.Raw, n.Number, n.Amount, n.Currency, n.OccurredAt = raw, p.OrderNumber, m.amount, m.currency, p.OperationAt
	if m.part {
		n.ExternalID = strings.TrimSpace(p.BillNumber) + "/" + string(state) + "/operation"
	}
	if p.Test && !g.cfg.TestMode && n.Kind != payments.KindNoMoney {
		n.Kind, n.ExternalID = payments.KindTest, n.ExternalID+"/test"
	}
	return n
}

// meaning is what the signed fields of a push say.
type meaning struct {
	state    State
	amount   order.Kopecks
	currency string
	// part says that they tell of an operation that differs from its order.
	part bool
}

// read understands the signed fields; the error names the one that it cannot.
func (p Push) read(signed Signed) (meaning, *FieldError) {
	m, field, text := meaning{currency: currencyCode(p.OrderCurrency)}, "orderamount", p.OrderAmount
	if signed == SignedOperation {
		field, text, m.currency = "amount", p.Amount, currencyCode(p.Currency)
		m.part = text != p.OrderAmount || m.currency != currencyCode(p.OrderCurrency)
	}
	if p.missing != nil {
		return m, p.missing
	}
	var err error
	if m.amount, err = order.ParseKopecks(strings.TrimSpace(text)); err != nil {
		return m, &FieldError{Field: field, First: FirstFormat}
	}
	if m.state, err = ParseState(p.State); err != nil {
		return m, &FieldError{Field: "orderstate", First: FirstValue}
	}
	kind := strings.TrimSpace(p.OperationType)
	if m.state.Kind() == payments.KindPayment && kind != "" && kind != operationPayment {
		return m, &FieldError{Field: "operationtype", First: FirstValue}
	}
	return m, nil
}

// event is the news that a bill has reached a state.
func (g *Gateway) event(bill string, state State) payments.Notification {
	base := payments.BillOf(payments.SourceAssist, bill)
	return payments.Notification{
		Source: payments.SourceAssist, Kind: state.Kind(), ExternalID: base + "/" + string(state), Bill: base, ReceivedAt: g.now(),
	}
}

// currencyCode is an ISO 4217 code as it is compared.
func currencyCode(text string) string { return strings.ToUpper(strings.TrimSpace(text)) }

// Notifications turns every attempt into the common vocabulary, with the
// external ids that the pushes of the same events have. Take the status from
// OrderResult: only it tells when the payer paid, which decides what is
// overdue, and how much each of several partial refunds gave back. The answer
// is kept as unreadable when something in it cannot be understood.
func (g *Gateway) Notifications(s Status) []payments.Notification {
	out := make([]payments.Notification, 0, len(s.Orders)+1)
	for _, o := range s.Orders {
		out = append(out, g.attempt(o, s.Raw)...)
	}
	if s.Unread > 0 {
		out = append(out, payments.Unreadable(payments.SourceAssist, s.Raw, g.now()))
	}
	return out
}

// attempt is what one attempt to pay has moved.
func (g *Gateway) attempt(o OrderStatus, raw []byte) []payments.Notification {
	n := g.event(o.BillNumber, o.State)
	n.Raw, n.Number, n.Amount, n.Currency, n.OccurredAt = raw, o.OrderNumber, o.Amount, currencyCode(o.Currency), o.paidAt()
	switch n.Kind {
	case payments.KindReversal:
		if refunds := o.refunds(n); len(refunds) > 0 {
			return refunds
		}
	case payments.KindPayment:
		n.Amount, n.Currency = o.proven()
	default:
	}
	if o.Test && !g.cfg.TestMode && n.Kind != payments.KindNoMoney {
		n.Kind, n.ExternalID = payments.KindTest, n.ExternalID+"/test"
	}
	return []payments.Notification{n}
}

// proven is the order's amount and currency unless its own operations tell of
// less money, or of another currency.
func (o OrderStatus) proven() (order.Kopecks, string) {
	var sum order.Kopecks
	told := false
	for _, op := range o.Operations {
		if !op.succeeded() || op.Type == operationCancel {
			continue
		}
		if code := currencyCode(op.Currency); code != "" && code != currencyCode(o.Currency) {
			return op.Amount, code
		}
		told, sum = true, sum+op.Amount
	}
	if told && sum < o.Amount {
		return sum, currencyCode(o.Currency)
	}
	return o.Amount, currencyCode(o.Currency)
}

// refunds is one message for each refund that the operations tell of; each
// has a bill number of its own. None when the attempt was not refunded.
func (o OrderStatus) refunds(n payments.Notification) []payments.Notification {
	var out []payments.Notification
	for _, op := range o.Operations {
		if op.Type != operationCancel || !op.succeeded() {
			continue
		}
		refund := n
		refund.ExternalID, refund.Amount, refund.Currency, refund.OccurredAt = op.BillNumber+"/refund", op.Amount, op.Currency, op.At
		out = append(out, refund)
	}
	return out
}

// paidAt is the time of the payment operation, which only OrderResult tells.
func (o OrderStatus) paidAt() time.Time {
	for _, op := range o.Operations {
		if op.Type == operationPayment && op.succeeded() {
			return op.At
		}
	}
	return time.Time{}
}

// responseOK is the response code of an operation that succeeded.
const responseOK = "AS000"

func (op Operation) succeeded() bool { return strings.EqualFold(op.ResponseCode, responseOK) }
