package webhookscli_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/cli/webhookscli"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/seal"
	"github.com/remote-issuance/remote-issuance/internal/webhook"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := webhookscli.Command()
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&out)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(t.Context())
	return out.String(), err
}

func setup(t *testing.T) (*pgxpool.Pool, webhook.Endpoint) {
	t.Helper()
	pool := pgtest.New(t)
	t.Setenv("DATABASE_URL", pool.Config().ConnString())
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte{1}})
	require.NoError(t, err)
	made, _, err := postgres.NewWebhooks(pool, ring).Create(t.Context(), webhook.Endpoint{
		ID: order.NewID(), Client: webhook.Client{Key: "c", UNP: "190000020"}, URL: "https://a.example/hook", Description: "архив",
	}, webhook.NewSecret(), time.Now())
	require.NoError(t, err)
	return pool, made
}

func TestOperatorsListReplayAndSwitchWebhooks(t *testing.T) {
	pool, made := setup(t)
	id := made.ID.String()
	_, err := pool.Exec(t.Context(), "SELECT write_event('order', $1, 'terms', 'terms', 1, 1, '190000020')", order.NewID().String())
	require.NoError(t, err)
	out, err := run(t, "list")
	require.NoError(t, err)
	require.Contains(t, out, "https://a.example/hook")
	require.Contains(t, out, "190000020")
	out, err = run(t, "list", "--failing", "--json")
	require.NoError(t, err)
	require.JSONEq(t, "[]", out)

	_, err = postgres.NewEvents(pool).Place(t.Context(), 10)
	require.NoError(t, err)
	_, err = run(t, "enable", "b.example", "--operator", "anna")
	require.ErrorContains(t, err, "0 webhooks lead to")
	_, err = run(t, "enable", "a.example", "--operator", "anna")
	require.NoError(t, err)
	_, err = run(t, "enable", "https://a.example/hook", "--operator", "anna")
	require.NoError(t, err)
	out, err = run(t, "replay", id, "--after", "0", "--operator", "anna")
	require.NoError(t, err)
	require.Equal(t, "1 events are on their way, up to position 1\n", out)
	_, err = run(t, "replay", id, "--operator", "anna")
	require.ErrorContains(t, err, "after")
	_, err = run(t, "replay", id, "--after", "7", "--operator", "anna")
	require.ErrorIs(t, err, postgres.ErrPosition)
	_, err = run(t, "replay", order.NewID().String(), "--after", "0", "--operator", "anna")
	require.ErrorIs(t, err, order.ErrNotFound)

	out, err = run(t, "disable", id, "--operator", "anna")
	require.NoError(t, err)
	require.Equal(t, "webhook "+id+" is disabled\n", out)
	out, err = run(t, "list", "--failing", "--json")
	require.NoError(t, err)
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list, 1)
	require.Equal(t, "operator", list[0]["cause"])
	require.EqualValues(t, 1, list[0]["pending"])
	out, err = run(t, "enable", id, "--operator", "anna")
	require.NoError(t, err)
	require.Equal(t, "webhook "+id+" is enabled\n", out)
	var audited int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM audit_entries WHERE actor_id = 'anna' AND evidence ->> 'webhook' = $1", id).Scan(&audited))
	require.Equal(t, 5, audited)
	_, err = run(t, "enable", "x", "--operator", "anna")
	require.ErrorContains(t, err, "0 webhooks lead to \"x\"")
}
