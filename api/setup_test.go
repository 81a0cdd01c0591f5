package api

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	openapi "github.com/remote-issuance/remote-issuance/internal/contract"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/invoice"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/status"
	"github.com/remote-issuance/remote-issuance/internal/storage"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

const publicURL = "https://issuance.example.by"

// price is what one year costs an employee.
const price = order.Kopecks(4320)

// bundle is the API over a database of its own, with everybody else played.
type bundle struct {
	t             *testing.T
	now           time.Time
	people        people
	recorder      *recorder
	pool          *pgxpool.Pool
	orders        *postgres.Orders
	confirmations *postgres.Confirmations
	documents     *postgres.Documents
	audit         *postgres.Audit
	deps          Dependencies
	drafts        *draft.Service
	approvals     *approval.Service
	server        *Server
	handler       http.Handler
	temporal      *fakeTemporal
	starter       *fakeStarter
	precheck      *fakePrecheck
	egr           *egr
	registers     *stateRegisters
	changes       *fakeChanges
	signIns       *signIns
	issuer        *storage.Issuer
	ring          *seal.Keyring
	logs          *logBook
	observing     sync.Mutex
	observed      []string
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	return setupAt(t, time.Now().UTC().Truncate(time.Second), theirs(t))
}

// setupAt is the API at an instant, among people with certificates in force then.
func setupAt(t *testing.T, now time.Time, everyone people) *bundle {
	t.Helper()
	pool := pgtest.New(t)
	b := &bundle{
		t: t, now: now, people: everyone, pool: pool, temporal: &fakeTemporal{scripts: map[string]func(message) error{}},
		starter: &fakeStarter{}, precheck: &fakePrecheck{}, egr: &egr{head: register()},
		registers: &stateRegisters{answers: map[string]registers.Answer{}}, changes: newChanges(), signIns: &signIns{},
		logs: &logBook{}, orders: postgres.NewOrders(pool, tariff(t)), confirmations: postgres.NewConfirmations(pool, tariff(t)),
		documents: postgres.NewDocuments(pool), audit: postgres.NewAudit(pool),
	}
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte{1}})
	require.NoError(t, err)
	b.ring = ring
	hasher, err := storage.NewHasher(ring, 2)
	require.NoError(t, err)
	credentials := postgres.NewCredentials(pool, func([]byte) ([][]byte, error) { return nil, nil })
	b.issuer, err = storage.NewIssuer(credentials, hasher, ring, rand.Reader, 0)
	require.NoError(t, err)
	b.services()
	b.serve(b.dependencies(t))
	b.playWorkflows()
	t.Cleanup(func() { b.logs.hasNobody(t) })
	return b
}

// services makes the services that decide.
func (b *bundle) services() {
	b.t.Helper()
	log, now := slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), func() time.Time { return b.now }
	everyone := b.people
	b.drafts = &draft.Service{
		Store: b.orders, Documents: b.documents, Trust: everyone.trust, Precheck: b.precheck, Starter: b.starter,
		Offer:  draft.Offer{AgreementVersion: "agreement-3", ContractVersion: "contract-7"},
		Policy: order.DefaultPolicy(), Log: log, Now: now,
	}
	b.approvals = &approval.Service{
		Store: b.confirmations, Documents: b.documents, Trust: everyone.trust, Heads: b.egr, Anchors: everyone.trust,
		Starter: b.starter, Log: log, Policy: order.DefaultPolicy(), Now: now,
	}
}

func (b *bundle) dependencies(t *testing.T) Dependencies {
	t.Helper()
	everyone := b.people
	renewals := postgres.NewRenewals(b.orders)
	return Dependencies{
		Renewal: &RenewalProtocol{
			Agent: everyone.agent, Store: renewals, PublicURL: publicURL, StartAfterDays: order.DefaultPolicy().StartAfterDays,
			Service: &renewal.Service{Store: renewals, Drafts: b.drafts, Offer: b.drafts.Offer, Now: func() time.Time { return b.now }},
		},
		Log: b.drafts.Log, Auth: everyone.tokens, Trust: everyone.trust, Heads: b.egr, Registers: b.registers, Drafts: b.drafts, Approvals: b.approvals,
		Orders: b.orders, Confirmations: b.confirmations, Documents: b.documents, Payables: postgres.NewPayables(b.pool),
		Ledger: postgres.NewLedger(b.pool), Answers: postgres.NewIdempotency(b.pool), Audit: b.audit, Changes: b.changes,
		Events: postgres.NewEvents(b.pool), Webhooks: postgres.NewWebhooks(b.pool, b.ring), WebhookReach: webhook.Reach{Loopback: true},
		Secrets: b.issuer, Renewals: postgres.NewCredentials(b.pool, nil), Activations: b.signIns, Reminders: postgres.NewRenewalLinks(b.pool),
		Tariff: tariff(t), Methods: paymentMethods(t), Temporal: b.temporal, Starter: b.starter,
		Database: b.pool, StorageURL: "https://storage.example.by", Hash: hash,
		Offer: Offer{
			Agreement: contract.TermsDocument{Version: "agreement-3", URL: "https://example.by/agreement"},
			Contract:  contract.TermsDocument{Version: "contract-7", URL: "https://example.by/contract"},
		},
		Help: Help{Instruction: "https://example.by/instruction", Centres: "https://example.by/centres", Support: "https://example.by/support"},
		Look: func(ctx context.Context, at time.Time) (status.Report, error) {
			return status.Look(ctx, status.Sources{
				Store: postgres.NewStatus(b.pool), Engine: b.temporal, Lists: []status.List{}, SealedEvery: time.Hour,
				Links: status.Links{TemporalUI: "https://temporal.example.by", Namespace: "n", Runbook: "https://example.by/operations.md"},
			}, at)
		},
		Limits: DefaultLimits(), Now: func() time.Time { return b.now }, Cards: noCards(),
		Observe: func(method, route string, _ int, _ time.Duration) {
			b.observing.Lock()
			defer b.observing.Unlock()
			b.observed = append(b.observed, method+" "+route)
		},
	}
}

