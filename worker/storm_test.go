package worker_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// The storm: so many orders, paid by card or through ERIP in turn, and every
// message delivered so many times.
const (
	stormOrders  = 1000
	stormRepeats = 3
	stormPrice   = 4320
)

// A thousand payers pay at once and every gateway delivers each message three
// times, while the worker is stopped and started and PostgreSQL crashes twice:
// every order is paid exactly once, and every workflow is told of its payment.
func TestP5_P6_AThousandAtOnceThroughCrashesPayExactlyOnce(t *testing.T) {
	s := newStorm(t)
	var payers sync.WaitGroup
	for n := 1; n <= stormOrders; n++ {
		payers.Go(func() { s.pay(n) })
	}
	stop := s.relay()
	<-s.reached(stormOrders / 2)
	stop()
	<-s.reached(stormOrders)
	s.cluster.Crash(t)
	s.cluster.Recover(t)
	<-s.reached(2 * stormOrders)
	stop = s.relay()
	s.cluster.Crash(t)
	s.cluster.Recover(t)
	payers.Wait()
	s.awaitAllTold()
	stop()

	require.Equal(t, stormOrders, s.count("gateway_messages"))
	require.Equal(t, stormOrders, s.count("payments"))
	require.Equal(t, stormOrders, s.count("payments WHERE state = 'applied' AND delivered_at IS NOT NULL"))
	require.Equal(t, stormOrders, s.count("payables y WHERE state = 'paid' AND EXISTS (SELECT FROM payments p WHERE p.id = y.payment_id)"))
	require.Len(t, s.told.payments, stormOrders)
	for workflow, ids := range s.told.payments {
		require.Len(t, ids, 1, "%s was told of more than one payment", workflow)
	}
	differences, err := postgres.NewReconciliation(s.pool).LedgerDifferences(t.Context(), time.Now().Add(time.Hour), 10)
	require.NoError(t, err)
	require.Empty(t, differences)
}

// storm is the system under it: handlers of the API and the relay of the
// worker over a server that crashes.
type storm struct {
	t       *testing.T
	cluster *pgtest.Cluster
	pool    *pgxpool.Pool
	ledger  *postgres.Ledger
	api     *httptest.Server
	client  *http.Client
	told    *ears
	log     *slog.Logger
	// answered counts deliveries with a good answer.
	answered atomic.Int64
	mu       sync.Mutex
	waiting  map[int64]chan struct{}
}

