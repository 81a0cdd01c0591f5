package postgres_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

func TestEndpointsBelongToTheirClient(t *testing.T) {
	h := setupHooks(t)
	e, _ := h.endpoint(client, "https://a.example/hook", events.TypeOrderIssued)
	other, off := webhook.Client{Key: "client-2"}, false
	_, err := h.store.Get(t.Context(), other, e.ID)
	require.ErrorIs(t, err, order.ErrNotFound)
	_, err = h.store.Change(t.Context(), other, e.ID, webhook.Change{Enabled: &off}, h.clock())
	require.ErrorIs(t, err, order.ErrNotFound)
	_, err = h.store.Rotate(t.Context(), other, e.ID, webhook.NewSecret(), h.clock())
	require.ErrorIs(t, err, order.ErrNotFound)
	require.ErrorIs(t, h.store.Delete(t.Context(), other, e.ID, h.clock()), order.ErrNotFound)
	list, err := h.store.List(t.Context(), other)
	require.NoError(t, err)
	require.Empty(t, list)
	_, _, err = h.store.Create(t.Context(), webhook.Endpoint{ID: order.NewID(), Client: client, URL: e.URL}, webhook.NewSecret(), h.clock())
	require.ErrorIs(t, err, webhook.ErrExists)
	h.endpoint(other, e.URL)

	types, text := []events.Type{}, "archive"
	changed, err := h.store.Change(t.Context(), client, e.ID, webhook.Change{Types: &types, Description: &text}, h.clock())
	require.NoError(t, err)
	require.Empty(t, changed.Types)
	require.Equal(t, text, changed.Description)
	require.Equal(t, webhook.StateEnabled, changed.State)
	changed, err = h.store.Change(t.Context(), client, e.ID, webhook.Change{Enabled: &off}, h.clock())
	require.NoError(t, err)
	require.Equal(t, webhook.CauseClient, changed.Cause)
	require.NoError(t, h.store.Delete(t.Context(), client, e.ID, h.clock()))
	_, err = h.store.Get(t.Context(), client, e.ID)
	require.ErrorIs(t, err, order.ErrNotFound)
	require.Equal(t, 5, h.count("audit_entries WHERE action LIKE 'webhook-%' AND actor_kind = 'client'"))
}

func TestAClientHasSoManyEndpointsAtMost(t *testing.T) {
	h := setupHooks(t)
	var all sync.WaitGroup
	errs := make([]error, webhook.MostEndpoints+6)
	for i := range errs {
		all.Go(func() {
			_, _, errs[i] = h.store.Create(t.Context(), webhook.Endpoint{
				ID: order.NewID(), Client: client, URL: fmt.Sprintf("https://a.example/%d", i),
			}, webhook.NewSecret(), h.clock())
		})
	}
	all.Wait()
	refused := 0
	for _, err := range errs {
		if err != nil {
			require.ErrorIs(t, err, webhook.ErrTooMany)
			refused++
		}
	}
	require.Equal(t, 6, refused)
}

func TestWhatAnOperatorHasDisabledItsClientDoesNotEnable(t *testing.T) {
	h := setupHooks(t)
	e, _ := h.endpoint(client, "https://a.example/hook")
	require.NoError(t, h.store.Switch(t.Context(), e.ID, false, "op", h.clock()))
	on := true
	changed, err := h.store.Change(t.Context(), client, e.ID, webhook.Change{Enabled: &on}, h.clock())
	require.NoError(t, err)
	require.Equal(t, webhook.CauseOperator, changed.Cause)
	require.NoError(t, h.store.Switch(t.Context(), e.ID, true, "op", h.clock()))
	changed, err = h.store.Get(t.Context(), client, e.ID)
	require.NoError(t, err)
	require.Equal(t, webhook.StateEnabled, changed.State)
	require.ErrorIs(t, h.store.Switch(t.Context(), order.NewID(), true, "op", h.clock()), order.ErrNotFound)
}

// messages claims what is due for the endpoint.
func (h *hooks) messages(e webhook.Endpoint) []webhook.Claimed {
	h.t.Helper()
	_, err := postgres.NewEvents(h.pool).Place(h.t.Context(), 1000)
	require.NoError(h.t, err)
	claimed, err := h.store.Claim(h.t.Context(), e.ID, h.clock(), 100, time.Second)
	require.NoError(h.t, err)
	return claimed
}

func TestBothSecretsSignWhileOneReplacesTheOther(t *testing.T) {
	h := setupHooks(t)
	e, old := h.endpoint(client, "https://a.example/hook")
	fresh := webhook.NewSecret()
	h.open(order.ServiceIndividual)
	require.Equal(t, []webhook.Secret{old}, h.messages(e)[0].Secrets)
	_, err := h.store.Rotate(t.Context(), client, e.ID, fresh, h.clock())
	require.NoError(t, err)
	h.advance(time.Minute)
	require.Equal(t, []webhook.Secret{fresh, old}, h.messages(e)[0].Secrets)
	h.advance(webhook.Overlap)
	require.Equal(t, []webhook.Secret{fresh}, h.messages(e)[0].Secrets)
}

