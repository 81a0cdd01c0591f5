package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// eventsKept is how long readers may stay away.
const eventsKept = 90 * 24 * time.Hour

// eventParts are what tells programs of changes: it goes on while Temporal is away.
type eventParts struct {
	loops []func(context.Context) error
	keep  eventKeeping
}

func newEventParts(base *process.Base, c config.Worker) (eventParts, error) {
	metrics, err := base.Metrics.Webhooks()
	if err != nil {
		return eventParts{}, err
	}
	store, hooks := postgres.NewEvents(base.Pool), postgres.NewWebhooks(base.Pool, base.Config.Keys.Master.Keyring())
	written, _ := base.Listener.Subscribe(string(postgres.ChannelEventsWritten))
	placed, _ := base.Listener.Subscribe(string(postgres.ChannelEvents))
	placer := &events.Placer{Store: store, Wake: written, Interval: events.DefaultInterval, Log: base.Log}
	dispatcher := &webhook.Dispatcher{
		Queue: hooks, Sender: webhook.NewSender(webhook.Reach{Loopback: c.Common.Webhooks.Loopback}, clock.Now), Wake: placed,
		Interval: webhook.DefaultInterval, Now: clock.Now, Log: base.Log, Observe: metrics.Attempted,
	}
	return eventParts{
		loops: []func(context.Context) error{
			func(ctx context.Context) error { placer.Run(ctx); return nil },
			func(ctx context.Context) error { dispatcher.Run(ctx); return nil },
		},
		keep: eventKeeping{events: store, webhooks: hooks, observe: metrics, log: base.Log},
	}, nil
}

// eventKeeping forgets old events and counts webhooks.
type eventKeeping struct {
	events interface {
		Forget(ctx context.Context, before time.Time, limit int) (int, error)
	}
	webhooks interface {
		Counts(ctx context.Context) (postgres.WebhookCounts, error)
	}
	observe *telemetry.Webhooks
	log     *slog.Logger
}

// eventBatch is how many events are forgotten by one transaction.
const eventBatch = 5000

func (k eventKeeping) sweep(ctx context.Context, at time.Time) error {
	total, err := k.forget(ctx, at)
	if total > 0 {
		k.log.InfoContext(ctx, "old events forgotten", "count", total)
	}
	counts, failed := k.webhooks.Counts(ctx)
	if failed == nil {
		k.observe.Endpoints(counts.Well, counts.Failing, counts.Disabled)
	}
	return errors.Join(err, failed)
}

func (k eventKeeping) forget(ctx context.Context, at time.Time) (total int, err error) {
	for {
		n, err := k.events.Forget(ctx, at.Add(-eventsKept), eventBatch)
		total += n
		if err != nil || n < eventBatch {
			return total, err
		}
	}
}
