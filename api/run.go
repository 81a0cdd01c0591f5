package api

import (
	"context"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// Run serves the API until the context ends, then lets running requests finish.
func Run(ctx context.Context, c config.API, options ...engine.Option) error {
	base, err := process.Open(ctx, "api", c.Common, options...)
	if err != nil {
		return err
	}
	defer base.Close()
	server, err := compose(base, c)
	if err != nil {
		return err
	}
	loops, ctx := errgroup.WithContext(ctx)
	loops.Go(func() error { return base.ServeMetrics(ctx) })
	loops.Go(func() error { base.Listener.Run(ctx); return nil })
	loops.Go(func() error {
		base.Log.InfoContext(ctx, "api listens", "address", c.HTTP.Address)
		return web.Serve(ctx, string(c.HTTP.Address), server.Handler(), c.HTTP.ShutdownTimeout)
	})
	loops.Go(func() error { return forgetAnswers(ctx, base, postgres.NewIdempotency(base.Pool)) })
	return loops.Wait()
}

// answersKept is how long the answer to a creating request is repeated.
const answersKept = 24 * time.Hour

func forgetAnswers(ctx context.Context, base *process.Base, store *postgres.Idempotency) error {
	for clock.Wait(ctx, time.Hour) {
		if err := store.DropBefore(ctx, clock.Now().Add(-answersKept)); err != nil {
			base.Log.ErrorContext(ctx, "old answers not forgotten, tried again", "error", err)
		}
	}
	return nil
}
