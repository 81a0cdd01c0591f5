package worker

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/process"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// oldEvents are so many events that can be forgotten, some at a time.
type oldEvents struct {
	left   int
	before time.Time
	counts postgres.WebhookCounts
	err    error
}

func (o *oldEvents) Forget(_ context.Context, before time.Time, limit int) (int, error) {
	n := min(o.left, limit)
	o.left, o.before = o.left-n, before
	return n, o.err
}

func (o *oldEvents) Counts(context.Context) (postgres.WebhookCounts, error) { return o.counts, nil }

func TestOldEventsAreForgottenAndWebhooksCounted(t *testing.T) {
	metrics, err := telemetry.NewMetrics(slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	observe, err := metrics.Webhooks()
	require.NoError(t, err)
	old := &oldEvents{left: 2*eventBatch + 1, counts: postgres.WebhookCounts{Failing: 3}}
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	k := eventKeeping{events: old, webhooks: old, observe: observe, log: slog.New(slog.DiscardHandler)}
	require.NoError(t, k.sweep(t.Context(), at))
	require.Zero(t, old.left)
	require.Equal(t, at.AddDate(0, 0, -90), old.before)
	page := httptest.NewRecorder()
	metrics.Handler().ServeHTTP(page, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, page.Body.String(), `issuance_webhook_endpoints{state="failing"} 3`)
	old.err = errors.New("away")
	require.ErrorIs(t, k.sweep(t.Context(), at), old.err)
}

// TestAWorkerTellsAWebhookOfAnOrder runs the loops as a worker does.
func TestAWorkerTellsAWebhookOfAnOrder(t *testing.T) {
	c, _ := installation(t)
	c.Common.Webhooks.Loopback = true
	base, err := process.Open(t.Context(), "test", c.Common)
	require.NoError(t, err)
	t.Cleanup(base.Close)
	heard := make(chan string, 10)
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { heard <- r.Header.Get("webhook-id") }))
	t.Cleanup(receiver.Close)
	store := postgres.NewWebhooks(base.Pool, base.Config.Keys.Master.Keyring())
	_, _, err = store.Create(t.Context(), webhook.Endpoint{ID: order.NewID(), Client: webhook.Client{Key: "c"}, URL: receiver.URL}, webhook.NewSecret(), time.Now())
	require.NoError(t, err)
	parts, err := newEventParts(base, c)
	require.NoError(t, err)
	var loops sync.WaitGroup
	for _, loop := range parts.loops {
		loops.Go(func() { _ = loop(t.Context()) })
	}
	loops.Go(func() { base.Listener.Run(t.Context()) })
	t.Cleanup(loops.Wait)
	_, _, err = postgres.NewOrders(base.Pool, base.Tariff).OpenDraft(t.Context(), order.Record{
		ID: order.NewID(), Service: order.ServiceIndividual, Kind: order.KindIndividual, ApplicantKey: "a", CertificateID: order.NewID(),
		Language: "ru", StartedAt: time.Now(), Policy: order.DefaultPolicy(),
	})
	require.NoError(t, err)
	select {
	case id := <-heard:
		require.True(t, strings.HasPrefix(id, "evt_1_"))
	case <-time.After(20 * time.Second):
		t.Fatal("nobody was told")
	}
}
