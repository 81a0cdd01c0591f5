package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// eripNetwork is where ERIP calls from in the tests.
const eripNetwork = "192.0.2.0/24"

// gatewayDoors are the addresses of gateways with formats of their own.
func (b *bundle) gatewayDoors(d Dependencies) map[string]http.Handler {
	b.t.Helper()
	now := func() time.Time { return b.now }
	gateway, err := assist.New(assist.Config{
		Host: "https://pay.example.by", MerchantID: "999999", ResultSalt: payments.NewSecret("SECRET"),
	}, http.DefaultClient, now)
	require.NoError(b.t, err)
	provider, err := erip.New(erip.Config{ServiceNo: 1234567}, postgres.NewERIP(b.pool), now)
	require.NoError(b.t, err)
	log := slog.New(slog.DiscardHandler)
	return map[string]http.Handler{
		pathAssist: AssistHandler(assist.NewReceiver(gateway, d.Ledger), log),
		pathERIP:   ERIPHandler(provider, []netip.Prefix{netip.MustParsePrefix(eripNetwork)}, storage.BehindProxies(nil), log),
	}
}

// playGateways is a push of ASSIST and a question of ERIP, and what neither is.
func (b *bundle) playGateways() {
	const formType = "application/x-www-form-urlencoded"
	s := b.at(order.StageAwaitingPayment, "Bearer proprietor")
	number, amount := s.bill.Number.ERIP(), s.bill.Total.String()
	question := erip.Request{
		Type: erip.ServiceInfo, At: b.now, ServiceNo: 1234567, Account: number, Currency: erip.Currency, RequestID: 700100,
	}.Encode()
	b.fromERIP(question).is(http.StatusOK)
	push := url.Values{
		"merchant_id": {"999999"}, "ordernumber": {number}, "billnumber": {"5999999000000009.1"}, "testmode": {"0"}, "orderamount": {amount},
		"ordercurrency": {"BYN"}, "amount": {amount}, "currency": {"BYN"}, "orderstate": {"Approved"}, "responsecode": {"AS000"},
		"packetdate": {"02.03.2026 12:00"},
	}
	push.Set("checkvalue", assist.CheckValue(payments.NewSecret("SECRET"), "999999"+number+amount+"BYN"+"Approved"))
	b.ask(http.MethodPost, pathAssist, "", formType, push.Encode()).is(http.StatusOK)
	b.broken(pathAssist, formType).is(http.StatusBadRequest)

	b.ask(http.MethodPost, pathERIP, "", "text/xml", "<ServiceProvider_Request/>").is(http.StatusForbidden)
}

// fromERIP sends a message from ERIP's networks.
func (b *bundle) fromERIP(document []byte) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, pathERIP, bytes.NewReader(document))
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", "text/xml")
	r.RemoteAddr = "192.0.2.7:40000"
	return b.send(r)
}
