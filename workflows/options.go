package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

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
	// issuingOnce is one attempt at a certificate; the shorter, the sooner
	// another worker goes on after one that was killed.
	issuingOnce = 20 * time.Second
	// ownStep is one attempt at a step of a chore.
	ownStep = time.Minute
)

// patient is for steps outside the process that have to succeed one day: a
// register that is down, a signing token that is unplugged. An attempt that is
// not over in its time is taken for lost.
func patient(ctx workflow.Context, summary string, attempt time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: attempt,
		Summary:             summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    time.Second,
			BackoffCoefficient: 2,
			MaximumInterval:    10 * time.Minute,
		},
	})
}

// prompt is for steps that a person is waiting for: rather an answer that
// says "later" than none.
func prompt(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout:    15 * time.Second,
		ScheduleToCloseTimeout: 25 * time.Second,
		Summary:                summary,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:    500 * time.Millisecond,
			BackoffCoefficient: 2,
			MaximumInterval:    5 * time.Second,
		},
	})
}