func newStorm(t *testing.T) *storm {
	t.Helper()
	s := &storm{t: t, cluster: pgtest.NewCluster(t), waiting: map[int64]chan struct{}{}, log: slog.New(slog.DiscardHandler)}
	var err error
	s.pool, err = postgres.Connect(t.Context(), s.cluster.URL()+"&pool_max_conns=20")
	require.NoError(t, err)
	t.Cleanup(s.pool.Close)
	_, err = s.pool.Exec(t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, due, opened_at)
		SELECT gen_random_uuid(), 'order-' || n, '6.0.00', n, $2, now() + interval '1 day', now() FROM generate_series(1, $1) n`,
		stormOrders, stormPrice)
	require.NoError(t, err)
	s.ledger, s.told = postgres.NewLedger(s.pool), &ears{payments: map[string]map[string]bool{}}
	provider, err := erip.New(erip.Config{}, postgres.NewERIP(s.pool), time.Now)
	require.NoError(t, err)
	receiver := assist.NewReceiver(cardGateway(t, "https://example.by"), s.ledger)
	mux := http.NewServeMux()
	mux.Handle("/assist", api.AssistHandler(receiver, s.log))
	mux.Handle("/erip", api.ERIPHandler(provider, []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, storage.BehindProxies(nil), s.log))
	s.api = httptest.NewServer(mux)
	t.Cleanup(s.api.Close)
	s.client = &http.Client{Transport: &http.Transport{MaxConnsPerHost: 200, MaxIdleConnsPerHost: 200}, Timeout: time.Minute}
	t.Cleanup(s.client.CloseIdleConnections)
	return s
}

// cardGateway is the merchant 999999 whose secret words are SECRET.
func cardGateway(t *testing.T, host string) *assist.Gateway {
	t.Helper()
	g, err := assist.New(assist.Config{
		Host: host, MerchantID: "999999", Login: "merchant_1", Password: payments.NewSecret("passw0rd8"),
		ResultSalt: payments.NewSecret("SECRET"), TestMode: strings.HasPrefix(host, "http:"),
	}, &http.Client{Timeout: 10 * time.Second}, time.Now)
	require.NoError(t, err)
	return g
}

// pay plays one payer: even numbers by card, odd ones through ERIP.
func (s *storm) pay(n int) {
	number := order.PaymentNumber(n)
	if n%2 == 0 {
		s.deliver("/assist", push(number.ERIP(), "43.20", "BYN", 5_000_000_000_000_000+n).Encode(), `firstcode="0"`)
		return
	}
	r := erip.Request{
		Type: erip.TransactionStart, At: time.Now(), Account: number.ERIP(), Currency: erip.Currency, RequestID: int64(n),
		TransactionID: int64(n), Amount: stormPrice,
	}
	s.until("/erip", string(r.Encode()), "ServiceProvider_TrxId")
	r.Type, r.Amount = erip.TransactionResult, 0
	s.deliver("/erip", string(r.Encode()), "<TransactionResult>")
}

// push is a signed notification of ASSIST.
func push(number, amount, currency string, bill int) url.Values {
	check := assist.CheckValue(payments.NewSecret("SECRET"), "999999"+number+amount+currency+"Approved")
	return url.Values{
		"merchant_id": {"999999"}, "ordernumber": {number}, "billnumber": {strconv.Itoa(bill) + ".1"}, "testmode": {"0"},
		"orderamount": {amount}, "ordercurrency": {currency}, "amount": {amount}, "currency": {currency}, "orderstate": {"Approved"},
		"responsecode": {"AS000"}, "packetdate": {time.Now().UTC().Format("02.01.2006 15:04:05")}, "checkvalue": {check},
	}
}

// deliver repeats a message until it was taken as often as the storm wants.
func (s *storm) deliver(path, body, taken string) {
	for range stormRepeats {
		s.until(path, body, taken)
		n := s.answered.Add(1)
		s.mu.Lock()
		if reached, ok := s.waiting[n]; ok {
			close(reached)
		}
		s.mu.Unlock()
	}
}

// until sends a message again and again until the answer says that it was taken.
func (s *storm) until(path, body, taken string) {
	for s.t.Context().Err() == nil {
		answer, err := s.send(path, body)
		if err == nil && strings.Contains(answer, taken) {
			return
		}
	}
}

func (s *storm) send(path, body string) (string, error) {
	contentType := "application/x-www-form-urlencoded"
	if strings.HasPrefix(body, "<") {
		contentType = "text/xml"
	}
	resp, err := s.client.Post(s.api.URL+path, contentType, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	return string(answer), err
}

// reached is closed at so many good answers. It must be asked for in time.
func (s *storm) reached(n int64) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	ch := make(chan struct{})
	if s.answered.Load() >= n {
		close(ch)
		return ch
	}
	s.waiting[n] = ch
	return ch
}

// relay starts the worker's loop; the function it gives stops it.
func (s *storm) relay() func() {
	ctx, cancel := context.WithCancel(s.t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		(&intake.Relay{
			Ledger: s.ledger, Workflows: s.told, Unapplied: s.told,
			Wake: make(chan struct{}), Interval: 10 * time.Millisecond, Log: s.log,
		}).Run(ctx)
	}()
	return func() { cancel(); <-ended }
}

func (s *storm) awaitAllTold() {
	require.Eventually(s.t, func() bool {
		var told int
		err := s.pool.QueryRow(s.t.Context(), "SELECT count(*) FROM payments WHERE delivered_at IS NOT NULL").Scan(&told)
		return err == nil && told == stormOrders
	}, time.Minute, 20*time.Millisecond)
}

func (s *storm) count(from string) (n int) {
	s.t.Helper()
	require.NoError(s.t, s.pool.QueryRow(s.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

// ears are the workflows: they remember what they were told, and sometimes
// cannot be reached.
type ears struct {
	mu       sync.Mutex
	calls    int
	payments map[string]map[string]bool
}

// Unapply is for workflows that are closed; here there are none.
func (e *ears) Unapply(context.Context, string, payments.Reason) error {
	return errors.New("nobody is closed")
}

// TellPayment hears of a payment, twice of three times.
func (e *ears) TellPayment(_ context.Context, p payments.Delivery) ([]string, error) {
	workflowID, paymentID := p.WorkflowID, p.PaymentID
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.calls++; e.calls%3 == 0 {
		return nil, errors.New("not reached")
	}
	if e.payments[workflowID] == nil {
		e.payments[workflowID] = map[string]bool{}
	}
	e.payments[workflowID][paymentID] = true
	return nil, nil
}
