package gateways

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
)

// assistTime is how ASSIST writes instants, in GMT.
const assistTime = "02.01.2006 15:04:05"

// cardOrder is an order as ASSIST keeps it: all attempts to pay it.
type cardOrder struct {
	number, amount string
	back           returns
	created        time.Time
	attempts       []cardAttempt
}

// returns are where the browser goes back to: after any attempt, and after a good or a bad one when the shop tells them apart.
type returns struct{ any, ok, no string }

// after is the address that follows an attempt.
func (r returns) after(s assist.State) string {
	switch {
	case s == assist.StateApproved && r.ok != "":
		return r.ok
	case s != assist.StateApproved && r.no != "":
		return r.no
	default:
		return r.any
	}
}

type cardAttempt struct {
	// bill is without the number of the operation.
	bill, amount string
	state        assist.State
	at           time.Time
}

// CardPayment is one attempt to pay by card.
type CardPayment struct {
	OrderNumber string `json:"orderNumber"`
	// Amount is what is taken; the order's amount when empty. An order that never came to the pay page needs it.
	Amount string `json:"amount,omitempty"`
	// Declined makes the attempt fail at the bank.
	Declined bool `json:"declined,omitempty"`
	// Faults are those of the push.
	Faults Faults `json:"faults,omitzero"`
}

// CardReport is what became of an attempt.
type CardReport struct {
	BillNumber string       `json:"billNumber"`
	State      assist.State `json:"state"`
	// Answers are what the push URL said.
	Answers []Answer `json:"answers"`
}

// PayCard plays an attempt and pushes its result.
func (s *Server) PayCard(ctx context.Context, p CardPayment) (CardReport, error) {
	attempt, err := s.attempt(p)
	if err != nil {
		return CardReport{}, err
	}
	report := CardReport{BillNumber: attempt.bill + ".1", State: attempt.state}
	if target := s.target().AssistPush; target != "" {
		body := s.pushForm(p.OrderNumber, attempt, p.Faults.BadSignature).Encode()
		report.Answers = s.deliver(ctx, message{
			target: target, body: []byte(body), header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}},
		}, p.Faults)
	}
	return report, nil
}

// attempt writes an attempt into the order, before anything is pushed.
func (s *Server) attempt(p CardPayment) (cardAttempt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[p.OrderNumber]
	if o == nil {
		if p.Amount == "" || p.OrderNumber == "" {
			return cardAttempt{}, errors.New("no such order; an amount is needed to make one")
		}
		o = &cardOrder{number: p.OrderNumber, amount: p.Amount, created: s.opts.Now()}
		s.orders[p.OrderNumber] = o
	}
	amount := o.amount
	if p.Amount != "" {
		amount = p.Amount
	}
	kopecks, err := order.ParseKopecks(amount)
	if err != nil {
		return cardAttempt{}, err
	}
	s.bills++
	a := cardAttempt{bill: fmt.Sprintf("5999999%09d", s.bills%1_000_000_000), amount: kopecks.String(), state: assist.StateApproved, at: s.opts.Now()}
	if p.Declined {
		a.state = assist.StateDeclined
	}
	o.attempts = append(o.attempts, a)
	return a, nil
}

// pushForm is the notification of an attempt.
func (s *Server) pushForm(number string, a cardAttempt, spoil bool) url.Values {
	code := "AS000"
	if a.state != assist.StateApproved {
		code = "AS100"
	}
	merchant, at := s.opts.Assist.MerchantID, a.at.UTC().Format(assistTime)
	check := assist.CheckValue(s.salt, merchant+number+a.amount+payments.BYN+string(a.state))
	if spoil {
		check = strings.Repeat("0", len(check))
	}
	return url.Values{
		"merchant_id": {merchant}, "ordernumber": {number}, "billnumber": {a.bill + ".1"}, "testmode": {s.testMode()},
		"orderamount": {a.amount}, "ordercurrency": {payments.BYN}, "amount": {a.amount}, "currency": {payments.BYN},
		"orderstate": {string(a.state)}, "responsecode": {code}, "operationtype": {"100"}, "meannumber": {"411111****1111"},
		"operationdate": {at}, "packetdate": {at}, "checkvalue": {check},
	}
}

func (s *Server) testMode() string {
	if s.opts.Assist.TestMode {
		return "1"
	}
	return "0"
}

// orderCfm takes the pay page's form and sends the browser to the pay page.
func (s *Server) orderCfm(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	f := r.PostForm
	number, amount := f.Get("OrderNumber"), f.Get("OrderAmount")
	if f.Get("Merchant_ID") != s.opts.Assist.MerchantID || number == "" || f.Get("OrderCurrency") != payments.BYN {
		http.Error(w, "unknown merchant, no order number or another currency than BYN", http.StatusBadRequest)
		return
	}
	if _, err := order.ParseKopecks(amount); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if salt := s.opts.Assist.RequestSalt; salt != "" {
		want := assist.CheckValue(payments.NewSecret(salt), s.opts.Assist.MerchantID+";"+number+";"+amount+";"+payments.BYN)
		if subtle.ConstantTimeCompare([]byte(want), []byte(f.Get("Checkvalue"))) != 1 {
			http.Error(w, "the check value does not match", http.StatusBadRequest)
			return
		}
	}
	s.mu.Lock()
	o := s.orders[number]
	if o == nil {
		o = &cardOrder{number: number, created: s.opts.Now()}
		s.orders[number] = o
	}
	o.amount, o.back = amount, returns{f.Get("URL_RETURN"), f.Get("URL_RETURN_OK"), f.Get("URL_RETURN_NO")}
	s.mu.Unlock()
	http.Redirect(w, r, s.url+"/pay/pay.cfm?"+url.Values{"order": {number}}.Encode(), http.StatusFound)
}
