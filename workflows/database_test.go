package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// price is what each certificate costs here.
const price order.Kopecks = 4320

// database is the arbiter as PostgreSQL is, in memory: the decisions are those
// of the domain, every method holds the lock for all it does.
type database struct {
	mu            sync.Mutex
	records       map[order.ID]*order.Record
	confirmations map[order.ID]*order.Confirmation
	payables      map[order.ID]*payable
	payments      map[order.ID]*payment
	// issued counts certificates, sent the messages "kind subject".
	issued  map[order.ID]int
	notices []string
	stages  map[order.ID][]order.Stage
	// reports counts the late payments that were kept, by payment and order.
	reports map[string]payments.Reason
	numbers order.PaymentNumber
	// unheard are confirmations whose workflow does not run yet: the test
	// environment panics where a server says that nobody is there.
	unheard map[order.ID]bool
}

// payable is what a number pays for; a line that is held keeps its order.
type payable struct {
	number order.PaymentNumber
	state  payments.PayableState
	total  order.Kopecks
	due    time.Time
	held   map[order.ID]bool
	paidBy order.ID
}

type payment struct {
	payable   order.ID
	amount    order.Kopecks
	applied   bool
	unapplied bool
}

func newDatabase() *database {
	return &database{
		records: map[order.ID]*order.Record{}, confirmations: map[order.ID]*order.Confirmation{}, payables: map[order.ID]*payable{},
		payments: map[order.ID]*payment{}, issued: map[order.ID]int{}, stages: map[order.ID][]order.Stage{},
		reports: map[string]payments.Reason{}, unheard: map[order.ID]bool{},
	}
}

func (d *database) insert(r order.Record) {
	d.records[r.ID] = &r
	d.stages[r.ID] = []order.Stage{r.Stage}
}

// apply takes a decision about a record, as postgres does.
func (d *database) apply(id order.ID, decide order.Decision) (order.Record, error) {
	r, ok := d.records[id]
	if !ok {
		return order.Record{}, order.ErrNotFound
	}
	t, err := decide(*r)
	if errors.Is(err, order.ErrUnchanged) {
		return *r, nil
	}
	if err != nil {
		return *r, err
	}
	if t.Record.Stage != r.Stage {
		d.stages[id] = append(d.stages[id], t.Record.Stage)
	}
	t.Record.Version = r.Version + 1
	*r = t.Record
	for _, n := range t.Notices {
		d.notice(string(n.Kind), id)
	}
	return *r, nil
}

// notice asks for a message, each once.
func (d *database) notice(kind string, id order.ID) {
	if text := kind + " " + id.String(); !slices.Contains(d.notices, text) {
		d.notices = append(d.notices, text)
	}
}

func (d *database) open(id order.ID, orders []order.ID, due time.Time) *payable {
	d.numbers++
	p := &payable{number: d.numbers, state: payments.PayableOpen, due: due, held: map[order.ID]bool{}}
	for _, o := range orders {
		p.held[o], p.total = true, p.total+price
	}
	d.payables[id] = p
	return p
}

func (d *database) holder(id order.ID) (order.ID, *payable) {
	for payableID, p := range d.payables {
		if p.held[id] && p.state != payments.PayableClosed {
			return payableID, p
		}
	}
	return order.ID{}, nil
}

// Checked implements activities.CheckedOrders.
func (d *database) Checked(_ context.Context, id order.ID) (order.CheckedRequest, order.Record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, ok := d.records[id]
	if !ok {
		return order.CheckedRequest{}, order.Record{}, order.ErrNotFound
	}
	return order.CheckedRequest{ID: r.RequestID, OrderID: id}, *r, nil
}

// RegistersAnswered implements activities.CheckedOrders.
func (d *database) RegistersAnswered(context.Context, order.ID, order.RegisterAnswers) error {
	return nil
}

// Save implements activities.CheckedOrders.
func (d *database) Save(_ context.Context, id order.ID, report order.Report, at time.Time) (order.Record, order.Bill, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, ok := d.records[id]
	if !ok {
		return order.Record{}, order.Bill{}, order.ErrNotFound
	}
	var bill order.Bill
	if !r.Service.NeedsApproval() {
		p := d.payables[id]
		if p == nil && r.Stage == order.StageChecking {
			p = d.open(id, []order.ID{id}, r.Policy.PayBy(at))
		}
		if p != nil {
			bill = order.Bill{Number: p.number, Total: p.total}
		}
	}
	saved, err := d.apply(id, order.Save(report, bill, at))
	return saved, bill, err
}

// End implements activities.OrderStore.
func (d *database) End(_ context.Context, e order.Ending) (order.Ended, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	r, ok := d.records[e.OrderID]
	if !ok {
		return order.Ended{}, order.ErrNotFound
	}
	if r.Stage == order.StageEnded {
		return order.Ended{Done: true, End: r.End, Reason: r.Reason}, nil
	}
	holderID, holder := d.holder(e.OrderID)
	if holder != nil && (holder.state == payments.PayablePaid || e.KeepConfirmed && holderID != e.OrderID) {
		return order.Ended{}, nil
	}
	ended := order.Ended{Done: true}
	if holder != nil {
		delete(holder.held, e.OrderID)
		holder.total -= price
		if c := d.confirmations[holderID]; c != nil {
			c.LeftIDs, c.Total = append(c.LeftIDs, e.OrderID), holder.total
			if !d.unheard[holderID] {
				ended.ConfirmationID, ended.ConfirmationNumber = holderID, holder.number
			}
		} else {
			holder.state = payments.PayableClosed
		}
	}
	saved, err := d.apply(e.OrderID, order.Finish(e))
	d.records[e.OrderID].ClosedToMoney = true
	ended.End, ended.Reason = saved.End, saved.Reason
	return ended, err
}

// Remind implements activities.OrderStore.
func (d *database) Remind(_ context.Context, id order.ID, kind order.NoticeKind) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, err := d.apply(id, order.Remind(kind, order.Bill{}))
	return err
}

// ReportUnapplied implements activities.Unapplier.
func (d *database) ReportUnapplied(_ context.Context, id, orderID order.ID, reason payments.Reason) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	p, ok := d.payments[id]
	if !ok {
		return order.ErrNotFound
	}
	d.reports[id.String()] = reason
	if y := d.payables[p.payable]; p.applied && y.paidBy == id && (orderID.IsZero() || orderID == p.payable) {
		y.state, p.applied, p.unapplied = payments.PayableClosed, false, true
	}
	return nil
}

// pay is money under a payable's number: it pays what is open, anything else
// waits as unapplied (P4). It returns the payment and whether it pays.
func (d *database) pay(payableID order.ID, at time.Time) (order.ID, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	id := order.DerivedID("payment", fmt.Appendf(nil, "%s %d", payableID, len(d.payments)))
	p := &payment{payable: payableID, unapplied: true}
	d.payments[id] = p
	y := d.payables[payableID]
	if y == nil || y.state != payments.PayableOpen || y.total == 0 || !at.Before(y.due) {
		return id, false
	}
	p.amount, p.applied, p.unapplied = y.total, true, false
	y.state, y.paidBy = payments.PayablePaid, id
	return id, true
}
