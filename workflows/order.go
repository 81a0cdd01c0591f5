package workflows

import (
	"time"

	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// The activities by name; the structs' fields are never used here.
var (
	registers     *activities.Registers
	orders        *activities.Orders
	issuance      *activities.Issuance
	delivery      *activities.Delivery
	confirmations *activities.Confirmations
)

// Order is one applicant's request for one new certificate (services 6.0.00
// and 6.0.01), from the request file that passed the first check to the
// delivered credentials: it waits for the registers, the manager's approval
// within the visibility term, the payment within its term, then issues and
// notifies.
//
// It ends with a result and never fails: an error that no rule foresees stops
// it where it stands, until the code that mends it is deployed. Cancelling it
// from outside has no effect: the ways out of an order are those of the
// regulations.
func Order(ctx workflow.Context, in OrderInput) (OrderResult, error) {
	o := newOrderRun(ctx, in)
	if err := o.handleUpdates(ctx); err != nil {
		return OrderResult{}, err
	}
	must(o.run(undisturbed(ctx)))
	return OrderResult{End: o.end, Reason: o.reason}, nil
}

// orderRun is the private state of one Order.
type orderRun struct {
	in  OrderInput
	log log.Logger

	stage  order.Stage
	end    order.End
	reason order.EndReason
	// until is when the present wait ends, payBy the payment's term.
	until, payBy time.Time

	approved bool
	// confirmation is the last one that took the order, number what it is paid
	// under; for 6.0.00 the order's own.
	confirmation order.ID
	number       order.PaymentNumber
	receipts     receipts
	// wish is set when the applicant or the manager wants the order to end.
	wish *wish
	// channels are those by which the credentials are sent.
	channels []activities.Channel

	// issuingShown says that operators see the order wait for its certificate.
	issuingShown bool

	alarm    alarm
	messages orderMessages
}

func newOrderRun(ctx workflow.Context, in OrderInput) *orderRun {
	return &orderRun{
		in: in, stage: order.StageChecking, until: in.CheckBy,
		log:      log.With(workflow.GetLogger(ctx), "order", in.OrderID.String(), "service", in.Service),
		messages: newOrderMessages(ctx),
	}
}

// run tells the story of an order, top to bottom.
func (o *orderRun) run(ctx workflow.Context) error {
	steps := []func(workflow.Context) error{o.checkRegisters, o.awaitApproval, o.awaitPaymentAndIssue}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if o.over() {
			break
		}
	}
	// The timer is left alone: to cancel it is one more event, and saves the server nothing.
	return o.conclude(ctx)
}

// conclude sends the credentials, answers whoever still waits and hands on money
// that came too late. Operators see the end after the first attempt at sending:
// when nothing is left to do then, the server writes end and completion at once.
func (o *orderRun) conclude(ctx workflow.Context) error {
	again, err := o.sendFirst(ctx)
	if err != nil {
		return err
	}
	if err := show(ctx, string(o.end), time.Time{}, 0); err != nil {
		return err
	}
	if err := o.sendAgain(ctx, again); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	return o.receipts.handBack(ctx, o.in.OrderID, o.read)
}

func (o *orderRun) over() bool { return o.stage == order.StageEnded }

// ended notes the end; whoever waits for it is answered.
func (o *orderRun) ended(ctx workflow.Context, end order.End, reason order.EndReason) {
	o.stage, o.end, o.reason, o.until = order.StageEnded, end, reason, time.Time{}
	o.describe(ctx)
}

// undisturbed is the context of handlers: like the story itself they outlive a
// cancellation request.
func undisturbed(ctx workflow.Context) workflow.Context {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	return ctx
}

// must stops the workflow task on an error that no rule foresees. The task is
// tried again for ever, so that nothing is lost before somebody has mended it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
