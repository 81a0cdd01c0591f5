package postgres_test

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

func TestAReceiverThatIsDownForAnHourMissesNothing(t *testing.T) {
	h := setupHooks(t)
	began := h.clock()
	r := receive(t, func() int {
		if h.clock().Before(began.Add(time.Hour)) {
			return http.StatusServiceUnavailable
		}
		return http.StatusNoContent
	})
	e, secret := h.endpoint(client, r.URL)
	r.verifiesWith(secret)
	h.dispatch()
	for range 13 {
		h.saved(order.ServiceIndividual)
		h.advance(5 * time.Minute)
		h.settled()
	}
	require.Less(t, len(slices.Compact(r.heard(t))), len(h.ids()))
	found, err := h.store.Get(t.Context(), client, e.ID)
	require.NoError(t, err)
	require.Equal(t, webhook.StateEnabled, found.State)
	for range 4 {
		h.advance(time.Hour)
		h.settled()
	}
	heard := r.heard(t)
	slices.Sort(heard)
	want := h.ids()
	slices.Sort(want)
	require.Equal(t, want, heard, "each once")
	require.Zero(t, h.count("webhook_deliveries WHERE state <> 'delivered'"))
	found, err = h.store.Get(t.Context(), client, e.ID)
	require.NoError(t, err)
	require.Zero(t, found.FailingSince)
}

func TestASlowEndpointHoldsUpNoOther(t *testing.T) {
	h := setupHooks(t)
	release := make(chan struct{})
	slow := receive(t, func() int { <-release; return http.StatusOK })
	quick := receive(t, always(http.StatusOK))
	_, secret := h.endpoint(client, slow.URL)
	slow.verifiesWith(secret)
	_, secret = h.endpoint(webhook.Client{Key: "client-2"}, quick.URL)
	quick.verifiesWith(secret)
	h.dispatch()
	for range 10 {
		h.saved(order.ServiceIndividual)
	}
	require.Eventually(t, func() bool { return len(quick.heard(t)) == len(h.ids()) }, 20*time.Second, 10*time.Millisecond)
	require.Empty(t, slow.heard(t))
	close(release)
	require.Eventually(t, func() bool { return len(slow.heard(t)) == len(h.ids()) }, 20*time.Second, 10*time.Millisecond)
}

func TestProcessesShareTheWork(t *testing.T) {
	h := setupHooks(t)
	r := receive(t, always(http.StatusOK))
	_, secret := h.endpoint(client, r.URL)
	r.verifiesWith(secret)
	for range 3 {
		h.dispatch()
	}
	for range 20 {
		h.saved(order.ServiceIndividual)
	}
	require.Eventually(t, func() bool { return len(r.heard(t)) >= len(h.ids()) }, 20*time.Second, 10*time.Millisecond)
	h.settled()
	heard := r.heard(t)
	slices.Sort(heard)
	require.Len(t, slices.Compact(heard), len(h.ids()))
	require.Len(t, heard, len(h.ids()), "each once while nothing fails")
}

func TestWhatAKilledProcessHadClaimedIsSentByAnother(t *testing.T) {
	h := setupHooks(t)
	r := receive(t, always(http.StatusOK))
	e, secret := h.endpoint(client, r.URL)
	r.verifiesWith(secret)
	h.open(order.ServiceIndividual)
	_, err := postgres.NewEvents(h.pool).Place(t.Context(), 10)
	require.NoError(t, err)
	claimed, err := h.store.Claim(t.Context(), e.ID, h.clock(), 8, time.Minute)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	again, err := h.store.Claim(t.Context(), e.ID, h.clock(), 8, time.Minute)
	require.NoError(t, err)
	require.Empty(t, again)
	h.dispatch()
	require.Empty(t, r.heard(t))
	h.advance(2 * time.Minute)
	require.Eventually(t, func() bool { return len(r.heard(t)) == 1 }, 10*time.Second, 10*time.Millisecond)
	require.Equal(t, claimed[0].ID, r.heard(t)[0])
	h.settled() // heard is not recorded yet
	// The killed one comes back and reports a failure: what was delivered stays delivered.
	_, err = h.store.Record(t.Context(), webhook.Attempt{
		EndpointID: e.ID, Position: claimed[0].Position, At: h.clock(), State: webhook.DeliveryPending, Outcome: webhook.OutcomeTimeout, Next: h.clock(),
	})
	require.NoError(t, err)
	require.Equal(t, 1, h.count("webhook_deliveries WHERE state = 'delivered'"))
}

