package workflows

import (
	"errors"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Confirmation is one manager's signed list of chosen orders with one payment
// for all of them (service 6.0.02), until the last certificate is out.
//
// Like Order it ends with a result and never fails.
func Confirmation(ctx workflow.Context, in ConfirmationInput) (ConfirmationResult, error) {
	c := newConfirmationRun(ctx, in)
	if err := c.handleUpdates(ctx); err != nil {
		return ConfirmationResult{}, err
	}
	must(c.run(undisturbed(ctx)))
	return ConfirmationResult{Stage: c.state.Stage}, nil
}

// confirmationRun is the private state of one Confirmation.
type confirmationRun struct {
	in    ConfirmationInput
	state activities.ConfirmationState
	log   log.Logger

	opened bool
	busy   bool
	// needSignature is false when all chosen orders were approved before (P8).
	needSignature bool
	// orders are those that are paid for here, with their workflow ids.
	orders []activities.PayableOrder
	// done are the orders whose certificate is out or that have left.
	done map[string]bool
	late []string

	messages confirmationMessages
}

func newConfirmationRun(ctx workflow.Context, in ConfirmationInput) *confirmationRun {
	return &confirmationRun{
		in: in,
		state: activities.ConfirmationState{
			ConfirmationID: in.ConfirmationID, Stage: activities.ConfirmationSigning, OrderIDs: in.OrderIDs,
		},
		log:      log.With(workflow.GetLogger(ctx), "confirmation", in.ConfirmationID),
		done:     make(map[string]bool, len(in.OrderIDs)),
		messages: newConfirmationMessages(ctx),
	}
}

// run tells the story of a confirmation, top to bottom.
func (c *confirmationRun) run(ctx workflow.Context) error {
	steps := []func(workflow.Context) error{c.compose, c.awaitSignature, c.approve, c.awaitPayment, c.awaitCertificates}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if !c.state.Stage.Open() {
			break
		}
	}
	return c.conclude(ctx)
}

func (c *confirmationRun) conclude(ctx workflow.Context) error {
	if err := upsertStage(ctx, string(c.state.Stage), c.state.Until); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	return c.returnLateMoney(ctx)
}

// compose makes the list (M5). When none of the chosen orders can be confirmed
// any more the confirmation ends at once.
func (c *confirmationRun) compose(ctx workflow.Context) error {
	started := workflow.GetInfo(ctx).WorkflowStartTime
	in := activities.ComposeListInput{
		ConfirmationID: c.in.ConfirmationID, UNP: c.in.UNP, OrderIDs: c.in.OrderIDs, At: started,
	}
	var list activities.ComposeListResult
	err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "compose the list"), lists.ComposeList, in).Get(ctx, &list)
	switch {
	case c.nothingToPay(err):
		c.state.Stage, c.state.OrderIDs = activities.ConfirmationVoid, nil
	case err != nil:
		return err
	default:
		c.state.ListID, c.state.OrderIDs, c.state.Until = list.ListID, list.OrderIDs, list.SignBy
		c.needSignature = list.NeedSignature
	}
	err = c.record(ctx, confirmationTransition{
		opening: &activities.ConfirmationOpening{
			WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID, UNP: c.in.UNP, ManagerKey: c.in.ManagerKey,
			CertificateID: c.in.CertificateID, Language: c.in.Language, Email: c.in.Email, StartedAt: started,
		},
		events: []activities.AuditEvent{c.event(ctx, "list-made", map[string]string{"list": c.state.ListID})},
	})
	c.opened = err == nil
	return err
}

// awaitSignature waits until the list is signed, or for nothing when every
// order on it was approved in a confirmation that lapsed (P8).
func (c *confirmationRun) awaitSignature(ctx workflow.Context) error {
	if !c.needSignature {
		err := c.openPayable(ctx)
		if c.nothingToPay(err) {
			return c.end(ctx, activities.ConfirmationVoid)
		}
		if err != nil {
			return err
		}
		return c.recordPayable(ctx)
	}
	d := newDeadline(c.state.Until, "manager's signature", c.in.Policy, nil)
	defer d.stop()
	signed := func() bool { c.read(); return !c.busy && c.state.Stage != activities.ConfirmationSigning }
	met, err := d.await(ctx, signed)
	if err != nil || met {
		return err
	}
	if c.busy {
		// A signature that came before the deadline is still being verified.
		if err := workflow.Await(ctx, func() bool { return !c.busy }); err != nil || signed() {
			return err
		}
	}
	return c.end(ctx, activities.ConfirmationVoid)
}

// openPayable fixes total and payment number (M8, P7).
func (c *confirmationRun) openPayable(ctx workflow.Context) error {
	in := activities.OpenPayableInput{
		PayableID: c.in.ConfirmationID, WorkflowID: ConfirmationWorkflowID(c.in.ConfirmationID),
		Service: order.ServiceManager, OrderIDs: c.state.OrderIDs, At: workflow.Now(ctx),
	}
	var res activities.OpenPayableResult
	if err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "fix the total"), payables.OpenPayable, in).Get(ctx, &res); err != nil {
		return err
	}
	c.orders, c.state.OrderIDs = res.Orders, nil
	for _, o := range res.Orders {
		c.state.OrderIDs = append(c.state.OrderIDs, o.OrderID)
	}
	c.state.Number, c.state.Total, c.state.Until = res.Number, res.Total, res.Due
	return nil
}

// recordPayable shows the total and asks for the payment.
func (c *confirmationRun) recordPayable(ctx workflow.Context, events ...activities.AuditEvent) error {
	c.state.Stage = activities.ConfirmationPayment
	return c.record(ctx, confirmationTransition{
		notices: []activities.Notice{c.notice(order.NoticeConfirmationPaymentDue)}, events: events,
	})
}

// nothingToPay tells an error that leaves nothing to do for this confirmation;
// its orders keep their terms and can be chosen again.
func (c *confirmationRun) nothingToPay(err error) bool {
	if refusedAs(err, activities.ErrTypeNoPrice) {
		c.log.Error("no price: complete the tariff, the confirmation ends", "error", err)
		return true
	}
	return refusedAs(err, activities.ErrTypeNothingToConfirm)
}

func refusedAs(err error, kind string) bool {
	var refused *temporal.ApplicationError
	return errors.As(err, &refused) && refused.Type() == kind
}
