package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

var (
	records   *activities.Records
	requests  *activities.Requests
	registers *activities.Registers
	payables  *activities.Payables
	issuance  *activities.Issuance
	lists     *activities.Lists
)

// handleUpdates registers what people can ask of an order. A validator's
// refusal leaves no trace in history.
func (o *orderRun) handleUpdates(ctx workflow.Context) error {
	return errors.Join(
		workflow.SetUpdateHandler(ctx, UpdateOpen, o.onOpen),
		workflow.SetUpdateHandlerWithOptions(ctx, UpdateAcceptTerms, o.onAcceptTerms,
			workflow.UpdateHandlerOptions{Validator: o.validateAcceptTerms, Description: "The applicant accepts agreement and contract."}),
		workflow.SetUpdateHandlerWithOptions(ctx, UpdateSubmitRequest, o.onSubmitRequest,
			workflow.UpdateHandlerOptions{Validator: o.validateSubmitRequest, Description: "The applicant submits a request file."}),
		workflow.SetUpdateHandlerWithOptions(ctx, UpdateWithdraw, o.onWithdraw,
			workflow.UpdateHandlerOptions{Validator: o.validateWithdraw, Description: "The applicant takes the order back."}),
	)
}

// onOpen answers a start and every repeated start alike (A6).
func (o *orderRun) onOpen(ctx workflow.Context) (OrderSnapshot, error) {
	err := workflow.Await(undisturbed(ctx), func() bool { return o.opened })
	return o.snapshot(), err
}

func (o *orderRun) validateAcceptTerms(in AcceptTermsInput) error {
	if err := o.expect(order.StageTerms); err != nil {
		return err
	}
	if in.AgreementVersion != o.in.AgreementVersion || in.ContractVersion != o.in.ContractVersion {
		return temporal.NewNonRetryableApplicationError(
			fmt.Sprintf("the versions on offer are %s and %s", o.in.AgreementVersion, o.in.ContractVersion), ErrTypeTermsOutdated, nil)
	}
	return nil
}

func (o *orderRun) onAcceptTerms(ctx workflow.Context, in AcceptTermsInput) (OrderSnapshot, error) {
	ctx = undisturbed(ctx)
	defer o.occupy()()
	o.state.Terms = &activities.Terms{
		AgreementVersion: in.AgreementVersion, ContractVersion: in.ContractVersion, AcceptedAt: workflow.Now(ctx),
	}
	o.state.Stage = order.StageRequest
	err := o.record(ctx, transition{events: []activities.AuditEvent{o.event(ctx, "terms-accepted", byApplicant, map[string]string{
		"agreement": in.AgreementVersion, "contract": in.ContractVersion,
	})}})
	return o.snapshot(), err
}

func (o *orderRun) validateSubmitRequest(SubmitRequestInput) error {
	return o.expect(order.StageRequest)
}

// onSubmitRequest makes the first check while the applicant waits (S2–S6). A
// request that fails leaves the order where it was, ready for another file.
func (o *orderRun) onSubmitRequest(ctx workflow.Context, in SubmitRequestInput) (SubmitRequestResult, error) {
	ctx = undisturbed(ctx)
	checked, err := o.verify(ctx, in)
	if err != nil {
		return SubmitRequestResult{}, err
	}
	if !checked.Admitted {
		if err := workflow.Await(ctx, func() bool { return o.over }); err != nil {
			return SubmitRequestResult{}, err
		}
	}
	return SubmitRequestResult{Accepted: o.submitted, Report: checked.Report, Snapshot: o.snapshot()}, nil
}

// verify makes the first check and takes over its verdict. Whoever may not
// order at all is refused by the story, not here.
func (o *orderRun) verify(ctx workflow.Context, in SubmitRequestInput) (activities.VerifyRequestResult, error) {
	defer o.occupy()()
	now := workflow.Now(ctx)
	next := o.nextVersion(transition{events: []activities.AuditEvent{
		o.event(ctx, "request-checked", bySystem, map[string]string{"request": in.RequestID}),
	}})
	next.State.RequestID, next.State.Contacts, next.State.UploadedAt = in.RequestID, &in.Contacts, now
	check := activities.VerifyRequestInput{
		OrderID: o.in.OrderID, RequestID: in.RequestID, CertificateID: o.in.CertificateID,
		Service: o.in.Service, Kind: o.in.Kind, UNP: o.in.UNP, Years: in.Years, At: now, Policy: o.in.Policy, Record: next,
	}
	var checked activities.VerifyRequestResult
	err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "first check: request against certificate"),
		requests.VerifyRequest, check).Get(ctx, &checked)
	if err != nil {
		return checked, err
	}
	o.state = check.Transition(checked).State
	o.submitted = o.state.Stage == order.StageChecking
	if !checked.Admitted && o.leave == nil {
		o.leave = &leaving{end: order.EndRefused, reason: order.ReasonNotAllowed, by: bySystem}
	}
	o.describe(ctx)
	return checked, nil
}

func (o *orderRun) validateWithdraw() error {
	if !o.state.Stage.Withdrawable() {
		return o.wrongStage()
	}
	if o.leave != nil {
		return temporal.NewNonRetryableApplicationError("the order is being ended already", ErrTypeBusy, nil)
	}
	return nil
}

// onWithdraw tells the story of the wish and answers what became of it.
func (o *orderRun) onWithdraw(ctx workflow.Context) (OrderSnapshot, error) {
	wish := &leaving{end: order.EndWithdrawn, reason: order.ReasonByApplicant, by: byApplicant}
	o.leave = wish
	if err := workflow.Await(undisturbed(ctx), func() bool { return wish.decided || o.over || o.paid }); err != nil {
		return OrderSnapshot{}, err
	}
	switch {
	case o.state.End == order.EndWithdrawn:
		return o.snapshot(), nil
	case o.over && !o.paid:
		return OrderSnapshot{}, o.wrongStage()
	default:
		return OrderSnapshot{}, temporal.NewNonRetryableApplicationError("the order is paid already", ErrTypeAlreadyPaid, nil)
	}
}

// expect refuses an update that the stage does not allow.
func (o *orderRun) expect(stage order.Stage) error {
	if o.state.Stage != stage || !o.opened {
		return o.wrongStage()
	}
	if o.busy || o.leave != nil {
		return temporal.NewNonRetryableApplicationError("the order is being worked on, ask again in a moment", ErrTypeBusy, nil)
	}
	return nil
}

func (o *orderRun) wrongStage() error {
	return temporal.NewNonRetryableApplicationError("the order is at the stage "+string(o.state.Stage), ErrTypeWrongStage, nil, o.snapshot())
}

// occupy keeps other changes out until the returned function is called.
func (o *orderRun) occupy() func() {
	o.busy = true
	return func() { o.busy = false }
}