// serve puts the API together.
func (b *bundle) serve(d Dependencies) {
	b.t.Helper()
	var err error
	b.deps = d
	b.server, err = New(d)
	require.NoError(b.t, err)
	b.handler = b.server.Handler()
}

func tariff(t *testing.T) order.Tariff {
	t.Helper()
	list, err := order.NewTariff([]order.Price{
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: "2020-01-01", Amount: price},
		{Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 1, From: "2020-01-01", Amount: 2 * price},
	})
	require.NoError(t, err)
	return list
}

func paymentMethods(t *testing.T) PaymentMethods {
	t.Helper()
	details := invoice.BeneficiaryDetails{
		Name: "Пример-центр", IBAN: "BY13NBRB3600900000002Z00AB00", Bank: "Банк-пример", BIC: "NBRBBY2X", UNP: otherUNP, PurposeText: "оплата",
	}
	beneficiary, err := invoice.NewBeneficiary(details)
	require.NoError(t, err)
	gateway, err := assist.New(assist.Config{
		Host: "https://pay.example.by", MerchantID: "1", ResultSalt: payments.NewSecret("salt"), TestMode: true,
	}, http.DefaultClient, time.Now)
	require.NoError(t, err)
	return PaymentMethods{
		Documents: invoice.Writer{Assist: gateway, ERIPServiceCode: "1000001", Beneficiary: beneficiary, ERIPPaths: map[order.Service][]string{
			order.ServiceIndividual: {"ЕРИП", "физические лица"}, order.ServiceManager: {"ЕРИП", "организации"},
		}},
		Configured: []payments.Source{payments.SourceAssist, payments.SourceERIP, payments.SourceClientBank},
		PortalURL:  "https://portal.example.by", Beneficiary: details,
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte("pepper" + text))
	return hex.EncodeToString(sum[:])
}

// compiled is the contract, compiled once; while its examples are made anew, without them.
var compiled = sync.OnceValues(func() (*openapi.Contract, error) {
	if *update {
		return openapi.Load(exampleRefs.ReplaceAll(document, []byte(`{value: ""}`)))
	}
	return openapi.Load(document)
})

// reply is an answer that the contract allows.
type reply struct {
	t      testing.TB
	Status int
	Header http.Header
	Body   []byte
}

// ask sends a request and holds the exchange against the contract.
func (b *bundle) ask(method, path, token, mediaType, body string, headers ...string) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, path, strings.NewReader(body))
	require.NoError(b.t, err)
	if token != "" {
		r.Header.Set("Authorization", token)
	}
	if mediaType != "" {
		r.Header.Set("Content-Type", mediaType)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.send(r)
}

// send sends any request.
func (b *bundle) send(r *http.Request) reply {
	b.t.Helper()
	if b.recorder != nil {
		return b.recorder.exchange(b.handler, r)
	}
	return exchange(b.t, b.handler, r)
}

func exchange(t testing.TB, h http.Handler, r *http.Request) reply {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	res := w.Result()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.NoError(t, CheckExchange(r, res, body), "%s", body)
	return reply{t: t, Status: res.StatusCode, Header: res.Header, Body: body}
}

func (b *bundle) get(path, token string, headers ...string) reply {
	b.t.Helper()
	return b.ask(http.MethodGet, path, token, "", "", headers...)
}

func (b *bundle) post(path, token, body string, headers ...string) reply {
	b.t.Helper()
	mediaType := "application/json"
	if body == "" {
		mediaType = ""
	}
	return b.ask(http.MethodPost, path, token, mediaType, body, headers...)
}

// is requires the status and reads the body into what is given.
func (r reply) is(status int, out ...any) reply {
	r.t.Helper()
	require.Equal(r.t, status, r.Status, "%s", r.Body)
	for _, v := range out {
		require.NoError(r.t, json.Unmarshal(r.Body, v))
	}
	return r
}

// problem requires the problem with the status that belongs to it.
func (r reply) problem(want web.Slug) contract.Problem {
	r.t.Helper()
	var p contract.Problem
	require.NoError(r.t, json.Unmarshal(r.Body, &p), "%s", r.Body)
	require.Equal(r.t, string(want), path.Base(p.Type), "%s", r.Body)
	require.Equal(r.t, want.Status(), r.Status)
	require.Equal(r.t, r.Status, p.Status)
	return p
}

func (r reply) order(status int) contract.Order {
	r.t.Helper()
	var v contract.Order
	r.is(status, &v)
	return v
}
