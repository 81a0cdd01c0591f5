package workflows

import (
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// open puts the order on record (A6).
func (o *orderRun) open(ctx workflow.Context) error {
	started := workflow.GetInfo(ctx).WorkflowStartTime
	o.state.Until = o.in.Policy.FinishBy(started)
	opening := &activities.OrderOpening{
		Number: o.in.Number, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID,
		Service: o.in.Service, Kind: o.in.Kind, ApplicantKey: o.in.ApplicantKey, UNP: o.in.UNP,
		CertificateID: o.in.CertificateID, Language: o.in.Language, StartedAt: started,
	}
	err := o.record(ctx, transition{
		opening: opening,
		events:  []activities.AuditEvent{o.event(ctx, "order-opened", byApplicant, map[string]string{"certificate": o.in.CertificateID})},
	})
	o.opened = err == nil
	return err
}

// prepare covers the applicant's own steps and both checks (S1–S8). A request
// that cannot be saved goes back to the upload.
func (o *orderRun) prepare(ctx workflow.Context) error {
	d := newDeadline(o.state.Until, "finish the order", o.in.Policy, o.reminder(order.NoticeFinishReminder))
	defer d.stop()
	l := lapse{reason: order.ReasonNotFinished}
	for {
		ok, err := o.hold(ctx, d, l, func() bool { return o.submitted })
		if err != nil || !ok {
			return err
		}
		ok, err = o.checkRegisters(ctx, d, l)
		if err != nil || !ok {
			return err
		}
		saved, err := o.save(ctx)
		if err != nil || saved {
			return err
		}
	}
}

// checkRegisters makes the second check (S7). A silent register is asked again
// by the retry policy while the order waits under its deadline.
func (o *orderRun) checkRegisters(ctx workflow.Context, d *deadline, l lapse) (bool, error) {
	asking, cancel := workflow.WithCancel(ctx)
	defer cancel()
	answer := workflow.ExecuteActivity(patient(asking, "second check: state registers", askingRegisters), registers.CheckRegisters,
		activities.CheckRegistersInput{RequestID: o.state.RequestID, Kind: o.in.Kind})
	ok, err := o.hold(ctx, d, l, answer.IsReady)
	if err != nil || !ok {
		return false, err
	}
	var checked activities.CheckRegistersResult
	if err := answer.Get(ctx, &checked); err != nil {
		return false, err
	}
	o.state.Report = append(o.state.Report, checked.Report...)
	if checked.Report.Passed() {
		return true, nil
	}
	return false, o.end(ctx, order.EndRefused, order.ReasonRegistersDiffer, bySystem, "")
}

// save makes the request the saved one (S8) and goes on to the next stage.
func (o *orderRun) save(ctx workflow.Context) (bool, error) {
	defer o.occupy()()
	now := workflow.Now(ctx)
	before := o.state
	o.state.CompletedAt, o.state.PayBy = now, o.in.Policy.PayBy(now)
	t := transition{saveRequest: true, events: []activities.AuditEvent{
		o.event(ctx, "request-saved", bySystem, map[string]string{"request": o.state.RequestID}),
	}}
	if o.in.Service.NeedsApproval() {
		o.state.Stage, o.state.Until = order.StageAwaitingApproval, o.in.Policy.ApproveBy(o.state.UploadedAt)
		t.notices = []activities.Notice{{Kind: order.NoticeWaitingForManager, Deadline: o.state.Until}}
	}
	err := o.record(ctx, t)
	var refused *temporal.ApplicationError
	if errors.As(err, &refused) && refused.Type() == activities.ErrTypeNotSaved {
		version := o.state.Version
		o.state, o.submitted = before, false
		o.state.Version, o.state.Stage, o.state.RequestID = version, order.StageRequest, ""
		o.state.Report = order.Report{{Code: order.CheckKeyNew, Verdict: order.VerdictFailed, Cause: "in-use"}}
		return false, o.record(ctx, transition{})
	}
	return err == nil, err
}

// awaitApproval waits for the manager (S9, M3–M6); 6.0.00 has none.
func (o *orderRun) awaitApproval(ctx workflow.Context) error {
	if !o.in.Service.NeedsApproval() {
		return nil
	}
	if err := upsertStage(ctx, string(o.state.Stage), o.state.PayBy); err != nil {
		return err
	}
	d := newDeadline(o.state.Until, "manager's confirmation", o.in.Policy, o.reminder(order.NoticeApprovalReminder))
	defer d.stop()
	_, err := o.hold(ctx, d, lapse{reason: order.ReasonNotConfirmed, keepConfirmed: true}, func() bool {
		return !o.state.ApprovedAt.IsZero() || o.paid
	})
	return err
}

// awaitPayment waits for the money (D2–D4, P4, P5).
func (o *orderRun) awaitPayment(ctx workflow.Context) error {
	var remind func(workflow.Context) error
	if !o.in.Service.NeedsApproval() {
		remind = o.reminder(order.NoticePaymentReminder)
	}
	d := newDeadline(o.state.PayBy, "payment", o.in.Policy, remind)
	defer d.stop()
	t, ok, err := o.becomePayable(ctx, d)
	if err != nil || !ok {
		return err
	}
	o.state.Stage, o.state.Until = order.StageAwaitingPayment, o.state.PayBy
	if err := o.record(ctx, t); err != nil {
		return err
	}
	if !o.in.Service.NeedsApproval() {
		if err := upsertStage(ctx, string(o.state.Stage), o.state.PayBy); err != nil {
			return err
		}
	}
	_, err = o.hold(ctx, d, notPaid, func() bool { return o.paid })
	return err
}

// priceRetry is how long an order without a price waits for a completed tariff.
const priceRetry = 10 * time.Minute

// becomePayable fixes the price of an order of 6.0.00 (P7); the price of a
// confirmation's orders was fixed at its signature. It returns false when the
// order has ended while the tariff had no price.
func (o *orderRun) becomePayable(ctx workflow.Context, d *deadline) (transition, bool, error) {
	if o.in.Service.NeedsApproval() {
		return transition{events: []activities.AuditEvent{
			o.event(ctx, "approved", bySystem, map[string]string{"confirmation": o.state.ConfirmationID}),
		}}, true, nil
	}
	in := activities.OpenPayableInput{
		PayableID: o.in.OrderID, WorkflowID: workflow.GetInfo(ctx).WorkflowExecution.ID,
		Service: o.in.Service, OrderIDs: []string{o.in.OrderID}, At: o.state.CompletedAt,
	}
	for {
		var res activities.OpenPayableResult
		err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "fix the price"), payables.OpenPayable, in).Get(ctx, &res)
		if err == nil {
			return transition{notices: []activities.Notice{{
				Kind: order.NoticePaymentDue, Deadline: o.state.PayBy, Amount: res.Total, Number: res.Number,
			}}}, true, nil
		}
		o.log.Error("no price: complete the tariff, the order is tried again", "error", err)
		if ok, err := o.holdFor(ctx, d, priceRetry); err != nil || !ok {
			return transition{}, false, err
		}
	}
}

