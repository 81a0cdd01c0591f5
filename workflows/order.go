package workflows

import (
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Order is one applicant's request for one new certificate (services 6.0.00
// and 6.0.01), from the consent to the issued certificate.
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
	return OrderResult{End: o.state.End, Reason: o.state.Reason}, nil
}

// orderRun is the private state of one Order.
type orderRun struct {
	in    OrderInput
	state activities.OrderState
	log   log.Logger

	// opened is set once the order is on record.
	opened bool
	// busy is set while a step changes the order that nothing else may change
	// meanwhile: two versions made at once would overwrite each other.
	busy bool
	// over is set once the end is on record.
	over bool
	// submitted is set when a request has passed the first check.
	submitted bool
	// leave is set when the applicant or the manager wants the order to end.
	leave *leaving
	// paid is set when the money of this order has arrived.
	paid bool
	// late are payments that this order cannot use.
	late []string

	messages orderMessages
}

func newOrderRun(ctx workflow.Context, in OrderInput) *orderRun {
	return &orderRun{
		in:       in,
		state:    activities.OrderState{OrderID: in.OrderID, Stage: order.StageTerms},
		log:      log.With(workflow.GetLogger(ctx), "order", in.OrderID, "service", in.Service),
		messages: newOrderMessages(ctx),
	}
}

// run tells the story of an order, top to bottom.
func (o *orderRun) run(ctx workflow.Context) error {
	if err := o.open(ctx); err != nil {
		return err
	}
	steps := []func(workflow.Context) error{o.prepare, o.awaitApproval, o.awaitPayment, o.issue}
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
		if o.state.Stage == order.StageEnded {
			break
		}
	}
	return o.conclude(ctx)
}

// conclude makes the end findable, answers whoever still waits and hands on
// money that came too late.
func (o *orderRun) conclude(ctx workflow.Context) error {
	o.over = true
	if err := upsertStage(ctx, string(o.state.End), o.state.PayBy); err != nil {
		return err
	}
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	return o.returnLateMoney(ctx)
}

// undisturbed is the context of handlers: like the story itself they outlive a
// cancellation request.
func undisturbed(ctx workflow.Context) workflow.Context {
	ctx, _ = workflow.NewDisconnectedContext(ctx)
	return ctx
}

func (o *orderRun) snapshot() OrderSnapshot {
	return OrderSnapshot{
		OrderID: o.in.OrderID, Version: o.state.Version,
		Stage: o.state.Stage, End: o.state.End, Reason: o.state.Reason,
	}
}

// must stops the workflow task on an error that no rule foresees. The task is
// tried again for ever, so that nothing is lost before somebody has mended it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
