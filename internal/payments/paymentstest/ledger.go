// Package paymentstest has a ledger in memory: for the tests of gateways, and
// as the model that the ledger in PostgreSQL is compared with.
package paymentstest

import (
	"context"
	"strconv"
	"sync"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Row is a message of the ledger with what became of it.
type Row struct {
	payments.Notification
	Decision payments.Decision
	// State is empty for a message that moved no money.
	State  payments.PaymentState
	Reason payments.Reason
	// reversal is the row that took this one back; 0 for none, as rows count from 1.
	reversal int
}

// Ledger implements payments.Ledger and payments.Payables in memory.
type Ledger struct {
	// Fails is returned instead of recording anything.
	Fails error

	mu       sync.Mutex
	payables map[order.PaymentNumber]*payments.Payable
	payer    map[order.PaymentNumber]int
	claimed  map[order.PaymentNumber]bool
	rows     []Row
}

// New makes a ledger over what can be paid for.
func New(payables ...payments.Payable) *Ledger {
	l := &Ledger{
		payables: map[order.PaymentNumber]*payments.Payable{}, payer: map[order.PaymentNumber]int{}, claimed: map[order.PaymentNumber]bool{},
	}
	for _, p := range payables {
		l.payables[p.Number] = &p
	}
	return l
}

// Payable finds what the number pays for, as it is now.
func (l *Ledger) Payable(_ context.Context, number order.PaymentNumber) (*payments.Payable, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if p, known := l.payables[number]; known {
		found := *p
		return &found, nil
	}
	return nil, l.Fails
}

// Rows are all messages in the order in which they came.
func (l *Ledger) Rows() []Row {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Row{}, l.rows...)
}

// Claim lets the workflow of the number know of its payment: from then on a
// reversal takes nothing back.
func (l *Ledger) Claim(number order.PaymentNumber) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.payer[number] > 0 {
		l.claimed[number] = true
	}
}

// Record keeps the message and decides about it.
func (l *Ledger) Record(_ context.Context, n payments.Notification) (payments.Decision, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.Fails != nil {
		return payments.Decision{}, l.Fails
	}
	var h payments.History
	reversal := 0
	for i, r := range l.rows {
		if r.Source != n.Source {
			continue
		}
		if r.ExternalID == n.ExternalID {
			if r.Content() == n.Content() {
				d := r.Decision
				d.Repeated = true
				return d, nil
			}
			h.Conflict = h.Conflict || r.State != ""
		}
		if n.Kind == payments.KindPayment && reversal == 0 && l.takes(i+1, n) {
			h.Reversed, reversal = true, i+1
		}
	}
	return l.keep(n, h, reversal), nil
}

// takes tells whether the row is a reversal that takes the payment back.
func (l *Ledger) takes(row int, n payments.Notification) bool {
	r := l.rows[row-1]
	if r.Kind != payments.KindReversal || r.Bill == "" || r.Bill != n.Bill {
		return false
	}
	if n.Source != payments.SourceClientBank {
		return true
	}
	for _, other := range l.rows {
		if other.reversal == row {
			return false
		}
	}
	return true
}

func (l *Ledger) keep(n payments.Notification, h payments.History, reversal int) payments.Decision {
	number, _ := payments.Identify(n)
	p := l.payables[number]
	d := payments.Decide(n, p, h)
	row := Row{Notification: n, Reason: d.Reason, reversal: reversal}
	if d.Outcome != payments.Ignored {
		d.PaymentID, row.State = strconv.Itoa(len(l.rows)+1), payments.PaymentUnapplied
	}
	if d.Outcome == payments.Applied {
		row.State, p.State, l.payer[number] = payments.PaymentApplied, payments.PayablePaid, len(l.rows)+1
	}
	row.Decision = d
	l.rows = append(l.rows, row)
	if n.Kind == payments.KindReversal && n.Bill != "" {
		l.takeBack(len(l.rows), n)
	}
	return d
}

// takeBack undoes the payments of the bill, of equal bank credits one that
// pays nothing before one that pays.
func (l *Ledger) takeBack(reversal int, n payments.Notification) {
	for _, applied := range []bool{false, true} {
		for i := len(l.rows) - 1; i >= 0; i-- {
			r := &l.rows[i]
			if r.Kind != payments.KindPayment || r.Source != n.Source || r.Bill != n.Bill || r.reversal != 0 ||
				(r.State == payments.PaymentApplied) != applied {
				continue
			}
			l.reverse(i, reversal, n.Amount)
			if n.Source == payments.SourceClientBank {
				return
			}
		}
	}
}

func (l *Ledger) reverse(i, reversal int, back order.Kopecks) {
	r := &l.rows[i]
	r.reversal = reversal
	number, _ := payments.Identify(r.Notification)
	if r.State == payments.PaymentApplied && l.claimed[number] {
		return
	}
	if r.State == payments.PaymentApplied {
		r.State, l.payables[number].State, l.payer[number] = payments.PaymentUnapplied, payments.PayableOpen, 0
		if back >= r.Amount {
			r.State = payments.PaymentReturned
		}
	}
	r.Reason = payments.ReasonReversed
}
