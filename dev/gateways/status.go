package gateways

import (
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
)

// defaultWindow is how far the status services look back when they are not told.
const defaultWindow = 3 * 24 * time.Hour

type statusXML struct {
	XMLName xml.Name      `xml:"result"`
	First   int           `xml:"firstcode,attr"`
	Second  int           `xml:"secondcode,attr"`
	Count   int           `xml:"count,attr"`
	Orders  []statusOrder `xml:"order"`
}

type statusOrder struct {
	Number     string            `xml:"ordernumber"`
	Bill       string            `xml:"billnumber"`
	Test       string            `xml:"testmode"`
	Amount     string            `xml:"orderamount"`
	Currency   string            `xml:"ordercurrency"`
	Date       string            `xml:"orderdate"`
	State      string            `xml:"orderstate"`
	Check      string            `xml:"checkvalue,omitempty"`
	Operations []statusOperation `xml:"operation"`
}

type statusOperation struct {
	Bill     string `xml:"billnumber"`
	Type     string `xml:"operationtype"`
	State    string `xml:"operationstate"`
	Amount   string `xml:"amount"`
	Currency string `xml:"currency"`
	Code     string `xml:"responsecode"`
	Date     string `xml:"operationdate"`
}

func answerXML(w http.ResponseWriter, doc statusXML) {
	doc.Count = len(doc.Orders)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = w.Write([]byte(xml.Header))
	_ = xml.NewEncoder(w).Encode(doc)
}

// signedIn checks the merchant's credentials and answers when they are wrong.
func (s *Server) signedIn(w http.ResponseWriter, r *http.Request) bool {
	_ = r.ParseForm()
	o := s.opts.Assist
	ok := r.PostForm.Get("Merchant_ID") == o.MerchantID && r.PostForm.Get("Login") == o.Login && r.PostForm.Get("Password") == o.Password
	if !ok {
		answerXML(w, statusXML{First: int(assist.FirstAuthentication), Second: 141})
	}
	return ok
}

// orderStatus answers orderstate.cfm and, with operations, orderresult.cfm.
func (s *Server) orderStatus(operations bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.signedIn(w, r) {
			return
		}
		s.mu.Lock()
		o := s.orders[r.PostForm.Get("Ordernumber")]
		doc := statusXML{First: int(assist.FirstNoObject), Second: int(assist.SecondOrder)}
		if o != nil && !o.created.Before(windowStart(r.PostForm, s.opts.Now())) {
			doc = statusXML{}
			for _, a := range o.attempts {
				doc.Orders = append(doc.Orders, s.describe(o, a, operations))
			}
		}
		s.mu.Unlock()
		answerXML(w, doc)
	}
}

// windowStart reads the start of the time window; the real gateway looks back three days only when it is not told.
func windowStart(f url.Values, now time.Time) time.Time {
	var n [5]int
	for i, name := range []string{"StartYear", "StartMonth", "StartDay", "StartHour", "StartMin"} {
		v, err := strconv.Atoi(f.Get(name))
		if err != nil {
			return now.Add(-defaultWindow)
		}
		n[i] = v
	}
	return time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], 0, 0, time.UTC)
}

func (s *Server) describe(o *cardOrder, a cardAttempt, operations bool) statusOrder {
	out := statusOrder{
		Number: o.number, Bill: a.bill, Test: s.testMode(), Amount: a.amount, Currency: payments.BYN,
		Date: o.created.UTC().Format(assistTime), State: string(a.state),
		Check: assist.CheckValue(s.salt, s.opts.Assist.MerchantID+o.number+a.amount+payments.BYN+string(a.state)),
	}
	if operations {
		op := statusOperation{Bill: a.bill + ".1", Type: "100", State: "Success", Amount: a.amount, Currency: payments.BYN, Code: "AS000", Date: a.at.UTC().Format(assistTime)}
		if a.state == assist.StateDeclined {
			op.State, op.Code = "Declined", "AS100"
		}
		out.Operations = append(out.Operations, op)
	}
	return out
}

// cancelCfm gives all of an attempt's money back, once for each key.
func (s *Server) cancelCfm(w http.ResponseWriter, r *http.Request) {
	if !s.signedIn(w, r) {
		return
	}
	bill, _, _ := strings.Cut(r.PostForm.Get("Billnumber"), ".")
	key := r.PostForm.Get("Externalrefundid")
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.orders {
		for i := range o.attempts {
			a := &o.attempts[i]
			if a.bill != bill {
				continue
			}
			if key != "" && s.refunds[o.number+"/"+key] {
				answerXML(w, statusXML{First: int(assist.FirstDuplicate), Second: 301})
				return
			}
			if a.state != assist.StateApproved {
				answerXML(w, statusXML{First: int(assist.FirstForbidden), Second: 301})
				return
			}
			s.refunds[o.number+"/"+key] = true
			a.state = assist.StateCanceled
			if part := r.PostForm.Get("Amount"); part != "" && part != a.amount {
				a.state = assist.StatePartialCanceled
			}
			answerXML(w, statusXML{Orders: []statusOrder{s.describe(o, *a, false)}})
			return
		}
	}
	answerXML(w, statusXML{First: int(assist.FirstNoObject), Second: int(assist.SecondBill)})
}
