package privacycli_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca/catest"
	"github.com/remote-issuance/remote-issuance/internal/cli/privacycli"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := &cobra.Command{Use: "issuance", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(privacycli.Commands()...)
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestEraseDestroysWhatIsNotEvidence(t *testing.T) {
	address := pgtest.URL(t)
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	t.Setenv("DATABASE_URL", address)
	b := catest.New(t, pool, "../../../deploy/ca/profile.json")
	order := b.Paid(t, "applicant")
	id := order.String()
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m", Key: [seal.KeySize]byte{1}})
	require.NoError(t, err)
	keys := postgres.NewKeys(pool, ring)
	key, err := keys.Begin(t.Context(), "order-"+id, order)
	require.NoError(t, err)

	_, err = run(t, "privacy", "erase", id, "--operator", "op-7")
	require.ErrorIs(t, err, postgres.ErrOrderOpen)
	_, err = run(t, "privacy", "erase", "nobody", "--operator", "op-7")
	require.Error(t, err)

	issuers, err := b.Issuers(nil)
	require.NoError(t, err)
	authority, err := b.Authority(issuers, b.Certificates)
	require.NoError(t, err)
	_, err = authority.Issue(t.Context(), order)
	require.NoError(t, err)
	_, err = run(t, "privacy", "erase", id, "--operator", "op-7")
	require.ErrorIs(t, err, postgres.ErrOrderOpen, "its credentials are still to be sent")
	_, err = pool.Exec(t.Context(), "UPDATE notices SET state = 'sent' WHERE kind = 'issued-credentials'")
	require.NoError(t, err)
	_, err = run(t, "privacy", "erase", id, "--operator", "op-7")
	require.ErrorIs(t, err, postgres.ErrNotErasable, "a process may still encrypt under the key")
	require.Equal(t, 1, count(t, b, "orders WHERE email <> ''"), "all or nothing")

	_, err = pool.Exec(t.Context(), "UPDATE payload_keys SET ended_at = now() - $1::interval", 2*keyring.CurrentTTL)
	require.NoError(t, err)
	out, err := run(t, "privacy", "erase", id, "--operator", "op-7")
	require.NoError(t, err)
	require.Contains(t, out, "erased")
	_, err = keys.ByID(t.Context(), key.ID)
	require.ErrorIs(t, err, keyring.ErrKeyErased)
	for _, gone := range []string{
		"orders WHERE email <> '' OR phone <> ''", "notices WHERE recipient <> '' OR data <> '{}' OR state = 'pending'",
		"credentials WHERE sealed_password IS NOT NULL",
	} {
		require.Zero(t, count(t, b, gone), gone)
	}
	for _, kept := range []string{"certificates WHERE der IS NOT NULL", "documents WHERE kind = 'request'", "payments",
		"audit_entries WHERE action = 'payload-erased' AND actor_id = 'op-7'"} {
		require.Equal(t, 1, count(t, b, kept), kept)
	}
	// Nobody is reminded any more.
	asked, err := postgres.NewReminders(pool).Remind(t.Context(), time.Now().AddDate(1, 0, -1))
	require.NoError(t, err)
	require.Zero(t, asked)
}

func TestMasterKeysAreRotatedByCommand(t *testing.T) {
	address := pgtest.URL(t)
	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	t.Setenv("DATABASE_URL", address)
	t.Setenv("ID_HASH_KEY", base64.StdEncoding.EncodeToString(make([]byte, 32)))
	key := func(name string) string {
		return name + ":" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat(name, 32)))
	}
	ring, err := seal.ParseKeyring(key("a"))
	require.NoError(t, err)
	_, err = postgres.NewKeys(pool, ring).Current(t.Context(), "w")
	require.NoError(t, err)
	_, err = run(t, "master-keys", "rewrap")
	require.Error(t, err)
	t.Setenv("MASTER_KEYS", key("b")+","+key("a"))
	out, err := run(t, "master-keys", "rewrap")
	require.NoError(t, err)
	require.Equal(t, "1 keys sealed anew under b, 0 were already\n0 secrets of webhooks sealed anew under b, 0 were already\n", out)
	out, err = run(t, "master-keys", "rewrap")
	require.NoError(t, err)
	require.Equal(t, "0 keys sealed anew under b, 1 were already\n0 secrets of webhooks sealed anew under b, 0 were already\n", out)
}

func count(t *testing.T, b *catest.Bench, from string) (n int) {
	t.Helper()
	require.NoError(t, b.Pool.QueryRow(t.Context(), "SELECT count(*) FROM "+from).Scan(&n))
	return n
}
