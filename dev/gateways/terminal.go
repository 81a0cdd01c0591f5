package gateways

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/charset"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
)

// ERIPPayment is a payer at a terminal.
type ERIPPayment struct {
	// Account is what the payer types.
	Account string `json:"account"`
	// Amount is what is paid; the debt when empty.
	Amount string `json:"amount,omitempty"`
	// Failed tells the provider in the end that the money was not taken.
	Failed bool `json:"failed,omitempty"`
	// LoseResult takes the money and never says so: only the register lists it.
	LoseResult bool `json:"loseResult,omitempty"`
	// Faults are those of every message.
	Faults Faults `json:"faults,omitzero"`
}

// ERIPStep is one message of a dialogue with its answers.
type ERIPStep struct {
	Type    erip.RequestType `json:"type"`
	Answers []Answer         `json:"answers"`
	// Errors and Lines are what the last answer shows the payer.
	Errors []string `json:"errors,omitempty"`
	Lines  []string `json:"lines,omitempty"`
}

// ERIPReport is what became of a payment.
type ERIPReport struct {
	TransactionID int64      `json:"transactionId"`
	Paid          bool       `json:"paid"`
	Steps         []ERIPStep `json:"steps"`
}

// Taken is a payment for which the terminal took money.
type Taken struct {
	TransactionID, ProviderTrxID, RequestID int64
	Account                                 string
	Amount                                  order.Kopecks
	At                                      time.Time
}

var errNotConnected = errors.New("the address of the ERIP endpoint is not set")

// PayERIP plays a payer: the debt is asked, the payment started, the result told. It stops at the first refusal, which is no error.
func (s *Server) PayERIP(ctx context.Context, p ERIPPayment) (ERIPReport, error) {
	var report ERIPReport
	r := s.newRequest(p.Account)
	info, err := s.ask(ctx, &report, r, p.Faults)
	if err != nil || len(info.Errors) > 0 {
		return report, err
	}
	r.Type, r.Amount, r.TransactionID = erip.TransactionStart, info.Debt, s.nextID()
	report.TransactionID = r.TransactionID
	if p.Amount != "" {
		if r.Amount, err = order.ParseKopecks(p.Amount); err != nil {
			return report, err
		}
	}
	start, err := s.ask(ctx, &report, r, p.Faults)
	if err != nil || len(start.Errors) > 0 {
		return report, err
	}
	r.ProviderTrxID = start.ProviderTrxID
	if !p.Failed {
		s.mu.Lock()
		s.taken = append(s.taken, Taken{r.TransactionID, r.ProviderTrxID, r.RequestID, p.Account, r.Amount, s.opts.Now()})
		s.mu.Unlock()
		report.Paid = true
	}
	if p.LoseResult {
		return report, nil
	}
	r.Type, r.Amount, r.Failed = erip.TransactionResult, 0, p.Failed
	_, err = s.ask(ctx, &report, r, p.Faults)
	return report, err
}

// ReverseERIP takes back a payment of this terminal, if the provider consents.
func (s *Server) ReverseERIP(ctx context.Context, transactionID int64, f Faults) (ERIPReport, error) {
	report := ERIPReport{TransactionID: transactionID, Paid: true}
	t, found := s.takenByID(transactionID)
	if !found {
		return report, errors.New("this terminal took no such payment")
	}
	r := s.newRequest(t.Account)
	r.Type, r.RequestID, r.TransactionID, r.ProviderTrxID, r.Amount = erip.StornStart, t.RequestID, t.TransactionID, t.ProviderTrxID, t.Amount
	consent, err := s.ask(ctx, &report, r, f)
	if err != nil || len(consent.Errors) > 0 {
		return report, err
	}
	r.Type, r.Storned = erip.StornResult, true
	taken, err := s.ask(ctx, &report, r, f)
	if err == nil && len(taken.Errors) > 0 {
		err = fmt.Errorf("the result of the reversal was not taken: %s", strings.Join(taken.Errors, "; "))
	}
	if err != nil {
		return report, err
	}
	report.Paid = false
	s.forget(transactionID)
	return report, nil
}

// nextID is a number for a dialogue, a payment or an operation that was never given before.
func (s *Server) nextID() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lastID++
	return s.lastID
}

func (s *Server) newRequest(account string) erip.Request {
	return erip.Request{
		Type: erip.ServiceInfo, At: s.opts.Now(), ServiceNo: s.opts.ERIP.ServiceNo, Account: account, Currency: erip.Currency,
		RequestID: s.nextID(), Agent: "749", AuthorizationType: "CS",
	}
}

func (s *Server) takenByID(id int64) (Taken, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.taken {
		if t.TransactionID == id {
			return t, true
		}
	}
	return Taken{}, false
}

func (s *Server) forget(id int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, t := range s.taken {
		if t.TransactionID == id {
			s.taken = append(s.taken[:i:i], s.taken[i+1:]...)
			return
		}
	}
}

// ask sends one message and decodes the last answer.
func (s *Server) ask(ctx context.Context, report *ERIPReport, r erip.Request, f Faults) (erip.Response, error) {
	target := s.target().ERIP
	if target == "" {
		return erip.Response{}, errNotConnected
	}
	doc := r.Encode()
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if s.opts.ERIP.Salt != "" {
		salt := payments.NewSecret(s.opts.ERIP.Salt)
		if f.BadSignature {
			salt = payments.NewSecret("spoiled " + s.opts.ERIP.Salt)
		}
		header.Set(erip.SignatureHeader, erip.Sign(salt, doc))
	}
	f.Never = false
	answers := s.deliver(ctx, message{target: target, body: []byte(url.Values{"XML": {string(doc)}}.Encode()), header: header}, f)
	step := ERIPStep{Type: r.Type, Answers: answers}
	response, err := s.decode(answers[len(answers)-1])
	step.Errors, step.Lines = response.Errors, response.Lines
	report.Steps = append(report.Steps, step)
	if err != nil {
		return erip.Response{}, fmt.Errorf("%s: %w", r.Type, err)
	}
	return response, nil
}

func (s *Server) decode(a Answer) (erip.Response, error) {
	if a.Error != "" {
		return erip.Response{}, errors.New(a.Error)
	}
	if a.Status != http.StatusOK {
		return erip.Response{}, fmt.Errorf("the provider answered HTTP %d", a.Status)
	}
	if salt := s.opts.ERIP.Salt; salt != "" && !erip.Verify(payments.NewSecret(salt), a.raw, a.header.Get(erip.SignatureHeader)) {
		return erip.Response{}, erip.ErrSignature
	}
	return erip.DecodeResponse(a.raw)
}

// readable shows an answer in windows-1251 or UTF-8 as text.
func readable(body []byte) string { return charset.Text(body) }
