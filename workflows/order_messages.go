package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// orderMessages are the channels of what others have decided about an order.
type orderMessages struct {
	approved, rejected, paymentReceived, paid workflow.ReceiveChannel
}

func newOrderMessages(ctx workflow.Context) orderMessages {
	return orderMessages{
		approved:        workflow.GetSignalChannel(ctx, SignalApproved),
		rejected:        workflow.GetSignalChannel(ctx, SignalRejected),
		paymentReceived: workflow.GetSignalChannel(ctx, SignalPaymentReceived),
		paid:            workflow.GetSignalChannel(ctx, SignalPaid),
	}
}

// leaving is the wish of a person to end an order before it is paid.
type leaving struct {
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
	var approved Approved
	for o.messages.approved.ReceiveAsync(&approved) {
		o.onApproved(approved)
	}
	var rejected Rejected
	for o.messages.rejected.ReceiveAsync(&rejected) {
		o.onRejected(rejected)
	}
	var received PaymentReceived
	for o.messages.paymentReceived.ReceiveAsync(&received) {
		o.onPaid(received.PaymentID)
	}
	var paid Paid
	for o.messages.paid.ReceiveAsync(&paid) {
		o.onPaid(paid.PaymentID)
	}
}

func (o *orderRun) onApproved(in Approved) {
	switch o.state.Stage {
	case order.StageAwaitingApproval, order.StageAwaitingPayment:
		if o.state.ApprovedAt.IsZero() {
			o.state.ApprovedAt = in.At
		}
		// A new confirmation takes over an order whose last one lapsed (P8).
		o.state.ConfirmationID = in.ConfirmationID
	default:
		o.log.Warn("approval at the wrong stage", "stage", o.state.Stage, "confirmation", in.ConfirmationID)
	}
}

func (o *orderRun) onRejected(in Rejected) {
	switch o.state.Stage {
	case order.StageAwaitingApproval, order.StageAwaitingPayment:
		if o.leave == nil {
			o.leave = &leaving{end: order.EndRejected, reason: order.ReasonByManager, by: "manager:" + in.By, note: in.Note}
		}
	default:
		o.log.Warn("rejection at the wrong stage", "stage", o.state.Stage)
	}
}

// onPaid takes the first payment; the same one again changes nothing (P5),
// another one is handed back at the end.
func (o *orderRun) onPaid(paymentID string) {
	if o.state.Stage == order.StageEnded && o.state.PaymentID != paymentID || o.paid && o.state.PaymentID != paymentID {
		o.late = append(o.late, paymentID)
		return
	}
	o.paid, o.state.PaymentID = true, paymentID
}

// returnLateMoney reports payments that this order cannot use (P4).
func (o *orderRun) returnLateMoney(ctx workflow.Context) error {
	o.read()
	for _, id := range o.late {
		in := activities.ReportUnappliedInput{PaymentID: id, OrderID: o.in.OrderID, Reason: "closed"}
		err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "keep a late payment as unapplied"), payables.ReportUnapplied, in).Get(ctx, nil)
		if err != nil {
			return err
		}
	}
	return nil
}
