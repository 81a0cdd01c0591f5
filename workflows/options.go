package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// The options of activities, named by intent.

// ownDatabase is for quick steps on our own database: local activities that
// are tried until the database is back.
func ownDatabase(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 10 * time.Second,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    200 * time.Millisecond,
			BackoffCoefficient: 2,
			MaximumInterval:    time.Minute,
		},
	})
}

const (
	// askingRegisters is one attempt at all registers: four, and slow ones.
	askingRegisters = 2 * time.Minute
	// silentWorker is how long a worker that asks registers may say nothing
	// before another one goes on: somebody waits at the page (S7).
	silentWorker = 15 * time.Second
	// issuingOnce is one attempt at a certificate; the shorter, the sooner
	// another worker goes on after one that was killed.
	issuingOnce = 20 * time.Second
	// tellingOnce is one attempt at signalling all orders of a confirmation; the
	// shorter, the sooner another worker goes on after one that was killed.
	tellingOnce = 20 * time.Second
	// ownStep is one attempt at a step on our own systems.
	ownStep = time.Minute
	// sendingOnce is one attempt at a message.
	sendingOnce = time.Minute
	// sendingFor is how long a channel is tried (I6).
	sendingFor = 3 * 24 * time.Hour
)

// untilDone is for steps outside the process that have to succeed one day: a
// register that is down, a signing token that is unplugged. An attempt that is
// not over in its time is taken for lost.
func untilDone(ctx workflow.Context, summary string, attempt time.Duration) workflow.Context {
	return within(ctx, summary, attempt, 0)
}

// within is like untilDone for steps that are given up after some time.
func within(ctx workflow.Context, summary string, attempt, total time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    attempt,
		ScheduleToCloseTimeout: total,
		Summary:                summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    10 * time.Minute,
		},
	})
}

// alive lets another worker go on with a long step as soon as the one that does it is silent.
func alive(ctx workflow.Context) workflow.Context {
	options := workflow.GetActivityOptions(ctx)
	options.HeartbeatTimeout = silentWorker
	return workflow.WithActivityOptions(ctx, options)
}
