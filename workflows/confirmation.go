package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Confirmation is one manager's signed list of chosen orders with one payment
// for all of them (service 6.0.02), from the verified signature until the last
// certificate is out.
//
// Like Order it ends with a result and never fails.
func Confirmation(ctx workflow.Context, in ConfirmationInput) (ConfirmationResult, error) {
	c := newConfirmationRun(ctx, in)
	must(c.run(undisturbed(ctx)))
	return ConfirmationResult{Stage: c.stage}, nil
}

// confirmationRun is the private state of one Confirmation.
type confirmationRun struct {
	in       ConfirmationInput
	log      log.Logger
	stage    order.ConfirmationStage
	receipts receipts
	// left and issued tell that it is time to look into the database.
	left, issued bool

	alarm    alarm
	messages confirmationMessages
}

func newConfirmationRun(ctx workflow.Context, in ConfirmationInput) *confirmationRun {
	return &confirmationRun{
		in: in, stage: order.ConfirmationPayment,
		log:      log.With(workflow.GetLogger(ctx), "confirmation", in.ConfirmationID.String()),
		messages: newConfirmationMessages(ctx),
	}
}

// run tells the story of a confirmation, top to bottom.
func (c *confirmationRun) run(ctx workflow.Context) error {
	steps := []func(workflow.Context) error{c.tellApproved, c.awaitPayment, c.awaitCertificates}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if !c.stage.Open() {
			break
		}
	}
	c.describe(ctx)
	if err := show(ctx, string(c.stage), time.Time{}, 0); err != nil {
		return err
	}
	return c.receipts.handBack(ctx, order.ID{}, c.read)
}

// tellApproved tells every order that it is confirmed (M6).
func (c *confirmationRun) tellApproved(ctx workflow.Context) error {
	c.describe(ctx)
	var res activities.ConfirmationStepResult
	telling := untilDone(ctx, "tell the orders that they are approved", tellingOnce)
	err := workflow.ExecuteActivity(telling, confirmations.TellApproved, c.step(ctx)).Get(ctx, &res)
	for _, id := range res.Unreachable {
		c.log.Error("the workflow of an order is closed although the order is not: start it again", "order", id.String())
	}
	// Orders that left before there was anybody to tell have told nobody.
	c.left = res.Told == 0
	return err
}

func (c *confirmationRun) step(ctx workflow.Context) activities.ConfirmationStep {
	return activities.ConfirmationStep{ConfirmationID: c.in.ConfirmationID, At: workflow.Now(ctx)}
}

// awaitPayment waits for the money until the earliest pay-by of the orders
// (P8). When the last order has left, nothing is waited for any more.
func (c *confirmationRun) awaitPayment(ctx workflow.Context) error {
	d := newDeadline(ctx, c.in.Due, "payment", c.in.Policy, c.remind)
	for {
		_, err := c.alarm.wait(ctx, d, func() bool { c.read(); return c.receipts.paid() || c.left })
		if err != nil {
			return err
		}
		if !c.receipts.paid() {
			over, err := c.close(ctx)
			if err != nil || over {
				return err
			}
			continue
		}
		if paid, err := c.takePayment(ctx); err != nil || paid {
			return err
		}
	}
}

// close ends the confirmation unless the money was in time: then the message
// that says so is on its way (D7).
func (c *confirmationRun) close(ctx workflow.Context) (over bool, err error) {
	c.left = false
	var res activities.ConfirmationStepResult
	err = workflow.ExecuteLocalActivity(ownDatabase(ctx, "close the payment unless it is paid"),
		confirmations.CloseConfirmation, c.step(ctx)).Get(ctx, &res)
	switch {
	case err != nil:
		return false, err
	case res.Done:
		c.stage = res.Stage
		return true, nil
	case res.Paid:
		return false, workflow.Await(ctx, func() bool { c.read(); return c.receipts.paid() })
	default:
		return false, nil
	}
}

// takePayment shows the confirmation as paid; its orders are told by who told
// the confirmation. It returns false for a payment that the ledger does not
// know: the confirmation goes on waiting.
func (c *confirmationRun) takePayment(ctx workflow.Context) (bool, error) {
	var res activities.ConfirmationStepResult
	err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "take the payment"), confirmations.TakePayment, c.step(ctx)).Get(ctx, &res)
	if err != nil {
		return false, err
	}
	if !res.Paid {
		c.log.Error("told of a payment that the ledger has not applied", "payment", c.receipts.paidBy.String())
		c.receipts.disprove()
		return false, nil
	}
	c.receipts.settle(res.PaymentID)
	c.issued = c.issued || res.Done
	c.stage = order.ConfirmationIssuing
	c.alarm.stop()
	c.describe(ctx)
	return true, show(ctx, string(c.stage), time.Time{}, 0)
}

// awaitCertificates waits until the last certificate is out (M10). Issuing has
// no deadline: it is tried until done.
func (c *confirmationRun) awaitCertificates(ctx workflow.Context) error {
	for {
		if err := workflow.Await(ctx, func() bool { c.read(); return c.issued }); err != nil {
			return err
		}
		c.issued = false
		var res activities.ConfirmationStepResult
		err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "finish when every certificate is out"),
			confirmations.FinishConfirmation, c.step(ctx)).Get(ctx, &res)
		if err != nil || res.Done {
			c.stage = res.Stage
			return err
		}
	}
}

func (c *confirmationRun) remind(ctx workflow.Context) error {
	return workflow.ExecuteLocalActivity(ownDatabase(ctx, "remind of the payment"), confirmations.RemindConfirmation, c.step(ctx)).Get(ctx, nil)
}

// describe tells operators in plain words what the confirmation waits for.
func (c *confirmationRun) describe(ctx workflow.Context) {
	text := fmt.Sprintf("Ended: %s", c.stage)
	switch c.stage {
	case order.ConfirmationPayment:
		text = fmt.Sprintf("Waits for the payment of %d orders under %s until %s",
			c.in.Orders, c.in.Number.ERIP(), c.in.Due.In(order.Minsk()).Format(instantLayout))
	case order.ConfirmationIssuing:
		text = fmt.Sprintf("Paid; the certificates of %d orders are issued", c.in.Orders)
	case order.ConfirmationSigning, order.ConfirmationFinished, order.ConfirmationLapsed, order.ConfirmationVoid:
	}
	workflow.SetCurrentDetails(ctx, text)
}

// confirmationMessages are the channels of what others tell a confirmation.
type confirmationMessages struct {
	paymentReceived, issued, orderLeft workflow.ReceiveChannel
}

func newConfirmationMessages(ctx workflow.Context) confirmationMessages {
	return confirmationMessages{
		paymentReceived: workflow.GetSignalChannel(ctx, SignalPaymentReceived),
		issued:          workflow.GetSignalChannel(ctx, SignalIssued),
		orderLeft:       workflow.GetSignalChannel(ctx, SignalOrderLeft),
	}
}

func (c *confirmationRun) read() {
	var received PaymentReceived
	for c.messages.paymentReceived.ReceiveAsync(&received) {
		c.receipts.take(received.PaymentID, c.stage.Open())
	}
	for c.messages.issued.ReceiveAsync(&Look{}) {
		c.issued = true
	}
	for c.messages.orderLeft.ReceiveAsync(&Look{}) {
		c.left = true
	}
}
