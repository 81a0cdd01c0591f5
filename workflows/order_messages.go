package workflows

import (
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// orderMessages are the channels of what others have decided about an order.
type orderMessages struct {
	approved, rejected, paymentReceived workflow.ReceiveChannel
}

func newOrderMessages(ctx workflow.Context) orderMessages {
	return orderMessages{
		approved:        workflow.GetSignalChannel(ctx, SignalApproved),
		rejected:        workflow.GetSignalChannel(ctx, SignalRejected),
		paymentReceived: workflow.GetSignalChannel(ctx, SignalPaymentReceived),
	}
}

// wish is that of a person to end an order before it is paid.
type wish struct {
	end    order.End
	reason order.EndReason
	by     string
	note   string
	// decided is set when the wish was granted or refused.
	decided bool
}

// read takes all messages that have arrived. What the stage does not allow is
// logged and has no effect: money is never lost by that, the ledger holds it.
func (o *orderRun) read() {
	var approved activities.Approved
	for o.messages.approved.ReceiveAsync(&approved) {
		o.onApproved(approved)
	}
	var rejected Rejected
	for o.messages.rejected.ReceiveAsync(&rejected) {
		o.onRejected(rejected)
	}
	var received PaymentReceived
	for o.messages.paymentReceived.ReceiveAsync(&received) {
		o.receipts.take(received.PaymentID, !o.over())
	}
}

func (o *orderRun) onApproved(in activities.Approved) {
	if o.over() {
		o.log.Warn("approval at the wrong stage", "stage", o.stage, "confirmation", in.ConfirmationID.String())
		return
	}
	// A new confirmation takes over an order whose last one lapsed (P8).
	o.approved, o.confirmation, o.number = true, in.ConfirmationID, in.Number
}

func (o *orderRun) onRejected(in Rejected) {
	if !o.stage.Withdrawable() {
		o.log.Warn("rejection at the wrong stage", "stage", o.stage)
		return
	}
	if o.wish == nil {
		o.wish = &wish{end: order.EndRejected, reason: order.ReasonByManager, by: order.ByManager(in.By), note: in.Note}
	}
}

// handleUpdates registers what people can ask of an order. A validator's
// refusal leaves no trace in history.
func (o *orderRun) handleUpdates(ctx workflow.Context) error {
	return workflow.SetUpdateHandlerWithOptions(ctx, UpdateWithdraw, o.onWithdraw,
		workflow.UpdateHandlerOptions{Validator: o.validateWithdraw, Description: "The applicant takes the order back."})
}

func (o *orderRun) validateWithdraw() error {
	if !o.stage.Withdrawable() {
		return o.wrongStage()
	}
	if o.wish != nil {
		return temporal.NewNonRetryableApplicationError("the order is being ended already", ErrTypeBusy, nil)
	}
	return nil
}

// onWithdraw tells the story of the wish and answers what became of it (S10).
func (o *orderRun) onWithdraw(ctx workflow.Context) (OrderSnapshot, error) {
	mine := &wish{end: order.EndWithdrawn, reason: order.ReasonByApplicant, by: order.ByApplicant}
	o.wish = mine
	if err := workflow.Await(undisturbed(ctx), func() bool { return mine.decided || o.over() }); err != nil {
		return OrderSnapshot{}, err
	}
	switch {
	case o.end == order.EndWithdrawn:
		return o.snapshot(), nil
	case o.over() && o.end != order.EndIssued:
		return OrderSnapshot{}, o.wrongStage()
	default:
		return OrderSnapshot{}, temporal.NewNonRetryableApplicationError("the order is paid already", ErrTypeAlreadyPaid, nil)
	}
}

func (o *orderRun) wrongStage() error {
	return temporal.NewNonRetryableApplicationError("the order is at the stage "+string(o.stage), ErrTypeWrongStage, nil, o.snapshot())
}

func (o *orderRun) snapshot() OrderSnapshot {
	return OrderSnapshot{OrderID: o.in.OrderID, Stage: o.stage, End: o.end, Reason: o.reason}
}