// holdFor lets some time pass in which the order may end.
func (o *orderRun) holdFor(ctx workflow.Context, d *deadline, pause time.Duration) (bool, error) {
	timerCtx, cancel := workflow.WithCancel(ctx)
	defer cancel()
	timer := workflow.NewTimerWithOptions(timerCtx, pause, workflow.TimerOptions{Summary: "until the tariff is asked again"})
	return o.hold(ctx, d, notPaid, timer.IsReady)
}

// issue makes the one certificate (I1). The activity makes it visible together
// with its credentials, so that no order is issued and not shown.
func (o *orderRun) issue(ctx workflow.Context) error {
	o.state.Stage, o.state.Until = order.StageIssuing, time.Time{}
	o.describe(ctx)
	in := activities.IssueCertificateInput{
		OrderID: o.in.OrderID, RequestID: o.state.RequestID, Service: o.in.Service, Kind: o.in.Kind,
		ConfirmationID: o.state.ConfirmationID, Record: o.issued(ctx),
	}
	var res activities.IssueCertificateResult
	if err := workflow.ExecuteActivity(patient(ctx, "issue the certificate", issuingOnce), issuance.IssueCertificate, in).Get(ctx, &res); err != nil {
		return err
	}
	o.state = in.Record.State
	o.describe(ctx)
	return nil
}

// issued is the transition that shows the certificate.
func (o *orderRun) issued(ctx workflow.Context) activities.RecordOrderInput {
	in := o.nextVersion(transition{
		notices: []activities.Notice{{Kind: order.NoticeIssued}},
		events:  []activities.AuditEvent{o.event(ctx, "certificate-issued", bySystem, map[string]string{"payment": o.state.PaymentID})},
	})
	in.State.Stage, in.State.End = order.StageEnded, order.EndIssued
	return in
}

// reminder makes the step that a deadline takes when its reminder is due (D6).
// Nobody is reminded of what only the system can do.
func (o *orderRun) reminder(kind order.NoticeKind) func(workflow.Context) error {
	return func(ctx workflow.Context) error {
		if err := workflow.Await(ctx, func() bool { return !o.busy }); err != nil {
			return err
		}
		if o.state.Contacts == nil || o.state.Stage.WaitsFor(o.in.Service) == order.ActorSystem {
			return nil
		}
		defer o.occupy()()
		return o.record(ctx, transition{notices: []activities.Notice{{Kind: kind, Deadline: o.state.Until}}})
	}
}
