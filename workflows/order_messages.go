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

// reasonClosed is why a payment is reported as unapplied: what it was for has ended.
const reasonClosed = "closed"

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
		o.onPaymentReceived(received.PaymentID)
	}
	var paid Paid
	for o.messages.paid.ReceiveAsync(&paid) {
		o.onPaid(paid)
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

// onPaid takes the payment of a confirmation, which waits for this order's
// certificate from then on.
func (o *orderRun) onPaid(in Paid) {
	if o.onPaymentReceived(in.PaymentID) {
		o.state.ConfirmationID = in.ConfirmationID
	}
}

// onPaymentReceived takes the first payment; the same one again changes nothing
// (P5), another one, or one after the end, is handed back at the end.
func (o *orderRun) onPaymentReceived(paymentID string) bool {
	if o.state.PaymentID == paymentID {
		return false
	}
	if o.paid || o.state.Stage == order.StageEnded {
		o.late = append(o.late, paymentID)
		return false
	}
	o.paid, o.state.PaymentID = true, paymentID
	return true
}

// returnLateMoney reports payments that this order cannot use (P4), until no
// further one has arrived meanwhile.
func (o *orderRun) returnLateMoney(ctx workflow.Context) error {
	for o.read(); len(o.late) > 0; o.read() {
		in := activities.ReportUnappliedInput{PaymentID: o.late[0], OrderID: o.in.OrderID, Reason: reasonClosed}
		err := workflow.ExecuteLocalActivity(ownDatabase(ctx, "keep a late payment as unapplied"), payables.ReportUnapplied, in).Get(ctx, nil)
		if err != nil {
			return err
		}
		o.late = o.late[1:]
	}
	return nil
}
