package workflows_test

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// life is how long a house of the model lives: longer than any order can wait.
const life = 40 * day

// house is a whole service in one test environment: a workflow that starts
// orders and confirmations as its children, so that they talk to each other.
type house struct {
	env   *testsuite.TestWorkflowEnvironment
	world *world
	// orders are the inputs of all orders, confirmations the ids begun so far.
	orders        []workflows.OrderInput
	confirmations []string
	// told are payments whose workflows were told of them.
	told map[string]int
}

const signalConfirm = "confirm"

// houseWorkflow starts every order at once and confirmations as they come.
func houseWorkflow(ctx workflow.Context, orders []workflows.OrderInput) error {
	var open []workflow.ChildWorkflowFuture
	for _, in := range orders {
		child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{WorkflowID: childID(in)})
		open = append(open, workflow.ExecuteChildWorkflow(child, workflows.Order, in))
	}
	confirmations := workflow.GetSignalChannel(ctx, signalConfirm)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			var in workflows.ConfirmationInput
			confirmations.Receive(ctx, &in)
			child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
				WorkflowID: workflows.ConfirmationWorkflowID(in.ConfirmationID),
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

func childID(in workflows.OrderInput) string { return "order-" + in.OrderID }

func newHouse(employees, individuals int) *house {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	h := &house{env: suite.NewTestWorkflowEnvironment(), world: newWorld(), told: map[string]int{}}
	h.env.SetStartTime(monday)
	h.env.SetTestTimeout(30 * time.Second)
	h.world.register(h.env)
	h.env.RegisterWorkflow(houseWorkflow)
	h.world.issue = h.onIssue
	for i := range employees {
		in := employeeOrder()
		in.OrderID = fmt.Sprintf("employee-%d", i)
		h.orders = append(h.orders, in)
	}
	for i := range individuals {
		in := individualOrder()
		in.OrderID = fmt.Sprintf("individual-%d", i)
		h.orders = append(h.orders, in)
	}
	return h
}

func (h *house) at(d time.Duration, step func()) { h.env.RegisterDelayedCallback(step, d) }

func (h *house) update(workflowID, name string, args ...any) {
	ignore := &testsuite.TestUpdateCallback{OnReject: func(error) {}, OnAccept: func() {}, OnComplete: func(any, error) {}}
	// An order that is closed refuses: that is one of the outcomes.
	_ = h.env.UpdateWorkflowByID(workflowID, name, fmt.Sprintf("%s-%s-%d", workflowID, name, h.env.Now().UnixNano()), ignore, args...)
}

// onIssue is the end of issuing: the confirmation is told.
func (h *house) onIssue(in activities.IssueCertificateInput) error {
	if in.ConfirmationID != "" {
		h.env.RegisterDelayedCallback(func() {
			_ = h.env.SignalWorkflowByID(workflows.ConfirmationWorkflowID(in.ConfirmationID), workflows.SignalIssued,
				workflows.Issued{OrderID: in.OrderID})
		}, 0)
	}
	return nil
}

// confirm lets a manager make a list of orders and sign it after a while.
func (h *house) confirm(ids []string, signAfter time.Duration) {
	id := fmt.Sprintf("list-%d", len(h.confirmations))
	h.confirmations = append(h.confirmations, id)
	h.env.SignalWorkflow(signalConfirm, workflows.ConfirmationInput{
		ConfirmationID: id, UNP: "190000020", ManagerKey: "m", CertificateID: "c", OrderIDs: ids, Language: "ru", Policy: order.DefaultPolicy(),
	})
	h.at(signAfter, func() { h.sign(id) })
}

// sign signs the list once there is one: the test environment starts children
// in their own time, and cannot update one that has not begun.
func (h *house) sign(id string) {
	if !h.world.begun(id) {
		h.at(time.Second, func() { h.sign(id) })
		return
	}
	h.update(workflows.ConfirmationWorkflowID(id), workflows.UpdateSignList, workflows.SignListInput{SignatureID: "s"})
}

// pay pays for an order or a confirmation; its workflow is told so many times,
// each after the delay, and a closed one's payment is kept as unapplied, as the
// relay of the worker does.
func (h *house) pay(payableID, workflowID string, delay time.Duration, times int) {
	payment, applied := h.world.pay(payableID, h.env.Now())
	if !applied {
		return
	}
	h.told[payment] = times
	for range times {
		h.at(delay, func() {
			err := h.env.SignalWorkflowByID(workflowID, workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
			if err != nil {
				_ = h.world.ReportUnapplied(context.Background(), activities.ReportUnappliedInput{PaymentID: payment, Reason: "closed"})
			}
		})
	}
}
