package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// life is how long a service of the model lives: longer than any order can wait.
const life = 40 * day

// service is a whole service in one test environment: a workflow that starts
// orders and confirmations as its children, so that they talk to each other.
type service struct {
	env     *testsuite.TestWorkflowEnvironment
	db      *database
	outside *outside
	// orders are the records of all orders, confirmations those begun so far.
	orders        []order.Record
	confirmations []order.Confirmation
}

const signalConfirm = "confirm"

// serviceWorkflow starts every order at once and confirmations as they come.
func serviceWorkflow(ctx workflow.Context, ids []string, orders []workflows.OrderInput) error {
	var open []workflow.ChildWorkflowFuture
	for i, in := range orders {
		child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: ids[i]})
		open = append(open, workflow.ExecuteChildWorkflow(child, workflows.Order, in))
	}
	confirmations := workflow.GetSignalChannel(ctx, signalConfirm)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var in workflows.ConfirmationInput
			confirmations.Receive(ctx, &in)
			child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
				WorkflowID: order.ConfirmationWorkflowID(in.Number, in.ConfirmationID),
			})
			open = append(open, workflow.ExecuteChildWorkflow(child, workflows.Confirmation, in))
		}
	})
	if err := workflow.Sleep(ctx, life); err != nil {
		return err
	}
	for _, child := range open {
		if err := child.Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

func newService(employees, individuals int) *service {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	s := &service{env: suite.NewTestWorkflowEnvironment(), db: newDatabase(), outside: &outside{}}
	s.env.SetStartTime(monday)
	s.env.SetTestTimeout(30 * time.Second)
	register(s.env, s.db, s.outside, s)
	s.env.RegisterWorkflow(serviceWorkflow)
	s.env.OnSignalExternalWorkflow(mock.Anything, mock.Anything, mock.Anything, mock.Anything, mock.Anything).
		Return(activities.ErrClosed).Maybe()
	for i := range employees + individuals {
		kind := employee
		if i >= employees {
			kind = individual
		}
		r := checking(order.DerivedID("model", []byte{byte(i)}), int64(i+1), kind)
		s.db.insert(r)
		s.orders = append(s.orders, r)
	}
	return s
}

func (s *service) run() {
	ids, inputs := make([]string, 0, len(s.orders)), make([]workflows.OrderInput, 0, len(s.orders))
	for _, r := range s.orders {
		ids, inputs = append(ids, order.WorkflowID(r.Number, r.ID)), append(inputs, inputOf(r))
	}
	s.env.ExecuteWorkflow(serviceWorkflow, ids, inputs)
}

func (s *service) at(d time.Duration, step func()) { s.env.RegisterDelayedCallback(step, d) }

// later tells a workflow on the environment's own thread: a step must not
// signal from its goroutine.
func (s *service) later(workflowID, name string, payload any) error {
	s.env.RegisterDelayedCallback(func() { _ = s.env.SignalWorkflowByID(workflowID, name, payload) }, 0)
	return nil
}

// Approved implements activities.Signals.
func (s *service) Approved(_ context.Context, to order.Record, in activities.Approved) error {
	return s.later(order.WorkflowID(to.Number, to.ID), workflows.SignalApproved, in)
}

// Issued implements activities.Signals.
func (s *service) Issued(_ context.Context, to order.Confirmation) error {
	return s.later(order.ConfirmationWorkflowID(to.Number, to.ID), workflows.SignalIssued, workflows.Look{})
}

// confirm lets a manager sign a list of orders: the transaction, and after
// some time the workflow.
func (s *service) confirm(ids []order.ID, startAfter time.Duration) {
	id := order.DerivedID("model-confirmation", fmt.Appendf(nil, "%d", len(s.confirmations)))
	c, err := s.db.confirm(id, ids, s.env.Now())
	if errors.Is(err, order.ErrNothingToConfirm) {
		return
	}
	s.confirmations, s.db.unheard[id] = append(s.confirmations, c), true
	s.at(startAfter, func() {
		s.env.SignalWorkflow(signalConfirm, workflows.ConfirmationInput{
			ConfirmationID: id, Number: c.Number, Orders: len(c.OrderIDs), Due: c.Until, Policy: c.Policy,
		})
	})
}

// withdraw asks an order to end; one that is closed refuses, which is one of
// the outcomes.
func (s *service) withdraw(r order.Record) {
	ignore := &testsuite.TestUpdateCallback{OnReject: func(error) {}, OnAccept: func() {}, OnComplete: func(any, error) {}}
	id := order.WorkflowID(r.Number, r.ID)
	_ = s.env.UpdateWorkflowByID(id, workflows.UpdateWithdraw, fmt.Sprintf("%s-%d", id, s.env.Now().UnixNano()), ignore)
}

// pay pays under the number of an order or a confirmation; its workflow is told
// so many times, each after the delay, and a closed one's payment is kept as
// unapplied, as the relay of the worker does.
func (s *service) pay(payableID order.ID, workflowID string, delay time.Duration, times int) {
	payment, applied := s.db.pay(payableID, s.env.Now())
	if !applied {
		return
	}
	for range times {
		s.at(delay, func() { s.tellPayment(workflowID, payment) })
	}
}

// tellPayment is one try of the relay, the orders of a confirmation first or
// last; a workflow that does not run yet is told later.
func (s *service) tellPayment(workflowID string, payment order.ID) {
	received := workflows.PaymentReceived{PaymentID: payment}
	for _, id := range s.db.paidTogether(payment) {
		_ = s.later(id, workflows.SignalPaymentReceived, received)
	}
	err := s.env.SignalWorkflowByID(workflowID, workflows.SignalPaymentReceived, received)
	switch {
	case err == nil:
	case s.db.unused(payment):
		_ = s.db.ReportUnapplied(context.Background(), payment, order.ID{}, payments.ReasonClosed)
	case s.db.waiting(payment):
		s.at(time.Hour, func() { s.tellPayment(workflowID, payment) })
	}
}

// waiting tells whether the confirmation of the payment still waits for it.
func (d *database) waiting(id order.ID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.confirmations[d.payments[id].payable]
	return c != nil && c.Stage == order.ConfirmationPayment
}

// paidTogether are the workflows of the orders whose confirmation the payment pays.
func (d *database) paidTogether(id order.ID) (list []string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	payable := d.payments[id].payable
	for o := range d.payables[payable].held {
		if r := d.records[o]; o != payable && r.Stage != order.StageEnded {
			list = append(list, order.WorkflowID(r.Number, o))
		}
	}
	slices.Sort(list)
	return list
}

// unused tells whether nothing was issued for the payment.
func (d *database) unused(id order.ID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	for o := range d.payables[d.payments[id].payable].held {
		if d.issued[o] > 0 {
			return false
		}
	}
	return true
}
