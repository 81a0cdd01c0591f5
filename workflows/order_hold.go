package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// lapse says what a deadline does to an order.
type lapse struct {
	reason order.EndReason
	// keepConfirmed: an order that a confirmation holds already stays (D7).
	keepConfirmed bool
}

// notPaid annuls an order whose payment did not come in time (D3).
var notPaid = lapse{reason: order.ReasonNotPaid}

// hold waits until want reports true. It returns false when the order has
// ended instead: by the wish of a person or by its deadline. What was wanted
// wins over both when they arrive together, and an update that came before the
// deadline is worked out before the deadline counts (D7).
func (o *orderRun) hold(ctx workflow.Context, d *deadline, l lapse, want func() bool) (bool, error) {
	for {
		_, err := d.await(ctx, func() bool { o.read(); return !o.busy && (want() || o.leave != nil) })
		if err == nil {
			err = workflow.Await(ctx, func() bool { return !o.busy })
		}
		if err != nil {
			return false, err
		}
		if want() {
			if o.paid {
				o.refuseLeave()
			}
			return true, nil
		}
		var ended bool
		if o.leave != nil {
			ended, err = o.grantLeave(ctx)
		} else {
			ended, err = o.annul(ctx, d, &l)
		}
		if err != nil || ended {
			return false, err
		}
	}
}

// annul ends the order at its deadline, unless an approval or the money holds
// it: the message that says so is on its way. After an approval the term of the
// payment still counts, money lifts every deadline.
func (o *orderRun) annul(ctx workflow.Context, d *deadline, l *lapse) (bool, error) {
	defer o.occupy()()
	closed, err := o.close(ctx, l.keepConfirmed)
	if err != nil {
		return false, err
	}
	if !closed && l.keepConfirmed {
		d.postpone(o.state.PayBy)
		*l = notPaid
		return false, nil
	}
	if !closed {
		d.lift()
		return false, nil
	}
	return true, o.end(ctx, order.EndAnnulled, l.reason, bySystem, "")
}

// grantLeave ends the order as a person wished, unless it is paid.
func (o *orderRun) grantLeave(ctx workflow.Context) (bool, error) {
	defer o.occupy()()
	wish := o.leave
	closed, err := o.close(ctx, false)
	if err != nil {
		return false, err
	}
	if !closed {
		// The money is there already; the message that says so is on its way.
		o.refuseLeave()
		return false, nil
	}
	err = o.end(ctx, wish.end, wish.reason, wish.by, wish.note)
	wish.decided = true
	return true, err
}

func (o *orderRun) refuseLeave() {
	if o.leave != nil {
		o.leave.decided = true
		o.leave = nil
	}
}

// close closes the order to money. When it leaves a confirmation by that, the
// confirmation is told.
func (o *orderRun) close(ctx workflow.Context, keepConfirmed bool) (bool, error) {
	in := activities.CloseOrderInput{OrderID: o.in.OrderID, KeepConfirmed: keepConfirmed}
	var res activities.CloseOrderResult
	err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "close the order to payments"), payables.CloseOrder, in).Get(ctx, &res)
	if err != nil || !res.Closed || res.ConfirmationID == "" {
		return res.Closed, err
	}
	left := OrderLeft{OrderID: o.in.OrderID, Share: res.Share}
	id := ConfirmationWorkflowID(res.ConfirmationID)
	if err := workflow.SignalExternalWorkflow(ctx, id, "", SignalOrderLeft, left).Get(ctx, nil); err != nil {
		// A confirmation that is closed needs no telling.
		o.log.Warn("confirmation not told that the order left", "confirmation", res.ConfirmationID, "error", err)
	}
	return true, nil
}
