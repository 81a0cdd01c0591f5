package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// annul ends the order at its deadline. It returns true when an approval, or
// the money, holds it instead (D7).
func (o *orderRun) annul(ctx workflow.Context, reason order.EndReason, keepConfirmed bool) (held bool, err error) {
	done, err := o.finish(ctx, order.Ending{
		End: order.EndAnnulled, Reason: reason, By: order.BySystem, KeepConfirmed: keepConfirmed,
	})
	return !done, err
}

// endAsWished ends the order as a person wished, unless it is paid.
func (o *orderRun) endAsWished(ctx workflow.Context) (ended bool, err error) {
	w := o.wish
	ended, err = o.finish(ctx, order.Ending{End: w.end, Reason: w.reason, By: w.by, Note: w.note})
	if err != nil {
		return false, err
	}
	if !ended {
		// The money is there already; the message that says so is on its way.
		o.refuseWish()
		return false, nil
	}
	w.decided = true
	return true, nil
}

func (o *orderRun) refuseWish() {
	if o.wish != nil {
		o.wish.decided = true
		o.wish = nil
	}
}

// finish ends the order in the database, where money and time meet, and tells
// the confirmation that it left by that.
func (o *orderRun) finish(ctx workflow.Context, e order.Ending) (bool, error) {
	e.OrderID, e.At = o.in.OrderID, workflow.Now(ctx)
	var res activities.EndOrderResult
	err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "end the order unless it is paid"), orders.EndOrder,
		activities.EndOrderInput{Ending: e}).Get(ctx, &res)
	if err != nil || !res.Done {
		return false, err
	}
	o.ended(ctx, res.End, res.Reason)
	if res.ConfirmationID.IsZero() {
		return true, nil
	}
	id := order.ConfirmationWorkflowID(res.ConfirmationNumber, res.ConfirmationID)
	if err := workflow.SignalExternalWorkflow(ctx, id, "", SignalOrderLeft, Look{}).Get(ctx, nil); err != nil {
		// A confirmation that is closed needs no telling.
		o.log.Warn("confirmation not told that the order left", "confirmation", id, "error", err)
	}
	return true, nil
}
