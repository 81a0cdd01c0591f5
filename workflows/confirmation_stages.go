package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// approve tells every order that it is confirmed (M6).
func (c *confirmationRun) approve(ctx workflow.Context) error {
	approved := Approved{ConfirmationID: c.in.ConfirmationID, At: workflow.Now(ctx)}
	return c.tellOrders(ctx, SignalApproved, approved, c.dropOrder)
}

// tellOrders signals all orders that are still here, all at once. An order
// that cannot be told is closed; unreachable says what follows from it.
func (c *confirmationRun) tellOrders(
	ctx workflow.Context, signal string, payload any, unreachable func(workflow.Context, string) error,
) error {
	told := make([]workflow.Future, len(c.orders))
	for i, o := range c.orders {
		if !c.done[o.OrderID] {
			told[i] = workflow.SignalExternalWorkflow(ctx, o.WorkflowID, "", signal, payload)
		}
	}
	for i, o := range c.orders {
		if told[i] == nil {
			continue
		}
		if err := told[i].Get(ctx, nil); err != nil {
			c.log.Error("order cannot be told", "order", o.OrderID, "signal", signal, "error", err)
			if err := unreachable(ctx, o.OrderID); err != nil {
				return err
			}
		}
	}
	return nil
}

// dropOrder takes an order that is closed, with its share, out of the payment.
func (c *confirmationRun) dropOrder(ctx workflow.Context, orderID string) error {
	in := activities.CloseOrderInput{OrderID: orderID}
	var res activities.CloseOrderResult
	err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "take the order out"), payables.CloseOrder, in).Get(ctx, &res)
	if err == nil && res.Closed {
		c.onOrderLeft(OrderLeft{OrderID: orderID, Share: res.Share})
	}
	return err
}

// awaitPayment waits for the money until the earliest pay-by of the orders
// (P8). An order that leaves meanwhile takes its share of the total with it.
func (c *confirmationRun) awaitPayment(ctx workflow.Context) error {
	if err := upsertStage(ctx, string(c.state.Stage), c.state.Until); err != nil {
		return err
	}
	d := newDeadline(c.state.Until, "payment", c.in.Policy, c.remind)
	defer d.stop()
	shown := 0
	for {
		met, err := d.await(ctx, func() bool {
			c.read()
			return c.state.PaymentID != "" || len(c.state.LeftIDs) != shown
		})
		shown = len(c.state.LeftIDs)
		switch {
		case err != nil:
			return err
		case c.state.PaymentID != "":
			return c.recordPaid(ctx)
		case met && !c.allDone():
			if err := c.record(ctx, confirmationTransition{}); err != nil {
				return err
			}
		default:
			ended, err := c.closeUnpaid(ctx)
			if err != nil || ended {
				return err
			}
			d.lift()
		}
	}
}

func (c *confirmationRun) recordPaid(ctx workflow.Context) error {
	c.state.Stage, c.state.Until = activities.ConfirmationIssuing, time.Time{}
	return c.record(ctx, confirmationTransition{events: []activities.AuditEvent{
		c.event(ctx, "confirmation-paid", map[string]string{"payment": c.state.PaymentID}),
	}})
}

// closeUnpaid ends the confirmation at its deadline, or when the last order
// has left, unless the money was in time and its message is on the way (D7).
func (c *confirmationRun) closeUnpaid(ctx workflow.Context) (bool, error) {
	var res activities.ClosePayableResult
	err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "close the payment"), payables.ClosePayable,
		activities.ClosePayableInput{PayableID: c.in.ConfirmationID}).Get(ctx, &res)
	switch {
	case err != nil || !res.Closed:
		return false, err
	case c.allDone():
		return true, c.end(ctx, activities.ConfirmationVoid)
	default:
		return true, c.end(ctx, activities.ConfirmationLapsed)
	}
}

// awaitCertificates hands the payment to the orders and waits until the last
// certificate is out (M10). Issuing has no deadline: it is tried until done.
func (c *confirmationRun) awaitCertificates(ctx workflow.Context) error {
	paid := Paid{ConfirmationID: c.in.ConfirmationID, PaymentID: c.state.PaymentID}
	if err := c.tellOrders(ctx, SignalPaid, paid, c.returnShare); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { c.read(); return c.allDone() }); err != nil {
		return err
	}
	return c.end(ctx, activities.ConfirmationFinished)
}

// returnShare keeps the share of an order that is closed for an operator (P4).
func (c *confirmationRun) returnShare(ctx workflow.Context, orderID string) error {
	c.onOrderLeft(OrderLeft{OrderID: orderID})
	in := activities.ReportUnappliedInput{PaymentID: c.state.PaymentID, OrderID: orderID, Reason: reasonClosed}
	return workflow.ExecuteLocalActivity(ownDatabase(ctx, "keep a share as unapplied"), payables.ReportUnapplied, in).Get(ctx, nil)
}

// returnLateMoney reports payments that pay for nothing here (P4), until no
// further one has arrived meanwhile.
func (c *confirmationRun) returnLateMoney(ctx workflow.Context) error {
	for c.read(); len(c.late) > 0; c.read() {
		in := activities.ReportUnappliedInput{PaymentID: c.late[0], Reason: reasonClosed}
		err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "keep a late payment as unapplied"), payables.ReportUnapplied, in).Get(ctx, nil)
		if err != nil {
			return err
		}
		c.late = c.late[1:]
	}
	return nil
}

func (c *confirmationRun) remind(ctx workflow.Context) error {
	return c.record(ctx, confirmationTransition{notices: []activities.Notice{c.notice(order.NoticeConfirmationReminder)}})
}