func TestAnEndpointThatIsGoneIsDisabledAndCanBeEnabled(t *testing.T) {
	h := setupHooks(t)
	var well atomic.Bool
	r := receive(t, func() int {
		if well.Load() {
			return http.StatusOK
		}
		return http.StatusGone
	})
	e, secret := h.endpoint(client, r.URL)
	r.verifiesWith(secret)
	h.dispatch()
	h.open(order.ServiceIndividual)
	h.settled()
	require.Equal(t, 1, r.times())
	found, err := h.store.Get(t.Context(), client, e.ID)
	require.NoError(t, err)
	require.Equal(t, webhook.CauseGone, found.Cause)
	h.open(order.ServiceIndividual)
	h.settled()
	require.Equal(t, 1, r.times(), "left alone")
	well.Store(true)
	on := true
	found, err = h.store.Change(t.Context(), client, e.ID, webhook.Change{Enabled: &on}, h.clock())
	require.NoError(t, err)
	require.Equal(t, webhook.StateEnabled, found.State)
	queued, until, err := h.store.Replay(t.Context(), e.ID, 0, h.clock())
	require.NoError(t, err)
	require.Equal(t, 2, queued)
	require.EqualValues(t, 2, until)
	require.Eventually(t, func() bool { return len(r.heard(t)) == 2 }, 10*time.Second, 10*time.Millisecond)
	require.ElementsMatch(t, h.ids(), r.heard(t), "what it has missed, too")
}

func TestAnEndpointThatOnlyFailsIsDisabledAfterDays(t *testing.T) {
	h := setupHooks(t)
	r := receive(t, always(http.StatusInternalServerError))
	e, _ := h.endpoint(client, r.URL)
	h.dispatch()
	h.open(order.ServiceIndividual)
	h.settled()
	for range 28 {
		h.advance(4 * time.Hour)
		h.settled()
	}
	require.Equal(t, 10, r.times(), "the schedule has ten attempts")
	require.Equal(t, 1, h.count("webhook_deliveries WHERE state = 'failed' AND attempts = 10"))
	h.open(order.ServiceIndividual)
	for range 2 {
		h.advance(8 * time.Hour)
		h.settled()
	}
	found, err := h.store.Get(t.Context(), client, e.ID)
	require.NoError(t, err)
	require.Equal(t, webhook.StateDisabled, found.State)
	require.Equal(t, webhook.CauseFailing, found.Cause)
}

func TestABusyReceiverIsLeftAlone(t *testing.T) {
	h := setupHooks(t)
	r := receive(t, always(http.StatusTooManyRequests))
	r.headers.Set("Retry-After", "3600")
	h.endpoint(client, r.URL)
	h.dispatch()
	h.open(order.ServiceIndividual)
	h.settled()
	asked := r.times()
	h.open(order.ServiceIndividual)
	h.advance(30 * time.Minute)
	h.settled()
	require.Equal(t, asked, r.times())
	h.advance(time.Hour)
	require.Eventually(t, func() bool { return r.times() == asked+2 }, 10*time.Second, 10*time.Millisecond)
}

func TestOnlyWhatIsWantedAndMayBeSeenIsTold(t *testing.T) {
	h := setupHooks(t)
	all, some, theirs, others := receive(t, always(200)), receive(t, always(200)), receive(t, always(200)), receive(t, always(200))
	for _, c := range []struct {
		of    webhook.Client
		to    *receiver
		types []events.Type
	}{
		{client, all, nil}, {webhook.Client{Key: "c2"}, some, []events.Type{events.TypeOrderTerms, events.TypePaymentPaid}},
		{webhook.Client{Key: "c3", UNP: unp}, theirs, nil}, {webhook.Client{Key: "c4", UNP: "100582333"}, others, nil},
	} {
		_, secret := h.endpoint(c.of, c.to.URL, c.types...)
		c.to.verifiesWith(secret)
	}
	h.dispatch()
	h.saved(order.ServiceEmployee)
	h.saved(order.ServiceIndividual)
	h.settled()
	require.ElementsMatch(t, h.ids(), all.heard(t))
	require.Len(t, some.heard(t), 2)
	require.Len(t, theirs.heard(t), len(h.told(unp, 100)))
	require.Empty(t, others.heard(t))
}
