package assist

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

const (
	secretWord = "SECRET"
	password   = "passw0rd8"
)

var noon = time.Date(2025, 6, 1, 9, 16, 0, 0, time.UTC)

func config(host string) Config {
	return Config{
		Host: host, MerchantID: "999999", Login: "merchant_1", Password: payments.NewSecret(password),
		RequestSalt: payments.NewSecret(secretWord), ResultSalt: payments.NewSecret(secretWord),
	}
}

func gateway(t *testing.T, change ...func(*Config)) *Gateway {
	t.Helper()
	cfg := config("https://test.paysec.by/")
	for _, c := range change {
		c(&cfg)
	}
	g, err := New(cfg, http.DefaultClient, func() time.Time { return noon })
	require.NoError(t, err)
	return g
}

func golden(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	require.NoError(t, err)
	return data
}

func TestNewRefusesUnsafeContracts(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"no host":                 func(c *Config) { c.Host = "" },
		"no scheme":               func(c *Config) { c.Host = "payments.paysec.by" },
		"plain http in real work": func(c *Config) { c.Host = "http://payments.paysec.by" },
		"merchant is no number":   func(c *Config) { c.MerchantID = "shop" },
		"results not signed":      func(c *Config) { c.ResultSalt = payments.Secret{} },
	} {
		cfg := config("https://test.paysec.by")
		change(&cfg)
		_, err := New(cfg, http.DefaultClient, time.Now)
		require.Error(t, err, name)
	}
	_, err := New(config("https://test.paysec.by"), nil, time.Now)
	require.Error(t, err)
}

func TestConfigNeverPrintsSecrets(t *testing.T) {
	var out bytes.Buffer
	cfg := config("https://test.paysec.by")
	slog.New(slog.NewTextHandler(&out, nil)).Info("start", "assist", cfg)
	fmt.Fprintf(&out, "%v %+v %#v %s", cfg, cfg, cfg, cfg)
	require.NotContains(t, out.String(), secretWord)
	require.NotContains(t, out.String(), password)
	require.Contains(t, out.String(), "999999")
}

func TestCheckValueOfWorkedExamples(t *testing.T) {
	salt := payments.NewSecret(secretWord)
	require.Equal(t, "09CB5C7F7B03D29C2E2FA13063DCAFA5", CheckValue(salt, "999999;NOAIS000092239;43.20;BYN"))
	require.Equal(t, "DA1BF24A596D50B98EF77E1DE5508106", CheckValue(salt, "999999NOAIS00009223943.20BYNApproved"))
}

func TestP1_PayPage(t *testing.T) {
	page, err := gateway(t).PayPage(Order{Number: 92239, Amount: 4320, Language: Russian, ReturnURL: "https://portal.example/back"})
	require.NoError(t, err)
	require.Equal(t, PayPage{Action: "https://test.paysec.by/pay/order.cfm", Fields: []Field{
		{"Merchant_ID", "999999"}, {"OrderNumber", "NOAIS000092239"}, {"OrderAmount", "43.20"}, {"OrderCurrency", "BYN"},
		{"Language", "RU"}, {"URL_RETURN", "https://portal.example/back"},
		{"Checkvalue", "09CB5C7F7B03D29C2E2FA13063DCAFA5"},
	}}, page)
	require.Equal(t, "43.20", page.Values().Get("OrderAmount"))

	unsigned := gateway(t, func(c *Config) { c.RequestSalt = payments.Secret{} })
	page, err = unsigned.PayPage(Order{Number: 92239, Amount: 4320})
	require.NoError(t, err)
	require.Len(t, page.Fields, 4)

	for _, o := range []Order{{Amount: 1}, {Number: 1}, {Number: 1, Amount: 1, Email: string(make([]byte, 129))}} {
		_, err := gateway(t).PayPage(o)
		require.Error(t, err)
	}
}
