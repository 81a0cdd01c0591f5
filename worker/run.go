package worker

import (
	"context"
	"fmt"

	sdkworker "go.temporal.io/sdk/worker"
	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// Run works until the context ends: workflows, activities, the outbox of
// notices, the relay of payments, events and webhooks.
func Run(ctx context.Context, c config.Worker, options ...engine.Option) error {
	if err := folders(c); err != nil {
		return err
	}
	if c.Deployment.Enabled() && c.Deployment.BuildID == "" {
		return errUnnamedBuild
	}
	base, err := process.Open(ctx, "worker", c.Common, options...)
	if err != nil {
		return err
	}
	defer base.Close()
	parts, err := compose(ctx, base, c)
	if err != nil {
		return err
	}
	base.Log.InfoContext(ctx, "waiting for the Temporal server", "address", c.Common.Temporal.Address)
	if err := engine.Await(ctx, base.Temporal); err != nil {
		return err
	}
	if err := engine.Prepare(ctx, base.Temporal, c.Common.Temporal.Namespace, workflows.SearchAttributes()...); err != nil {
		return err
	}
	if err := EnsureReminders(ctx, base.Temporal, c.Common.Temporal.TaskQueue); err != nil {
		return err
	}
	if err := EnsureReconciliation(ctx, base.Temporal, c.Common.Temporal.TaskQueue); err != nil {
		return err
	}
	w := New(base.Temporal, c.Common.Temporal.TaskQueue, c.Deployment, parts.activities)
	if err := w.Start(); err != nil {
		return fmt.Errorf("start the Temporal worker: %w", err)
	}
	base.Log.InfoContext(ctx, "worker is ready", "namespace", c.Common.Temporal.Namespace, "taskQueue", c.Common.Temporal.TaskQueue,
		"deployment", c.Deployment.Name, "build", c.Deployment.BuildID, "patches", string(c.Deployment.Patches))
	return runLoops(ctx, base, parts, w)
}

// runLoops runs everything beside the Temporal worker and stops that one last,
// when nothing can give it work any more.
func runLoops(ctx context.Context, base *process.Base, parts *parts, w sdkworker.Worker) error {
	defer w.Stop()
	loops, ctx := errgroup.WithContext(ctx)
	loops.Go(func() error { return base.ServeMetrics(ctx) })
	loops.Go(func() error { base.Listener.Run(ctx); return nil })
	loops.Go(func() error { parts.dispatcher.Run(ctx); return nil })
	loops.Go(func() error {
		wake, done := base.Listener.Subscribe(string(postgres.ChannelPayments))
		defer done()
		(&intake.Relay{
			Ledger: parts.ledger, Workflows: Signals{Client: base.Temporal}, Unapplied: unapplied{parts.payables},
			Wake: wake, Interval: intake.RelayInterval, Log: base.Log,
		}).Run(ctx)
		return nil
	})
	for _, job := range parts.jobs {
		loops.Go(func() error { return job.run(ctx, base.Log) })
	}
	for _, loop := range parts.loops {
		loops.Go(func() error { return loop(ctx) })
	}
	return loops.Wait()
}
