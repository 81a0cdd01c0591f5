package temporal

import (
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	sdktemporal "go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

const (
	queue      = "tests"
	approve    = "approve"
	approval   = "approval"
	visibility = 5 * 24 * time.Hour
)

var stage = sdktemporal.NewSearchAttributeKeyKeyword("OrderStage")

func attributes() map[string]enumspb.IndexedValueType {
	return map[string]enumspb.IndexedValueType{"OrderStage": enumspb.INDEXED_VALUE_TYPE_KEYWORD}
}

// outcome is what the waiting workflow tells: how it ended, and how much of its own time had passed.
type outcome struct {
	End    string
	Passed time.Duration
}

// waiting waits five days for an approval, which may come as a signal or as an update.
func waiting(ctx workflow.Context) (outcome, error) {
	begin, end := workflow.Now(ctx), "expired"
	approved := workflow.NewChannel(ctx)
	if err := workflow.SetUpdateHandler(ctx, approval, func(ctx workflow.Context) (string, error) { return "waiting", nil }); err != nil {
		return outcome{}, err
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, stage.ValueSet("awaiting-approval")); err != nil {
		return outcome{}, err
	}
	workflow.Go(ctx, func(ctx workflow.Context) {
		workflow.GetSignalChannel(ctx, approve).Receive(ctx, nil)
		approved.Send(ctx, nil)
	})
	timerCtx, cancel := workflow.WithCancel(ctx)
	timer := workflow.NewTimer(timerCtx, visibility)
	workflow.NewSelector(ctx).
		AddReceive(approved, func(c workflow.ReceiveChannel, _ bool) {
			c.Receive(ctx, nil)
			end = "approved"
		}).
		AddFuture(timer, func(workflow.Future) {}).
		Select(ctx)
	cancel()
	return outcome{End: end, Passed: workflow.Now(ctx).Sub(begin)}, nil
}
