package api

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// issuedFor finds the sample of the certificate's kind.
type issuedFor map[order.Kind]order.ID

// OrderOf gives each kind of applicant its sample.
func (f issuedFor) OrderOf(_ context.Context, certificate []byte) (order.ID, error) {
	parsed, err := pki.ParseCertificate(certificate)
	if err != nil {
		return order.ID{}, err
	}
	return f[order.KindOf(parsed.Subject())], nil
}

// Activate is not looked at here.
func (f issuedFor) Activate(ctx context.Context, certificate []byte, _ time.Time) (order.ID, error) {
	return f.OrderOf(ctx, certificate)
}

// matrix is the API as clients see it, over HTTP, with the tokens of a portal.
type matrix struct {
	*bundle
	cells   []cell
	samples samples
	server  *httptest.Server
}

func newMatrix(t *testing.T, p *portal) *matrix {
	t.Helper()
	m := &matrix{bundle: setup(t)}
	e, i, v := m.at(order.StageAwaitingApproval, asEmployee), m.at(order.StageAwaitingPayment, asIndividual), m.confirmation(1)
	proprietor := m.at(order.StageAwaitingPayment, "Bearer proprietor")
	var stray contract.LedgerEntry
	m.notify(payment("", "1.00")).is(http.StatusOK, &stray)
	own := samples{
		e: e.ID.String(), i: i.ID.String(), p: proprietor.ID.String(), confirmation: v.ID.String(), payment: stray.ID.String(),
		number: i.bill.Number.ERIP(), event: m.events("/v1/events?limit=1", asClient).Events[0].ID,
		ofClient: order.NewID().String(), ofTheirs: order.NewID().String(),
	}
	m.cells, m.samples = own.cells(), own
	for _, s := range []*sample{e, i, proprietor} {
		m.link(t, s)
	}

	gateway, err := assist.New(assist.Config{Host: "https://pay.example.by", MerchantID: "1", ResultSalt: payments.NewSecret("s")}, http.DefaultClient, time.Now)
	require.NoError(t, err)
	provider, err := erip.New(erip.Config{}, postgres.NewERIP(m.pool), time.Now)
	require.NoError(t, err)
	d, log := m.deps, slog.New(slog.DiscardHandler)
	d.Auth, d.Rates = p.verifier(), map[web.Action]web.Rate{}
	d.Activations = issuedFor{order.KindEmployee: e.ID, order.KindIndividual: i.ID, order.KindSoleProprietor: proprietor.ID}
	d.Mount = map[string]http.Handler{
		pathAssist: AssistHandler(assist.NewReceiver(gateway, postgres.NewLedger(m.pool)), log),
		pathERIP:   ERIPHandler(provider, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, storage.BehindProxies(nil), log),
	}
	m.serve(d)
	m.bundle.server.managers.decisionWait = time.Millisecond
	// Workflows that do nothing: the samples stay as they are.
	m.temporal.refuse(workflows.UpdateWithdraw, workflows.ErrTypeWrongStage)
	m.temporal.on(workflows.SignalRejected, func(message) error { return nil })
	m.server = httptest.NewServer(m.handler)
	t.Cleanup(m.server.Close)
	return m
}

// ask sends a cell as somebody, and holds the exchange against the contract.
func (m *matrix) ask(t *testing.T, c cell, token string) reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), c.method, m.server.URL+c.path, strings.NewReader(c.body))
	require.NoError(t, err)
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	if c.mediaType != "" && c.body != "" {
		r.Header.Set("Content-Type", c.mediaType)
	}
	res, err := m.server.Client().Do(r)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, CheckExchange(r, res, body), "%s", body)
	return reply{t: t, Status: res.StatusCode, Header: res.Header, Body: body}
}

// outcome is the problem that shuts somebody out, or letIn.
func outcome(t *testing.T, r reply) web.Slug {
	t.Helper()
	if r.Status != http.StatusUnauthorized && r.Status != http.StatusForbidden && r.Status != http.StatusNotFound {
		return letIn
	}
	if r.Header.Get("Content-Type") == mediaTypeCMS {
		return rejection(t, r)
	}
	var p contract.Problem
	require.NoError(t, json.Unmarshal(r.Body, &p), "%s", r.Body)
	return web.Slug(path.Base(p.Type))
}

