package gateways

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/clientbank"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
)

const theNumber = "NOAIS000092239"

// system is the paid side: the real adapters over a ledger in memory that knows one order. It is a store of ERIP as well; its
// transactions are serial and undo nothing, which is enough where nothing fails.
type system struct {
	mu       sync.Mutex
	payable  payments.Payable
	rows     map[string]payments.Decision
	erip     map[int64]erip.Transaction
	requests map[int64]order.PaymentNumber
	calls    map[string]int
	gateway  *assist.Gateway
	endpoint *erip.Provider
}

func (s *system) record(n payments.Notification) payments.Decision {
	if d, known := s.rows[n.ExternalID]; known {
		d.Repeated = true
		return d
	}
	d := payments.Match(n, &s.payable)
	if d.Outcome == payments.Applied {
		s.payable.State = payments.PayablePaid
	}
	s.rows[n.ExternalID] = d
	return d
}

func (s *system) Record(_ context.Context, n payments.Notification) (payments.Decision, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.record(n), nil
}

func (s *system) Payable(_ context.Context, n order.PaymentNumber) (*payments.Payable, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n != s.payable.Number {
		return nil, nil
	}
	p := s.payable
	return &p, nil
}

func (s *system) InTx(_ context.Context, fn func(erip.Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return fn(&systemTx{s})
}

type systemTx struct{ s *system }

func (t *systemTx) NumberOf(_ context.Context, id int64) (order.PaymentNumber, bool, error) {
	found, ok := t.s.erip[id]
	return found.Number, ok, nil
}

func (t *systemTx) Lock(_ context.Context, n order.PaymentNumber) (*erip.Account, error) {
	if n != t.s.payable.Number {
		return nil, nil
	}
	a := &erip.Account{Payable: t.s.payable}
	for _, known := range t.s.erip {
		a.Transactions = append(a.Transactions, known)
	}
	return a, nil
}

func (t *systemTx) Dialogue(_ context.Context, id int64) (order.PaymentNumber, bool, error) {
	n, ok := t.s.requests[id]
	return n, ok, nil
}

func (t *systemTx) SaveDialogue(_ context.Context, id int64, n order.PaymentNumber) error {
	t.s.requests[id] = n
	return nil
}

func (t *systemTx) NewProviderTrxID(context.Context) (int64, error) {
	return int64(len(t.s.erip) + 1), nil
}

func (t *systemTx) Insert(_ context.Context, tr erip.Transaction) error {
	t.s.erip[tr.ID] = tr
	return nil
}

func (t *systemTx) Update(_ context.Context, tr erip.Transaction) error {
	t.s.erip[tr.ID] = tr
	return nil
}

func (t *systemTx) Record(_ context.Context, n payments.Notification) (payments.Decision, error) {
	return t.s.record(n), nil
}

// ServeHTTP are the endpoints of the three gateways.
func (s *system) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	s.mu.Lock()
	s.calls[r.URL.Path]++
	s.mu.Unlock()
	switch r.URL.Path {
	case "/assist":
		answer, _ := assist.NewReceiver(s.gateway, s).Handle(r.Context(), body)
		w.Header().Set("Content-Type", assist.ContentType)
		_, _ = w.Write(answer.XML())
	case "/erip":
		answer, header, _ := s.endpoint.Handle(r.Context(), body, r.Header.Get("Content-Type"), r.Header)
		w.Header().Set("Content-Type", header.Get("Content-Type"))
		w.Header().Set(erip.SignatureHeader, header.Get(erip.SignatureHeader))
		_, _ = w.Write(answer)
	case "/bank":
		statement, err := clientbank.Parse(body)
		if err != nil || r.Header.Get("Authorization") != "Bearer operator" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		for _, c := range statement.Credits {
			_, _ = s.Record(r.Context(), c.Notification(time.Now(), nil))
		}
	}
}

// setup starts the sandboxes and the system and connects them.
func setup(t *testing.T) (*Server, *system) {
	t.Helper()
	sandbox, err := Start(Options{
		Listen: "127.0.0.1:0", BankAccount: "BY83AKBB30120893700845500000", ERIP: ERIPOptions{ServiceNo: 1234567, Salt: "ipay"},
		Assist: AssistOptions{MerchantID: "999999", Login: "merchant_1", Password: "passw0rd8", RequestSalt: "REQUEST", ResultSalt: "RESULT"},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, sandbox.Close()) })
	s := &system{
		payable: payments.Payable{
			Number: 92239, Amount: 4320, PayerUNP: "190000020", State: payments.PayableOpen, Due: time.Now().Add(time.Hour),
			Methods: []payments.Source{payments.SourceAssist, payments.SourceERIP, payments.SourceClientBank},
		},
		rows: map[string]payments.Decision{}, erip: map[int64]erip.Transaction{}, requests: map[int64]order.PaymentNumber{}, calls: map[string]int{},
	}
	// Test mode lets the adapter speak to a sandbox without TLS.
	s.gateway, err = assist.New(assist.Config{
		Host: sandbox.URL(), MerchantID: "999999", Login: "merchant_1", Password: payments.NewSecret("passw0rd8"),
		RequestSalt: payments.NewSecret("REQUEST"), ResultSalt: payments.NewSecret("RESULT"), TestMode: true,
	}, http.DefaultClient, time.Now)
	require.NoError(t, err)
	s.endpoint, err = erip.New(erip.Config{ServiceNo: 1234567, Salt: payments.NewSecret("ipay")}, s, time.Now)
	require.NoError(t, err)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	sandbox.SetTargets(Targets{AssistPush: server.URL + "/assist", ERIP: server.URL + "/erip", BankUpload: server.URL + "/bank", BankToken: func() (string, error) { return "operator", nil }, BankFolder: t.TempDir(), ERIPFolder: t.TempDir()})
	return sandbox, s
}

// decisions are the outcomes in the ledger, without their keys.
func (s *system) decisions() []payments.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []payments.Decision
	for _, d := range s.rows {
		out = append(out, d)
	}
	return out
}

func get(t *testing.T, address string) string {
	t.Helper()
	resp, err := http.Get(address) //nolint:gosec,noctx // the test's own server
	require.NoError(t, err)
	return text(t, resp)
}

func post(t *testing.T, address string, form url.Values) string {
	t.Helper()
	resp, err := http.PostForm(address, form) //nolint:gosec,noctx // the test's own server
	require.NoError(t, err)
	return text(t, resp)
}

func text(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}
