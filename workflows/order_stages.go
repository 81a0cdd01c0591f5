package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// checkRegisters makes the second check and saves the request (S7, S8). A
// silent register is asked again by the retry policy until the order's time is
// over, and so is a save that fails; meanwhile the applicant may withdraw.
func (o *orderRun) checkRegisters(ctx workflow.Context) error {
	o.describe(ctx)
	asking, cancel := workflow.WithCancel(ctx)
	defer cancel()
	asking = alive(within(asking, "second check: state registers", askingRegisters, max(o.in.CheckBy.Sub(workflow.Now(ctx)), time.Second)))
	answer := workflow.ExecuteActivity(asking, registers.CheckRegisters, activities.CheckRegistersInput{OrderID: o.in.OrderID})
	for {
		if err := workflow.Await(ctx, func() bool { o.read(); return answer.IsReady() || o.wish != nil }); err != nil {
			return err
		}
		if answer.IsReady() {
			return o.takeCheck(ctx, answer)
		}
		if ended, err := o.endAsWished(ctx); err != nil || ended {
			return err
		}
	}
}

// takeCheck goes on where the order stands after the second check.
func (o *orderRun) takeCheck(ctx workflow.Context, answer workflow.Future) error {
	var checked activities.CheckRegistersResult
	err := answer.Get(ctx, &checked)
	if outOfTime(err) {
		e := order.Ending{End: order.EndAnnulled, Reason: order.ReasonNotFinished, By: order.BySystem}
		if refusedAs(err, activities.ErrTypeNotSaved) {
			e.End, e.Reason = order.EndRefused, order.ReasonNotSaved
		}
		_, err := o.finish(ctx, e)
		return err
	}
	if err != nil {
		return err
	}
	o.stage, o.until, o.payBy = checked.Stage, checked.Until, checked.PayBy
	if checked.Number != 0 {
		o.number = checked.Number
	}
	// An approval may have come before the answer of the step that made it possible.
	o.approved = o.approved || checked.Stage == order.StageAwaitingPayment
	if checked.Stage == order.StageEnded {
		o.ended(ctx, checked.End, checked.Reason)
	}
	return nil
}

// awaitApproval waits for the manager within the visibility term (S9, M3–M6);
// 6.0.00 has none.
func (o *orderRun) awaitApproval(ctx workflow.Context) error {
	if o.approved {
		return nil
	}
	o.describe(ctx)
	if err := show(ctx, string(o.stage), o.payBy, 0); err != nil {
		return err
	}
	d := newDeadline(ctx, o.until, "manager's confirmation", o.in.Policy, o.reminder(order.NoticeApprovalReminder))
	end, err := o.hold(ctx, d, func() bool { return o.approved || o.receipts.paid() })
	if err != nil || o.over() || end == met {
		return err
	}
	// An order that a confirmation has taken is kept: its approval is on the
	// way, and from here on the term of the payment counts (D7).
	_, err = o.annul(ctx, order.ReasonNotConfirmed, true)
	return err
}

// proofRetry is how long an order waits before it tries again to issue what
// was told to be paid but could not be proven.
const proofRetry = 10 * time.Minute

// awaitPaymentAndIssue waits for the money within its term (D2–D4, P4, P5) and
// issues. What says that it is paid is not believed but proven; without proof
// the order goes on waiting.
func (o *orderRun) awaitPaymentAndIssue(ctx workflow.Context) error {
	o.stage, o.until = order.StageAwaitingPayment, o.payBy
	o.describe(ctx)
	if err := show(ctx, string(o.stage), o.payBy, o.number); err != nil {
		return err
	}
	var remind func(workflow.Context) error
	if !o.in.Service.NeedsApproval() {
		remind = o.reminder(order.NoticePaymentReminder)
	}
	d := newDeadline(ctx, o.payBy, "payment", o.in.Policy, remind)
	for {
		if err := o.awaitPayment(ctx, d); err != nil || o.over() {
			return err
		}
		if issued, err := o.issue(ctx); err != nil || issued {
			return err
		}
		o.stage = order.StageAwaitingPayment
		o.receipts.disprove()
		o.describe(ctx)
		if o.issuingShown {
			o.issuingShown = false
			if err := show(ctx, string(o.stage), o.payBy, o.number); err != nil {
				return err
			}
		}
		d.at = later(d.at, workflow.Now(ctx).Add(proofRetry))
	}
}

// awaitPayment returns when the order is paid or over. Money that the database
// holds at the deadline was in time, whether its message has come or not (D7).
func (o *orderRun) awaitPayment(ctx workflow.Context, d *deadline) error {
	end, err := o.hold(ctx, d, o.receipts.paid)
	if err != nil || o.over() || end == met {
		return err
	}
	_, err = o.annul(ctx, order.ReasonNotPaid, false)
	return err
}

// hold waits until want reports true or the deadline has passed; a person's
// wish to end the order is decided on the way. What was wanted wins over both
// when they arrive together.
func (o *orderRun) hold(ctx workflow.Context, d *deadline, want func() bool) (outcome, error) {
	for {
		end, err := o.alarm.wait(ctx, d, func() bool { o.read(); return want() || o.wish != nil })
		if err != nil || end == lapsed {
			return end, err
		}
		if want() {
			if o.receipts.paid() {
				o.refuseWish()
			}
			return met, nil
		}
		if ended, err := o.endAsWished(ctx); err != nil || ended {
			return met, err
		}
	}
}

// issue makes the one certificate (I1); the activity shows it together with
// its credentials. It returns false when nothing proves that it may be issued.
func (o *orderRun) issue(ctx workflow.Context) (bool, error) {
	o.stage, o.until = order.StageIssuing, time.Time{}
	o.describe(ctx)
	res, err := o.certify(ctx)
	if refusedAs(err, activities.ErrTypeNotProven) {
		o.log.Error("nothing proves that the order may be issued, it goes on waiting", "error", err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	o.receipts.settle(res.PaymentID)
	if res.Revoked {
		o.ended(ctx, order.EndRefused, order.ReasonRevoked)
		return true, nil
	}
	o.channels = res.Channels
	o.ended(ctx, order.EndIssued, order.ReasonNone)
	return true, nil
}

// certify asks for the certificate until it is out. Operators see the order at
// this wait when it becomes one: the first attempts are over in seconds.
func (o *orderRun) certify(ctx workflow.Context) (res activities.IssueCertificateResult, err error) {
	in := activities.IssueCertificateInput{OrderID: o.in.OrderID, Shown: o.issuingShown, Confirmed: o.in.Service.NeedsApproval()}
	ask := func() error {
		return workflow.ExecuteActivity(untilDone(ctx, "issue the certificate", issuingOnce), issuance.IssueCertificate, in).Get(ctx, &res)
	}
	if err := ask(); err != nil || !res.Delayed {
		return res, err
	}
	o.issuingShown, in.Shown, res = true, true, activities.IssueCertificateResult{}
	if err := show(ctx, string(o.stage), time.Time{}, 0); err != nil {
		return res, err
	}
	err = ask()
	return res, err
}

// reminder makes the step that a deadline takes when its reminder is due (D6).
func (o *orderRun) reminder(kind order.NoticeKind) func(workflow.Context) error {
	return func(ctx workflow.Context) error {
		in := activities.RemindOrderInput{OrderID: o.in.OrderID, Kind: kind}
		return workflow.ExecuteLocalActivity(ownDatabase(ctx, "remind"), orders.RemindOrder, in).Get(ctx, nil)
	}
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
