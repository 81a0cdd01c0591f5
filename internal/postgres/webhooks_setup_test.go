package postgres_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

// hooks is a database with a dispatcher whose clock the test sets.
type hooks struct {
	*bundle
	store *postgres.Webhooks
	wake  chan struct{}

	mu  sync.Mutex
	now time.Time
}

func hookRing(t *testing.T, names ...string) *seal.Keyring {
	t.Helper()
	var keys []seal.MasterKey
	for _, name := range names {
		keys = append(keys, seal.MasterKey{ID: name, Key: [seal.KeySize]byte{name[1]}})
	}
	ring, err := seal.NewKeyring(keys...)
	require.NoError(t, err)
	return ring
}

func setupHooks(t *testing.T) *hooks {
	t.Helper()
	b := setup(t)
	// Ahead of the database's, whose clock marks events.
	return &hooks{
		bundle: b, store: postgres.NewWebhooks(b.pool, hookRing(t, "m1")), wake: make(chan struct{}, 1), now: time.Now().Add(time.Minute),
	}
}

func (h *hooks) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// advance lets time pass and the dispatchers look.
func (h *hooks) advance(d time.Duration) {
	h.mu.Lock()
	h.now = h.now.Add(d)
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// dispatch runs a process that delivers until the test ends.
func (h *hooks) dispatch() {
	d := &webhook.Dispatcher{
		Queue: h.store, Sender: webhook.NewSender(webhook.Reach{Loopback: true}, h.clock), Wake: h.wake, Interval: 20 * time.Millisecond,
		Now: h.clock, Log: slog.New(slog.DiscardHandler), Observe: func(string) {},
	}
	var running sync.WaitGroup
	running.Go(func() { d.Run(h.t.Context()) })
	running.Go(func() {
		(&events.Placer{Store: postgres.NewEvents(h.pool), Interval: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler)}).Run(h.t.Context())
	})
	h.t.Cleanup(running.Wait)
}

var client = webhook.Client{Key: "client-1"}

// endpoint registers an endpoint of the client.
func (h *hooks) endpoint(c webhook.Client, url string, types ...events.Type) (webhook.Endpoint, webhook.Secret) {
	h.t.Helper()
	secret := webhook.NewSecret()
	e, _, err := h.store.Create(h.t.Context(), webhook.Endpoint{ID: order.NewID(), Client: c, URL: url, Types: types}, secret, h.clock())
	require.NoError(h.t, err)
	return e, secret
}

// receiver keeps what it is told, and answers as the test wants.
type receiver struct {
	*httptest.Server
	mu      sync.Mutex
	answer  func() int
	headers http.Header
	asked   int
	got     []string
	bodies  map[string]string
	bad     error
	secret  webhook.Secret
}

func receive(t *testing.T, answer func() int) *receiver {
	t.Helper()
	r := &receiver{answer: answer, bodies: map[string]string{}, headers: http.Header{}}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func always(status int) func() int { return func() int { return status } }

// ServeHTTP answers first what the test wants, and verifies what it accepts.
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	status := r.answer()
	body, err := io.ReadAll(q.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	for name, values := range r.headers {
		w.Header()[name] = values
	}
	id := q.Header.Get("webhook-id")
	if was, known := r.bodies[id]; known && was != string(body) {
		r.bad = io.ErrUnexpectedEOF
	}
	r.bodies[id] = string(body)
	if err == nil && status < 300 {
		var theirs *standardwebhooks.Webhook
		if theirs, err = standardwebhooks.NewWebhook(r.secret.Reveal()); err == nil {
			// The clock of the test is not that of the library.
			err = theirs.VerifyIgnoringTimestamp(body, q.Header)
		}
		r.got = append(r.got, id)
	}
	if err != nil {
		r.bad = err
	}
	w.WriteHeader(status)
}

func (r *receiver) verifiesWith(s webhook.Secret) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secret = s
}

// heard are the events it has accepted, each as often as it was.
func (r *receiver) heard(t *testing.T) []string {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	require.NoError(t, r.bad)
	return append([]string{}, r.got...)
}

func (r *receiver) times() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// settled waits until nothing is due and nothing is under way. Due comes before
// leased: the other way round a claim between the two questions hides from both.
func (h *hooks) settled() {
	h.t.Helper()
	require.Eventually(h.t, func() bool {
		return h.count("events WHERE position IS NULL") == 0 && h.noneDue() &&
			h.count("webhook_deliveries WHERE leased_until IS NOT NULL AND state = 'pending'") == 0
	}, 20*time.Second, 10*time.Millisecond)
}

func (h *hooks) noneDue() bool {
	due, err := h.store.Due(h.t.Context(), h.clock())
	require.NoError(h.t, err)
	return len(due) == 0
}

// ids are the identifiers of all events there are.
func (h *hooks) ids() []string {
	var out []string
	for _, e := range h.told("", 500) {
		out = append(out, e.ID())
	}
	return out
}
