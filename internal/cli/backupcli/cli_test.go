package backupcli_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/backups"
	"github.com/remote-issuance/remote-issuance/internal/cli/backupcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/statuscli"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

func run(t *testing.T, args ...string) (string, error) {
	t.Helper()
	root := &cobra.Command{Use: "issuance", SilenceErrors: true, SilenceUsage: true}
	root.AddCommand(backupcli.Command(), statuscli.Command())
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(t.Context())
	return out.String(), err
}

func TestAnOperatorConfirmsBackups(t *testing.T) {
	address := pgtest.URL(t)
	t.Setenv("DATABASE_URL", address)
	t.Setenv("TRUST_DIR", "")
	t.Setenv("KEY_BACKUP_HOLDS", "48h")
	_, err := run(t, "backup", "list")
	require.ErrorContains(t, err, "start one")
	_, err = run(t, "backup", "confirm", "--all", "--operator", "operator-7")
	require.ErrorContains(t, err, "start one")

	pool, err := postgres.Connect(t.Context(), address)
	require.NoError(t, err)
	defer pool.Close()
	store, key := postgres.NewKeyBackups(pool), backups.Key("ca-key/issuing/1")
	require.NoError(t, store.See(t.Context(), []backups.Key{key, "master-key/m1/2"}, time.Now()))
	out, err := run(t, "status")
	require.Error(t, err)
	require.Contains(t, out, "unconfirmed-backup: 2 keys")
	require.Contains(t, out, "ca-key/issuing/1, master-key/m1/2")
	for _, args := range [][]string{
		{"--operator", "operator-7"}, {"--all", string(key), "--operator", "operator-7"}, {string(key), "--operator", ""},
		{"ca-key/issuing/2", "--operator", "operator-7"}, {"--all", "--operator", "somebody@example.by"},
	} {
		_, err = run(t, append([]string{"backup", "confirm"}, args...)...)
		require.Error(t, err, args)
	}
	out, err = run(t, "backup", "list")
	require.NoError(t, err)
	require.Contains(t, out, "ca-key/issuing/1  never tried")

	_, err = run(t, "backup", "confirm", string(key), "--operator", "operator-7")
	require.NoError(t, err)
	out, err = run(t, "backup", "list")
	require.NoError(t, err)
	require.Regexp(t, `ca-key/issuing/1  tried .* by operator-7, holds until`, out)
	_, err = run(t, "backup", "confirm", "--all", "--operator", "operator-7")
	require.NoError(t, err)
	out, err = run(t, "status")
	require.NoError(t, err, out)
	require.Contains(t, out, "all clear")
}
