package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	openapi "github.com/remote-issuance/remote-issuance/internal/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/invoice"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// price is what one year costs an employee.
const price = order.Kopecks(4320)

// bundle is the API over a database of its own, with everybody else played.
type bundle struct {
	t        *testing.T
	now      time.Time
	pool     *pgxpool.Pool
	server   *Server
	handler  http.Handler
	engine   *conductor
	egr      *egr
	bell     *bell
	signIns  *signIns
	issuer   *storage.Issuer
	requests *postgres.Requests
	payables *postgres.Payables
	logs     *logBook
	observed []string
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	pool := pgtest.New(t)
	b := &bundle{
		t: t, now: time.Now().UTC().Truncate(time.Second), pool: pool, engine: newConductor(), egr: &egr{head: register()}, bell: newBell(),
		signIns: &signIns{}, requests: postgres.NewRequests(pool), payables: postgres.NewPayables(pool, tariff(t)), logs: &logBook{},
	}
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte{1}})
	require.NoError(t, err)
	hasher, err := storage.NewHasher(ring, 2)
	require.NoError(t, err)
	grants := postgres.NewCredentials(pool, func([]byte) ([][]byte, error) { return nil, nil })
	b.issuer, err = storage.NewIssuer(grants, hasher, ring, rand.Reader, 0)
	require.NoError(t, err)
	keyStore := postgres.NewKeys(pool, ring)
	cache, err := payload.NewCache(keyStore, 10)
	require.NoError(t, err)
	everyone := theirs(t)
	b.serve(Dependencies{
		Log: slog.New(slog.NewTextHandler(b.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), Temporal: b.engine, TaskQueue: "issuance",
		Auth: everyone.tokens, Trust: everyone.trust, Heads: b.egr, Store: b.stores(), Changes: b.bell, Ways: ways(t), Secrets: b.issuer,
		Keys:        keys{Keys: keyStore, cache: cache},
		Activations: b.signIns, StorageURL: "https://storage.example.by", Hash: hash, Policy: order.DefaultPolicy(),
		Offer: Offer{
			Agreement: TermsDocument{Version: "agreement-3", URL: "https://example.by/agreement"},
			Contract:  TermsDocument{Version: "contract-7", URL: "https://example.by/contract"},
		},
		Limits: DefaultLimits(), Now: func() time.Time { return b.now },
		Observe: func(method, route string, _ int, _ time.Duration) { b.observed = append(b.observed, method+" "+route) },
	})
	b.playWorkflows()
	t.Cleanup(func() { b.logs.hasNobody(t) })
	return b
}

// serve puts the API together.
func (b *bundle) serve(d Dependencies) {
	b.t.Helper()
	var err error
	b.server, err = New(d)
	require.NoError(b.t, err)
	b.handler = b.server.Handler()
}

func (b *bundle) stores() Store {
	return Store{
		Ping: b.pool.Ping, Orders: postgres.NewOrders(b.pool), Organisation: postgres.NewOrganisation(b.pool),
		Documents: postgres.NewDocuments(b.pool), Records: postgres.NewRecords(b.pool), Payables: b.payables,
		Ledger: postgres.NewLedger(b.pool), Idempotency: postgres.NewIdempotency(b.pool), Audit: postgres.NewAudit(b.pool),
	}
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

func ways(t *testing.T) Ways {
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
	return Ways{
		Office:     invoice.Office{Assist: gateway, ERIPServiceCode: "1000001", Beneficiary: beneficiary},
		Configured: []payments.Source{payments.SourceAssist, payments.SourceERIP, payments.SourceClientBank},
		ReturnURL:  "https://example.by/back", Beneficiary: details,
	}
}

func hash(text string) string {
	sum := sha256.Sum256([]byte("pepper" + text))
	return hex.EncodeToString(sum[:])
}

// document is the contract, compiled once.
var document = sync.OnceValues(func() (*openapi.Contract, error) { return openapi.Load(contract) })

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
func (r reply) problem(want slug) problemView {
	r.t.Helper()
	var p problemView
	require.NoError(r.t, json.Unmarshal(r.Body, &p), "%s", r.Body)
	require.Equal(r.t, typePrefix+string(want), p.Type, "%s", r.Body)
	require.Equal(r.t, statuses[want], r.Status)
	require.Equal(r.t, r.Status, p.Status)
	return p
}

func (r reply) order(status int) orderView {
	r.t.Helper()
	var v orderView
	r.is(status, &v)
	return v
}

// logBook keeps what is logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