// done is all that a request could have changed.
func (m *matrix) done(t *testing.T) (state string) {
	t.Helper()
	require.NoError(t, m.pool.QueryRow(t.Context(), `SELECT concat_ws('/', (SELECT concat(count(*), ':', sum(version)) FROM orders),
		(SELECT concat(count(*), ':', sum(version)) FROM confirmations), (SELECT count(*) FROM documents), (SELECT count(*) FROM requests),
		(SELECT concat(count(*), ':', count(*) FILTER (WHERE state = 'unapplied')) FROM payments), (SELECT count(*) FROM notices),
		(SELECT count(*) FROM audit_entries), (SELECT string_agg(method, ',') FROM payables),
		(SELECT md5(string_agg(w::text, ',' ORDER BY id)) FROM webhook_endpoints w), (SELECT count(*) FROM webhook_deliveries),
		(SELECT count(*) FROM renewal_links WHERE used_at IS NOT NULL))`).Scan(&state))
	return state
}

// everyIdentity is everybody.
func everyIdentity(p *portal, c *cast) []identity {
	var all []identity
	for _, some := range [][]identity{withoutPerson(p, c), services(p, c), programs(p, c), employees(p, c), individuals(p, c), heads(p, c)} {
		all = append(all, some...)
	}
	return all
}

// TestEveryRouteByEveryIdentity tries every route of the contract as everybody:
// each meets what the policy says, nobody gets a 5xx, and what is refused has
// done nothing.
func TestEveryRouteByEveryIdentity(t *testing.T) {
	p := newPortal(t)
	m, all := newMatrix(t, p), everyIdentity(p, newCast(t))
	require.GreaterOrEqual(t, len(all), 110)
	names := map[string]bool{}
	for _, who := range all {
		require.False(t, names[who.name], who.name)
		names[who.name] = true
		m.egr.head = register()
		if who.egr != nil {
			m.egr.head = *who.egr
		}
		t.Run(who.name, func(t *testing.T) {
			m.rearm(t)
			before := m.done(t)
			for _, open := range []bool{false, true} {
				for _, c := range m.cells {
					want, listed := who.may[c.group]
					require.True(t, listed, c.group)
					if open != (want == letIn) {
						continue
					}
					r := m.ask(t, c, who.token)
					if got := outcome(t, r); got != want || r.Status >= http.StatusInternalServerError {
						t.Errorf("wrong cell: %s %s (%s): want %q, got %d %.300s", c.method, c.path, c.group, want, r.Status, r.Body)
					}
				}
				if !open {
					require.Equal(t, before, m.done(t), "what was refused has done something")
				}
			}
		})
	}
}

// The matrix has every route of the contract, and the contract every route.
func TestTheMatrixIsWhole(t *testing.T) {
	c, err := compiled()
	require.NoError(t, err)
	missing := map[string]bool{}
	for _, id := range c.Operations() {
		missing[id] = true
	}
	id := order.NewID().String()
	all := samples{
		e: id, i: order.NewID().String(), p: order.NewID().String(), confirmation: id, payment: id,
		number: "NOAIS000000001", event: "evt_1_00000000", ofClient: id, ofTheirs: id,
	}
	for _, cell := range all.cells() {
		path, _, _ := strings.Cut(cell.path, "?")
		operation, ok := c.Operation(cell.method, path)
		require.True(t, ok, cell.path)
		delete(missing, operation)
	}
	require.Empty(t, missing, "routes of the contract that nobody has tried as everybody")
	for _, r := range routesOf(t, bare(t)) {
		_, ok := c.Operation(r.Method, strings.NewReplacer(":id", id, ":", "").Replace(r.Path))
		require.True(t, ok, "%s %s is in no contract", r.Method, r.Path)
	}
}

func routesOf(t *testing.T, s *Server) gin.RoutesInfo {
	t.Helper()
	engine, ok := s.Handler().(*gin.Engine)
	require.True(t, ok)
	return engine.Routes()
}
