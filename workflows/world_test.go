package workflows_test

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// certificatePrice is what every certificate costs in the world of tests.
const certificatePrice order.Kopecks = 4320

// world stands in for the database: the read model and the arbiter between
// money and time, with the semantics of the real one, in memory.
type world struct {
	mu       sync.Mutex
	orders   map[string]*orderRow
	payables map[string]*payableRow
	payments map[string]*paymentRow
	// versions and confirmations are the transitions as they were recorded.
	versions      []activities.RecordOrderInput
	confirmations []activities.RecordConfirmationInput
	// unapplied are payments and shares kept for an operator, by id.
	unapplied map[string]order.Kopecks
	// issued counts the certificates of each order.
	issued map[string]int

	// Hooks of single tests; nil means that all is well.
	verify  func(activities.VerifyRequestInput) (activities.VerifyRequestResult, error)
	check   func(activities.CheckRegistersInput) (activities.CheckRegistersResult, error)
	sign    func(activities.VerifyListInput) (activities.VerifyListResult, error)
	issue   func(activities.IssueCertificateInput) error
	closing func()
	price   func() error
	save    func() error
}

type orderRow struct {
	workflowID string
	state      activities.OrderState
	service    order.Service
	closed     bool
	leftID     string
	leftShare  order.Kopecks
}

type payableRow struct {
	number  int64
	service order.Service
	state   payments.PayableState
	total   order.Kopecks
	due     time.Time
	lines   []lineRow
}

type lineRow struct {
	orderID string
	amount  order.Kopecks
	held    bool
}

type paymentRow struct {
	payableID string
	amount    order.Kopecks
	applied   bool
}

func newWorld() *world {
	return &world{
		orders: map[string]*orderRow{}, payables: map[string]*payableRow{}, payments: map[string]*paymentRow{},
		unapplied: map[string]order.Kopecks{}, issued: map[string]int{},
	}
}

// RecordOrder keeps a transition; an older version never overwrites a newer one.
func (w *world) RecordOrder(_ context.Context, in activities.RecordOrderInput) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if in.SaveRequest && w.save != nil {
		if err := w.save(); err != nil {
			return err
		}
	}
	row, ok := w.orders[in.State.OrderID]
	if !ok {
		if in.Opening == nil {
			return activities.ErrNotFound
		}
		row = &orderRow{workflowID: in.Opening.WorkflowID, service: in.Opening.Service}
		w.orders[in.State.OrderID] = row
	}
	if in.State.Version <= row.state.Version {
		return nil
	}
	row.state = in.State
	w.versions = append(w.versions, in)
	return nil
}

// RecordConfirmation keeps a transition.
func (w *world) RecordConfirmation(_ context.Context, in activities.RecordConfirmationInput) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.confirmations = append(w.confirmations, in)
	return nil
}

func (w *world) verifyRequest(_ context.Context, in activities.VerifyRequestInput) (activities.VerifyRequestResult, error) {
	res := activities.VerifyRequestResult{Admitted: true, Years: 1}
	if w.verify != nil {
		var err error
		if res, err = w.verify(in); err != nil {
			return res, err
		}
	}
	return res, w.RecordOrder(context.Background(), in.Transition(res))
}

func (w *world) checkRegisters(_ context.Context, in activities.CheckRegistersInput) (activities.CheckRegistersResult, error) {
	if w.check != nil {
		return w.check(in)
	}
	return activities.CheckRegistersResult{}, nil
}

func (w *world) verifyList(_ context.Context, in activities.VerifyListInput) (activities.VerifyListResult, error) {
	if w.sign != nil {
		return w.sign(in)
	}
	return activities.VerifyListResult{}, nil
}

func (w *world) issueCertificate(ctx context.Context, in activities.IssueCertificateInput) (activities.IssueCertificateResult, error) {
	if w.issue != nil {
		if err := w.issue(in); err != nil {
			return activities.IssueCertificateResult{}, err
		}
	}
	w.mu.Lock()
	w.issued[in.OrderID]++
	w.mu.Unlock()
	return activities.IssueCertificateResult{SerialNumber: "01"}, w.RecordOrder(ctx, in.Record)
}

// composeList chooses like the real store: waiting for approval within the
// visibility term, or for payment, and in no other open payment.
func (w *world) composeList(_ context.Context, in activities.ComposeListInput) (activities.ComposeListResult, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.price != nil {
		if err := w.price(); err != nil {
			return activities.ComposeListResult{}, temporal.NewNonRetryableApplicationError(err.Error(), activities.ErrTypeNoPrice, err)
		}
	}
	res := activities.ComposeListResult{ListID: "list-" + in.ConfirmationID}
	for _, id := range in.OrderIDs {
		row, ok := w.orders[id]
		if !ok || row.closed || w.holder(id) != nil {
			continue
		}
		switch row.state.Stage {
		case order.StageAwaitingApproval:
			confirmBy := row.state.Until
			if !confirmBy.After(in.At) {
				continue
			}
			if !res.NeedSignature || confirmBy.Before(res.SignBy) {
				res.SignBy = confirmBy
			}
			res.NeedSignature = true
		case order.StageAwaitingPayment:
		default:
			continue
		}
		res.OrderIDs = append(res.OrderIDs, id)
	}
	if len(res.OrderIDs) == 0 {
		err := activities.ErrNothingToConfirm
		return res, temporal.NewNonRetryableApplicationError(err.Error(), activities.ErrTypeNothingToConfirm, err)
	}
	return res, nil
}

// holder is the payable that holds an order.
func (w *world) holder(orderID string) *payableRow {
	for _, p := range w.payables {
		if l := p.line(orderID); l != nil && l.held {
			return p
		}
	}
	return nil
}

func (p *payableRow) line(orderID string) *lineRow {
	for i := range p.lines {
		if p.lines[i].orderID == orderID {
			return &p.lines[i]
		}
	}
	return nil
}

// last is the newest transition of the order.
func (w *world) last() activities.OrderState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.versions[len(w.versions)-1].State
}

// stages are those through which the recorded transitions went.
func (w *world) stages() []order.Stage {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []order.Stage
	for _, v := range w.versions {
		if n := len(out); n == 0 || out[n-1] != v.State.Stage {
			out = append(out, v.State.Stage)
		}
	}
	return out
}

// notices are the messages to the applicant, in order.
func (w *world) notices() []order.NoticeKind {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []order.NoticeKind
	for _, v := range w.versions {
		for _, n := range v.Notices {
			out = append(out, n.Kind)
		}
	}
	return out
}
