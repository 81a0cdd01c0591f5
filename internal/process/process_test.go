package process_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

const tariff = `[{"service": "6.0.01", "kind": "employee", "years": 1, "from": "2026-01-01", "amount": 4320}]`

func file(t *testing.T, content string) config.File {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tariff.json")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return config.File(path)
}

// common is the configuration of a process on a database and a server of the test's own.
func common(t *testing.T) (config.Common, *enginetest.Server) {
	t.Helper()
	server := enginetest.New(t)
	c := config.Common{
		Database: config.Database{URL: config.NewSecret(pgtest.URL(t))},
		Temporal: config.Temporal{Address: config.Address(server.Address), Namespace: "test"},
		Keys:     keys(t, "thirty-two bytes to hash with it"),
		Terms:    config.Terms{PolicyDay: 24 * time.Hour, TariffFile: file(t, tariff)},
	}
	return c, server
}

func keys(t *testing.T, hash string) config.Keys {
	t.Helper()
	var k config.Keys
	encode := base64.StdEncoding.EncodeToString
	require.NoError(t, k.Master.UnmarshalText([]byte("m1:"+encode(bytes.Repeat([]byte{7}, 32)))))
	require.NoError(t, k.IDHash.UnmarshalText([]byte(encode([]byte(hash)))))
	return k
}

func open(t *testing.T, c config.Common) *process.Base {
	t.Helper()
	b, err := process.Open(t.Context(), "test", c)
	require.NoError(t, err)
	t.Cleanup(b.Close)
	return b
}

func TestP7_AProcessStartsWithItsTariff(t *testing.T) {
	c, _ := common(t)
	b := open(t, c)
	price, err := b.Tariff.Price(order.ServiceEmployee, order.KindEmployee, 1, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	require.NoError(t, err)
	require.Equal(t, order.Kopecks(4320), price)
	key, err := b.Keys.Current(t.Context(), "order/1")
	require.NoError(t, err)
	require.Equal(t, "order/1", key.WorkflowID)
}

func TestP7_AProcessDoesNotStartWithATariffItCannotUse(t *testing.T) {
	for name, content := range map[string]string{
		"no JSON":              "prices",
		"an object":            "{}",
		"an amount in roubles": `[{"service": "6.0.01", "kind": "employee", "years": 1, "from": "2026-01-01", "amount": 43.20}]`,
		"a kind misspelt":      `[{"service": "6.0.01", "kind": "employe", "years": 1, "from": "2026-01-01", "amount": 4320}]`,
		"a field nobody knows": `[{"service": "6.0.01", "kind": "employee", "years": 1, "from": "2026-01-01", "until": "2026-06-01", "amount": 4320}]`,
		"no price at all":      "[]",
		"a second list":        tariff + tariff,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := process.Open(t.Context(), "test", config.Common{Terms: config.Terms{TariffFile: file(t, content)}})
			require.ErrorContains(t, err, "tariff")
		})
	}
	_, err := process.Open(t.Context(), "test", config.Common{Terms: config.Terms{TariffFile: "no such file"}})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAProcessDoesNotStartWithoutItsDatabaseOrWithBrokenTLS(t *testing.T) {
	c := config.Common{Terms: config.Terms{TariffFile: file(t, tariff)}, Database: config.Database{URL: config.NewSecret("postgres://127.0.0.1:1/none")}}
	// A database that cannot be reached is waited for, as long as the process may run.
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	_, err := process.Open(ctx, "test", c)
	require.ErrorContains(t, err, "database")

	c, _ = common(t)
	c.Temporal.TLSCA = "no such file"
	_, err = process.Open(t.Context(), "test", c)
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestD5_ThePolicyIsThatOfTheRegulationsUnlessDaysAreQuick(t *testing.T) {
	b := &process.Base{Config: config.Common{Terms: config.Terms{PolicyDay: 24 * time.Hour}}}
	require.Equal(t, order.DefaultPolicy(), b.Policy())
	b.Config.Terms.PolicyDay = time.Minute
	require.Equal(t, order.QuickPolicy(time.Minute), b.Policy())
}

func TestA6_PersonsStandInIDsUnderAKeyedHash(t *testing.T) {
	b := &process.Base{Config: config.Common{Keys: keys(t, "thirty-two bytes to hash with it")}}
	other := &process.Base{Config: config.Common{Keys: keys(t, "thirty-two bytes to hash with...")}}
	hash := b.Hash("3010190A001PB9")
	require.Regexp(t, "^[0-9a-f]{32}$", hash)
	require.Equal(t, hash, b.Hash("3010190A001PB9"))
	require.NotEqual(t, hash, b.Hash("4010190A002PB9"))
	require.NotEqual(t, hash, other.Hash("3010190A001PB9"))
	// HMAC-SHA-256 of the text, cut to 16 octets: ids outlive the program.
	require.Equal(t, "ad466905fc946f661ec7026ea4f80b67", hash)
}

func TestHealthIsThatOfTemporalAndDatabase(t *testing.T) {
	c, server := common(t)
	address := freeAddress(t)
	c.Metrics.Address = config.Address(address)
	b := open(t, c)
	served := serve(t, func() error { return b.ServeMetrics(t.Context()) }, address)
	ask := func(path string) (int, string) {
		response, err := http.Get("http://" + address + path)
		require.NoError(t, err)
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		return response.StatusCode, string(body)
	}
	status, _ := ask("/healthz")
	require.Equal(t, http.StatusOK, status)
	status, body := ask("/metrics")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, "pgxpool_max_connections")

	server.Healthy(false)
	status, body = ask("/healthz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Equal(t, "unavailable\n", body, "outsiders are not told what is wrong")
	server.Healthy(true)
	b.Pool.Close()
	status, _ = ask("/healthz")
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Empty(t, served)

	b.Config.Metrics.Address = ""
	require.NoError(t, b.ServeMetrics(t.Context()), "nothing is served where no address is configured")
}
