package intake

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/assist"
)

// The machine that opened the payment may have had a clock of its own.
func TestP4_CardsAreAskedForFromBeforeTheirPaymentWasOpened(t *testing.T) {
	paid := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	var from time.Time
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		part := func(name string) int {
			n, err := strconv.Atoi(r.FormValue("Start" + name))
			if err != nil {
				t.Errorf("Start%s: %v", name, err)
			}
			return n
		}
		from = time.Date(part("Year"), time.Month(part("Month")), part("Day"), part("Hour"), part("Min"), 0, 0, time.UTC)
		_, _ = w.Write([]byte(`<?xml version="1.0" encoding="utf-8"?><result firstcode="0" secondcode="0" count="0"></result>`))
	}))
	defer server.Close()
	gateway, err := assist.New(assist.Config{
		Host: server.URL, MerchantID: "999999", Login: "merchant_1", Password: payments.NewSecret("password"),
		RequestSalt: payments.NewSecret("salt"), ResultSalt: payments.NewSecret("salt"), TestMode: true,
	}, server.Client(), func() time.Time { return paid })
	require.NoError(t, err)
	for _, ahead := range []time.Duration{0, 90 * time.Minute, -90 * time.Minute, 23 * time.Hour} {
		_, err := Cards{Gateway: gateway}.Events(t.Context(), 92239, paid.Add(ahead))
		require.NoError(t, err)
		require.True(t, from.Before(paid), "opened by a clock that is ahead by %s, asked from %s", ahead, from)
	}
}
