package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// bench is an issuing CA over a database of the test's own.
type bench struct {
	*catest.Bench
	t       *testing.T
	issuers *ca.Registry
	service *ca.Service
	grants  *postgres.Credentials
	issuer  *storage.Issuer
	audit   *postgres.Audit
}

func newBench(t *testing.T) *bench {
	t.Helper()
	t.Parallel()
	b := &bench{Bench: catest.New(t, pgtest.New(t), "../deploy/ca/profile.json"), t: t}
	var err error
	b.issuers, err = b.Issuers(nil)
	require.NoError(t, err)
	b.service, err = ca.NewService(b.issuers, b.Book)
	require.NoError(t, err)
	b.grants = postgres.NewCredentials(b.Pool, b.Chain)
	b.issuer, err = b.CredentialIssuer(b.grants)
	require.NoError(t, err)
	b.audit = postgres.NewAudit(b.Pool)
	return b
}

// issued is an order whose certificate is out.
func (b *bench) issued(applicant string) (activities.IssueCertificateInput, *pki.Certificate) {
	b.t.Helper()
	in := b.Paid(b.t, applicant)
	issuance, err := b.Issuance(b.issuers, b.Book)
	require.NoError(b.t, err)
	_, err = issuance.IssueCertificate(b.t.Context(), in)
	require.NoError(b.t, err)
	_, der, err := b.Book.Find(b.t.Context(), in.OrderID)
	require.NoError(b.t, err)
	c, err := pki.ParseCertificate(der)
	require.NoError(b.t, err)
	return in, c
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.Pool.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

// actions are the actions in the audit log about the order.
func (b *bench) actions(orderID string) []string {
	b.t.Helper()
	entries, err := b.audit.OrderEntries(b.t.Context(), orderID)
	require.NoError(b.t, err)
	out := make([]string, 0, len(entries))
	for _, e := range entries {
		out = append(out, string(e.Action))
	}
	return out
}

// inbox takes messages, or refuses them.
type inbox struct {
	mu   sync.Mutex
	got  []notify.Envelope
	fail error
}

func (i *inbox) Send(_ context.Context, e notify.Envelope) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.fail != nil {
		return "", i.fail
	}
	i.got = append(i.got, e)
	return "accepted", nil
}

func (i *inbox) messages() []notify.Envelope {
	i.mu.Lock()
	defer i.mu.Unlock()
	return append([]notify.Envelope(nil), i.got...)
}

var errSilentGateway = errors.New("the gateway does not answer")

// dispatch runs the dispatcher until the condition holds.
func (b *bench) dispatch(email, sms *inbox, done func() bool) {
	b.t.Helper()
	renderer, err := notify.NewRenderer(notify.DefaultDelivery())
	require.NoError(b.t, err)
	d, err := notify.NewDispatcher(notify.DispatcherOptions{
		Outbox: postgres.NewOutbox(b.Pool), Renderer: renderer,
		Secrets:   credentials{issuer: b.issuer, store: b.grants, audit: b.audit, now: time.Now},
		Senders:   map[notify.Channel]notify.Sender{notify.ChannelEmail: email, notify.ChannelSMS: sms},
		PortalURL: "https://portal.example.by", StorageURL: "https://storage.example.by/storage",
		Interval: 10 * time.Millisecond, Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(b.t, err)
	ctx, stop := context.WithCancel(b.t.Context())
	stopped := make(chan struct{})
	go func() { defer close(stopped); d.Run(ctx) }()
	require.Eventually(b.t, done, time.Minute, 10*time.Millisecond)
	stop()
	<-stopped
}
