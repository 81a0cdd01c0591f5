package worker

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/notify"
	"github.com/remote-issuance/remote-issuance/internal/order"
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
	store   *postgres.Credentials
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
	store, err := b.Store(b.Certificates)
	require.NoError(t, err)
	b.service, err = ca.NewService(b.issuers, store)
	require.NoError(t, err)
	b.store = postgres.NewCredentials(b.Pool, b.Chain)
	b.issuer, err = b.CredentialIssuer(b.store)
	require.NoError(t, err)
	b.audit = postgres.NewAudit(b.Pool)
	return b
}

// issued is an order whose certificate is out.
func (b *bench) issued(applicant string) (order.ID, *pki.Certificate) {
	b.t.Helper()
	id := b.Paid(b.t, applicant)
	authority, err := b.Authority(b.issuers, b.Certificates)
	require.NoError(b.t, err)
	_, err = authority.Issue(b.t.Context(), id)
	require.NoError(b.t, err)
	_, der, err := b.Certificates.Find(b.t.Context(), id.String())
	require.NoError(b.t, err)
	c, err := pki.ParseCertificate(der)
	require.NoError(b.t, err)
	return id, c
}

func (b *bench) exec(sql string, args ...any) {
	b.t.Helper()
	_, err := b.Pool.Exec(b.t.Context(), sql, args...)
	require.NoError(b.t, err)
}

// actions are the actions in the audit log about the order.
func (b *bench) actions(id order.ID) []string {
	b.t.Helper()
	entries, err := b.audit.OrderEntries(b.t.Context(), id.String())
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

// sender makes attempts at messages with credentials, as the activities do.
func (b *bench) sender(email, sms *inbox) credentialSender {
	b.t.Helper()
	renderer, err := notify.NewRenderer(notify.DefaultDelivery())
	require.NoError(b.t, err)
	outbox := postgres.NewOutbox(b.Pool)
	d, err := notify.NewDispatcher(notify.DispatcherOptions{
		Outbox: outbox, Renderer: renderer,
		Secrets:   credentials{issuer: b.issuer, audit: b.audit, now: time.Now},
		Senders:   map[notify.Channel]notify.Sender{notify.ChannelEmail: email, notify.ChannelSMS: sms},
		PortalURL: "https://portal.example.by", StorageURL: "https://storage.example.by/storage",
		Logger: slog.New(slog.DiscardHandler),
	})
	require.NoError(b.t, err)
	return credentialSender{outbox: outbox, messages: d}
}
