package workflows

import (
	"errors"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
)

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
		c.onPaymentReceived(received)
	}
	var issued Issued
	for c.messages.issued.ReceiveAsync(&issued) {
		c.onIssued(issued)
	}
	if c.orders == nil {
		// Who has left what is known once it is known who is on it.
		return
	}
	var left OrderLeft
	for c.messages.orderLeft.ReceiveAsync(&left) {
		c.onOrderLeft(left)
	}
}

// onPaymentReceived takes the first payment; the same again changes nothing
// (P5), another one is handed back at the end.
func (c *confirmationRun) onPaymentReceived(in PaymentReceived) {
	switch {
	case c.state.PaymentID == in.PaymentID:
	case c.state.PaymentID != "" || !c.state.Stage.Open():
		c.late = append(c.late, in.PaymentID)
	default:
		c.state.PaymentID = in.PaymentID
	}
}

func (c *confirmationRun) onIssued(in Issued) {
	if !c.done[in.OrderID] {
		c.done[in.OrderID] = true
		c.state.IssuedIDs = append(c.state.IssuedIDs, in.OrderID)
	}
}

func (c *confirmationRun) onOrderLeft(in OrderLeft) {
	if !c.done[in.OrderID] && slices.Contains(c.state.OrderIDs, in.OrderID) {
		c.done[in.OrderID] = true
		c.state.LeftIDs = append(c.state.LeftIDs, in.OrderID)
		c.state.Total -= in.Share
	}
}

func (c *confirmationRun) allDone() bool {
	for _, o := range c.orders {
		if !c.done[o.OrderID] {
			return false
		}
	}
	return true
}

func (c *confirmationRun) handleUpdates(ctx workflow.Context) error {
	return errors.Join(
		workflow.SetUpdateHandler(ctx, UpdateOpen, c.onOpen),
		workflow.SetUpdateHandlerWithOptions(ctx, UpdateSignList, c.onSignList,
			workflow.UpdateHandlerOptions{Validator: c.validateSignList, Description: "The manager signs the list."}),
	)
}

func (c *confirmationRun) onOpen(ctx workflow.Context) (ConfirmationSnapshot, error) {
	err := workflow.Await(undisturbed(ctx), func() bool {
		return c.opened && (c.needSignature || c.state.Stage != activities.ConfirmationSigning)
	})
	return c.snapshot(), err
}

func (c *confirmationRun) validateSignList(SignListInput) error {
	switch {
	case !c.opened || c.state.Stage != activities.ConfirmationSigning:
		return temporal.NewNonRetryableApplicationError(
			"the confirmation is at the stage "+string(c.state.Stage), ErrTypeWrongStage, nil)
	case c.busy:
		return temporal.NewNonRetryableApplicationError("a signature is being verified, ask again in a moment", ErrTypeBusy, nil)
	default:
		return nil
	}
}

// onSignList verifies the signature while the manager waits; nothing is
// approved on a bad one (M6).
func (c *confirmationRun) onSignList(ctx workflow.Context, in SignListInput) (SignListResult, error) {
	ctx = undisturbed(ctx)
	c.busy = true
	defer func() { c.busy = false }()
	now := workflow.Now(ctx)
	var verdict activities.VerifyListResult
	err := workflow.ExecuteActivity(prompt(ctx, "verify the manager's signature"), lists.VerifyList, activities.VerifyListInput{
		UNP: c.in.UNP, CertificateID: c.in.CertificateID, ListID: c.state.ListID, SignatureID: in.SignatureID, At: now,
	}).Get(ctx, &verdict)
	if err != nil {
		c.log.Warn("signature not verified", "error", err)
		return SignListResult{}, temporal.NewNonRetryableApplicationError(
			"the register that names the manager does not answer, ask again later", ErrTypeRegistersSilent, nil)
	}
	if !verdict.Report.Passed() {
		return SignListResult{Report: verdict.Report.Failed(), Snapshot: c.snapshot()}, nil
	}
	if err := c.openPayable(ctx); err != nil {
		return SignListResult{}, err
	}
	c.state.SignatureID, c.state.SignedAt = in.SignatureID, now
	err = c.recordPayable(ctx, c.event(ctx, "list-signed", map[string]string{"list": c.state.ListID, "signature": in.SignatureID}))
	return SignListResult{Accepted: err == nil, Snapshot: c.snapshot()}, err
}
