package api_test

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

const (
	theNumber = order.PaymentNumber(92239)
	thePrice  = order.Kopecks(4320)
	service   = 1234567
)

// gatewayFixture is the API with both gateways mounted over a database that knows one
// open number: 92239 of service 6.0.00 for 43.20.
type gatewayFixture struct {
	t      *testing.T
	pool   *pgxpool.Pool
	ledger *postgres.Ledger
	url    string
}

func newGatewayFixture(t *testing.T, networks string, salt string) *gatewayFixture {
	t.Helper()
	d := &gatewayFixture{t: t, pool: pgtest.New(t)}
	_, err := d.pool.Exec(t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, due, opened_at)
		VALUES (gen_random_uuid(), 'order-1', '6.0.00', $1, $2, now() + interval '1 day', now())`, int64(theNumber), int64(thePrice))
	require.NoError(t, err)
	d.ledger = postgres.NewLedger(d.pool)
	gateway, err := assist.New(assist.Config{
		Host: "https://example.by", MerchantID: "999999", ResultSalt: payments.NewSecret("SECRET"),
	}, http.DefaultClient, time.Now)
	require.NoError(t, err)
	provider, err := erip.New(erip.Config{ServiceNo: service, Salt: payments.NewSecret(salt)}, postgres.NewERIP(d.pool), time.Now)
	require.NoError(t, err)
	log := slog.New(slog.DiscardHandler)
	server, err := api.New(api.Dependencies{Log: log, Mount: map[string]http.Handler{
		"/gateways/assist": api.AssistHandler(assist.NewReceiver(gateway, d.ledger), log),
		"/gateways/erip":   api.ERIPHandler(provider, []netip.Prefix{netip.MustParsePrefix(networks)}, storage.BehindProxies(nil), log),
	}})
	require.NoError(t, err)
	web := httptest.NewServer(server.Handler())
	t.Cleanup(web.Close)
	d.url = web.URL
	return d
}

// post sends a body without any token and requires HTTP 200.
func (d *gatewayFixture) post(path, contentType string, body []byte, header http.Header) (string, http.Header) {
	d.t.Helper()
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.url+path, bytes.NewReader(body))
	require.NoError(d.t, err)
	for name, values := range header {
		req.Header[name] = values
	}
	req.Header.Set("Content-Type", contentType)
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(d.t, err)
	require.Equal(d.t, http.StatusOK, resp.StatusCode, string(answer))
	require.NoError(d.t, api.CheckExchange(req, resp, answer))
	return string(answer), resp.Header
}

func (d *gatewayFixture) unapplied() []payments.Reason {
	d.t.Helper()
	list, err := d.ledger.List(d.t.Context(), payments.PaymentUnapplied, 0, 100)
	require.NoError(d.t, err)
	var reasons []payments.Reason
	for _, p := range list.Payments {
		reasons = append(reasons, p.Reason)
	}
	return reasons
}

func (d *gatewayFixture) count(from string) (n int) {
	d.t.Helper()
	require.NoError(d.t, d.pool.QueryRow(d.t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}

const formType = "application/x-www-form-urlencoded"

// push is a notification signed over the texts.
func push(changes url.Values, signed ...string) []byte {
	form := url.Values{
		"merchant_id": {"999999"}, "ordernumber": {theNumber.ERIP()}, "billnumber": {"5999999000000001.1"}, "testmode": {"0"},
		"orderamount": {"43.20"}, "ordercurrency": {"BYN"}, "amount": {"43.20"}, "currency": {"BYN"}, "orderstate": {"Approved"},
		"responsecode": {"AS000"}, "operationtype": {"100"},
	}
	for name, values := range changes {
		form[name] = values
	}
	x := form.Get("merchant_id") + form.Get("ordernumber") + form.Get("amount") + form.Get("currency") + form.Get("orderstate")
	if len(signed) > 0 {
		x = strings.Join(signed, "")
	}
	form.Set("checkvalue", assist.CheckValue(payments.NewSecret("SECRET"), x))
	return []byte(form.Encode())
}

func TestP5_P6_PushIsOnDiskBeforeItsAnswerAndPaysOnce(t *testing.T) {
	golden, err := os.ReadFile("../internal/payments/assist/testdata/push-approved.form")
	require.NoError(t, err)
	for name, body := range map[string][]byte{
		"published example":         bytes.TrimSpace(golden),
		"signed over the operation": push(nil),
		// A part was paid by a discount: the operation's amount is smaller.
		"signed over the order": push(url.Values{"amount": {"33.20"}}, "999999", theNumber.ERIP(), "43.20", "BYN", "Approved"),
	} {
		t.Run(name, func(t *testing.T) {
			d := newGatewayFixture(t, "127.0.0.0/8", "")
			if name == "published example" {
				// It was paid in June 2025, when the number was not overdue.
				_, err := d.pool.Exec(t.Context(), "UPDATE payables SET due = '2099-01-01'")
				require.NoError(t, err)
			}
			for range 3 {
				answer, header := d.post("/gateways/assist", formType, body, nil)
				require.Contains(t, answer, `<pushpaymentresult firstcode="0" secondcode="0"><order><billnumber>5999999000000001.1</billnumber>`)
				require.Equal(t, "text/xml; charset=utf-8", header.Get("Content-Type"))
			}
			require.Equal(t, 1, d.count("gateway_messages"))
			require.Equal(t, 1, d.count("payments WHERE state = 'applied'"))
			require.Equal(t, 1, d.count("payables WHERE state = 'paid'"))
		})
	}
}

func TestP4_PushThatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		body   []byte
		answer string
		reason []payments.Reason
	}{
		"wrong amount":          {push(url.Values{"orderamount": {"43.19"}, "amount": {"43.19"}}), `firstcode="5" secondcode="108"`, []payments.Reason{payments.ReasonUnderpaid}},
		"only a part is signed": {push(url.Values{"amount": {"33.20"}}), `firstcode="5" secondcode="108"`, []payments.Reason{payments.ReasonUnderpaid}},
		"amount is no number":   {push(url.Values{"orderamount": {"4.32e1"}, "amount": {"4.32e1"}}), `firstcode="4" secondcode="108"`, []payments.Reason{payments.ReasonUnreadable}},
		"wrong currency":        {push(url.Values{"ordercurrency": {"USD"}, "currency": {"USD"}}), `firstcode="5" secondcode="105"`, []payments.Reason{payments.ReasonWrongCurrency}},
		"unknown order":         {push(url.Values{"ordernumber": {"NOAIS000000001"}}), `firstcode="5" secondcode="107"`, []payments.Reason{payments.ReasonUnknownNumber}},
		"test mode":             {push(url.Values{"testmode": {"1"}}), `firstcode="15"`, []payments.Reason{payments.ReasonTestMode}},
		"declined":              {push(url.Values{"orderstate": {"Declined"}}), `firstcode="0"`, nil},
		"other secret":          {push(nil, "anything"), `firstcode="7" secondcode="0"`, nil},
		"other merchant":        {push(url.Values{"merchant_id": {"1"}}), `firstcode="5" secondcode="100"`, nil},
		// Whoever has signed a field that says nothing is heard: an operator looks at it.
		"no bill":                   {push(url.Values{"billnumber": {""}}), `firstcode="3" secondcode="143"`, []payments.Reason{payments.ReasonUnreadable}},
		"no number":                 {push(url.Values{"ordernumber": {""}}), `firstcode="3" secondcode="107"`, []payments.Reason{payments.ReasonUnreadable}},
		"no amount":                 {push(url.Values{"orderamount": {""}, "amount": {""}}), `firstcode="3" secondcode="108"`, []payments.Reason{payments.ReasonUnreadable}},
		"no currency":               {push(url.Values{"ordercurrency": {""}, "currency": {""}}), `firstcode="3" secondcode="105"`, []payments.Reason{payments.ReasonUnreadable}},
		"no state":                  {push(url.Values{"orderstate": {""}}), `firstcode="3" secondcode="164"`, []payments.Reason{payments.ReasonUnreadable}},
		"no bill, signed by nobody": {push(url.Values{"billnumber": {""}}, "anything"), `firstcode="7" secondcode="0"`, nil},
		"two amounts":               {append(push(nil), "&orderamount=1.00"...), `firstcode="4" secondcode="108"`, nil},
		"too long":                  {append(push(nil), strings.Repeat("a", assist.MaxPush)...), `firstcode="4"`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := newGatewayFixture(t, "127.0.0.0/8", "")
			answer, _ := d.post("/gateways/assist", formType, c.body, nil)
			require.Contains(t, answer, c.answer)
			require.Equal(t, c.reason, d.unapplied())
			require.Zero(t, d.count("payments WHERE state = 'applied'"))
		})
	}
}
