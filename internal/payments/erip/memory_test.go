package erip

import (
	"context"
	"errors"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

var (
	opened      = time.Date(2025, 6, 1, 12, 0, 0, 0, order.Minsk())
	errStore    = errors.New("connection lost")
	errInserted = errors.New("duplicate key")
)

const theNumber order.PaymentNumber = 92239

// tables is what a database would hold for one payment number.
type tables struct {
	payable      payments.Payable
	paidBy       string
	issueBegun   bool
	transactions map[int64]Transaction
	dialogues    map[int64]order.PaymentNumber
	ledger       map[string]payments.Decision
	next         int64
}

func (t tables) clone() tables {
	t.transactions, t.dialogues, t.ledger = maps.Clone(t.transactions), maps.Clone(t.dialogues), maps.Clone(t.ledger)
	return t
}

// memory is a Store whose transactions are serial, and which can be told to
// lose its connection at commit.
type memory struct {
	mu   sync.Mutex
	data tables
	fail bool
}

func newMemory() *memory {
	return &memory{data: tables{
		payable: payments.Payable{
			Number: theNumber, Amount: 4320, State: payments.PayableOpen, Due: opened.AddDate(0, 0, 10),
			Methods: []payments.Source{payments.SourceERIP, payments.SourceAssist},
		},
		transactions: map[int64]Transaction{}, dialogues: map[int64]order.PaymentNumber{},
		ledger: map[string]payments.Decision{}, next: 1000,
	}}
}

func (m *memory) InTx(_ context.Context, fn func(Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	tx := &memoryTx{tables: m.data.clone()}
	if err := fn(tx); err != nil {
		return err
	}
	if m.fail {
		return errStore
	}
	m.data = tx.tables
	return nil
}

type memoryTx struct{ tables }

func (m *memoryTx) NumberOf(_ context.Context, id int64) (order.PaymentNumber, bool, error) {
	t, found := m.transactions[id]
	return t.Number, found, nil
}

func (m *memoryTx) Lock(_ context.Context, n order.PaymentNumber) (*Account, error) {
	if n != m.payable.Number {
		return nil, nil
	}
	a := &Account{Payable: m.payable, Lines: []string{"Сертификатов: 2"}, IssueBegun: m.issueBegun}
	for _, t := range m.transactions {
		a.Transactions = append(a.Transactions, t)
	}
	return a, nil
}

func (m *memoryTx) Dialogue(_ context.Context, id int64) (order.PaymentNumber, bool, error) {
	n, found := m.dialogues[id]
	return n, found, nil
}

func (m *memoryTx) SaveDialogue(_ context.Context, id int64, n order.PaymentNumber) error {
	if _, known := m.dialogues[id]; !known {
		m.dialogues[id] = n
	}
	return nil
}

func (m *memoryTx) NewProviderTrxID(context.Context) (int64, error) {
	m.next++
	return m.next, nil
}

func (m *memoryTx) Insert(_ context.Context, t Transaction) error {
	if _, known := m.transactions[t.ID]; known {
		return errInserted
	}
	m.transactions[t.ID] = t
	return nil
}

func (m *memoryTx) Update(_ context.Context, t Transaction) error {
	old := m.transactions[t.ID]
	old.State, old.ChangedAt = t.State, t.ChangedAt
	m.transactions[t.ID] = old
	return nil
}

// Record decides as the real ledger does, for one event of each id.
func (m *memoryTx) Record(_ context.Context, n payments.Notification) (payments.Decision, error) {
	key := string(n.Source) + "/" + n.ExternalID
	if d, known := m.ledger[key]; known {
		d.Repeated = true
		return d, nil
	}
	d := payments.Decide(n, &m.payable, payments.History{})
	m.ledger[key] = d
	switch {
	case d.Outcome == payments.Applied:
		m.payable.State, m.paidBy = payments.PayablePaid, key
	case d.Reason == payments.ReasonReversed && m.paidBy+"/storn" == key:
		m.payable.State, m.paidBy = payments.PayableOpen, ""
	}
	return d, nil
}

func (m *memory) applied() int {
	n := 0
	for key, d := range m.data.ledger {
		if d.Outcome == payments.Applied {
			if _, reversed := m.data.ledger[key+"/storn"]; !reversed {
				n++
			}
		}
	}
	return n
}

// providerFixture is a provider with its store and a clock that tests turn.
type providerFixture struct {
	*Provider
	store *memory
	clock time.Time
}

func newProviderFixture(cfg Config) *providerFixture {
	d := &providerFixture{store: newMemory(), clock: opened}
	p, err := New(cfg, d.store, func() time.Time { return d.clock })
	if err != nil {
		panic(err)
	}
	d.Provider = p
	return d
}

// ask sends one message and requires that nothing broke.
func (d *providerFixture) ask(t require.TestingT, r Request) Response {
	response, err := d.Serve(context.Background(), r, []byte("raw"))
	require.NoError(t, err)
	return response
}

func message(kind RequestType, transaction int64) Request {
	r := Request{Type: kind, Account: "NOAIS000092239", Currency: Currency, RequestID: 700100, TransactionID: transaction}
	if kind == TransactionStart || kind == StornStart {
		r.Amount = 4320
	}
	return r
}

func TestNewRefusesHalfAProvider(t *testing.T) {
	_, err := New(Config{}, nil, time.Now)
	require.Error(t, err)
	_, err = New(Config{ServiceNo: -1}, newMemory(), time.Now)
	require.Error(t, err)
}