func TestSecretsAreSealedAndSealedAnew(t *testing.T) {
	h := setupHooks(t)
	e, old := h.endpoint(client, "https://a.example/hook")
	fresh := webhook.NewSecret()
	_, err := h.store.Rotate(t.Context(), client, e.ID, fresh, h.clock())
	require.NoError(t, err)
	for _, s := range []webhook.Secret{old, fresh} {
		var found int
		require.NoError(t, h.pool.QueryRow(t.Context(), "SELECT count(*) FROM webhook_endpoints WHERE position($1 IN secret) > 0 OR position($1 IN old_secret) > 0",
			s.Key()).Scan(&found))
		require.Zero(t, found)
	}
	h.store = postgres.NewWebhooks(h.pool, hookRing(t, "m2", "m1"))
	done, err := h.store.Rewrap(t.Context())
	require.NoError(t, err)
	require.Equal(t, postgres.Rewrapped{Moved: 2}, done)
	done, err = h.store.Rewrap(t.Context())
	require.NoError(t, err)
	require.Equal(t, postgres.Rewrapped{Kept: 2}, done)
	h.store = postgres.NewWebhooks(h.pool, hookRing(t, "m2"))
	h.open(order.ServiceIndividual)
	require.Equal(t, []webhook.Secret{fresh, old}, h.messages(e)[0].Secrets)
	_, err = postgres.NewWebhooks(h.pool, hookRing(t, "m3")).Claim(t.Context(), e.ID, h.clock().Add(time.Hour), 1, time.Second)
	require.Error(t, err)
}

func TestEventsAreToldFromTheRegistrationOn(t *testing.T) {
	h := setupHooks(t)
	h.open(order.ServiceIndividual)
	made, position, err := h.store.Create(t.Context(), webhook.Endpoint{ID: order.NewID(), Client: client, URL: "https://a.example/hook"},
		webhook.NewSecret(), h.clock())
	require.NoError(t, err)
	claimed := h.messages(made)
	require.Len(t, claimed, 1, "it had no position yet")
	require.Greater(t, claimed[0].Position, position)
}

func TestReplay(t *testing.T) {
	h := setupHooks(t)
	of := webhook.Client{Key: "c", UNP: unp}
	h.saved(order.ServiceEmployee)
	own := len(h.told("", 100))
	h.saved(order.ServiceIndividual)
	all := h.told("", 100)
	e, _ := h.endpoint(of, "https://a.example/hook")
	require.Empty(t, h.messages(e))

	queued, until, err := h.store.Replay(t.Context(), e.ID, all[0].Position, h.clock())
	require.NoError(t, err)
	require.Equal(t, own-1, queued, "those after the position, of the organisation only")
	require.Equal(t, all[own-1].Position, until)
	first := h.messages(e)
	require.Len(t, first, own-1)
	_, _, err = h.store.Replay(t.Context(), e.ID, 10_000, h.clock())
	require.ErrorIs(t, err, postgres.ErrPosition)
	_, _, err = h.store.OperatorReplay(t.Context(), order.NewID(), 0, "op", h.clock())
	require.ErrorIs(t, err, order.ErrNotFound)

	one := all[0]
	require.NoError(t, h.store.ReplayEvent(t.Context(), e.ID, one.Position, one.ID(), h.clock()))
	again := h.messages(e)
	require.Len(t, again, 1)
	require.Equal(t, one.ID(), again[0].ID)
	foreign := all[len(all)-1]
	require.ErrorIs(t, h.store.ReplayEvent(t.Context(), e.ID, foreign.Position, foreign.ID(), h.clock()), order.ErrNotFound, "another's")
	require.ErrorIs(t, h.store.ReplayEvent(t.Context(), e.ID, one.Position, "evt_1_ffffffff", h.clock()), order.ErrNotFound, "another name")

	_, err = h.store.Record(t.Context(), webhook.Attempt{
		EndpointID: e.ID, Position: one.Position, At: h.clock(), State: webhook.DeliveryDelivered, Status: 200, Outcome: webhook.OutcomeDelivered, Next: h.clock(),
	})
	require.NoError(t, err)
	list, err := h.store.Deliveries(t.Context(), e.ID, webhook.DeliveryDelivered, 1<<62, 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Equal(t, one.ID(), list[0].Event.ID())
	require.Equal(t, 1, list[0].Attempts)
	require.NoError(t, h.store.ReplayEvent(t.Context(), e.ID, one.Position, one.ID(), h.clock()))
	require.Len(t, h.messages(e), 1, "what was delivered, too")
}

func TestATestMessageGoesToItsEndpointOnly(t *testing.T) {
	h := setupHooks(t)
	e, _ := h.endpoint(client, "https://a.example/hook", events.TypeOrderIssued)
	other, _ := h.endpoint(webhook.Client{Key: "c2"}, "https://b.example/hook")
	require.NoError(t, h.store.Test(t.Context(), e.ID, h.clock()))
	claimed := h.messages(e)
	require.Len(t, claimed, 1)
	require.Contains(t, string(claimed[0].Body), `"type":"webhook.test"`)
	require.Empty(t, h.messages(other))
	require.Empty(t, h.told("", 10), "it is no event of the service")
}
