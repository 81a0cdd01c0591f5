package postgres_test

import (
	"os"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

func TestMigrateByManyProcessesAtOnce(t *testing.T) {
	t.Parallel()
	address := pgtest.Empty(t)
	current, err := postgres.SchemaIsCurrent(t.Context(), address)
	require.NoError(t, err)
	require.False(t, current)

	var all sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		all.Go(func() { errs[i] = postgres.Migrate(t.Context(), address) })
	}
	all.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	current, err = postgres.SchemaIsCurrent(t.Context(), address)
	require.NoError(t, err)
	require.True(t, current)
}

func TestConnectHidesThePassword(t *testing.T) {
	t.Parallel()
	_, err := postgres.Connect(t.Context(), "postgres://someone:very-secret@127.0.0.1:1/nothing")
	require.Error(t, err)
	require.NotContains(t, err.Error(), "very-secret")
}

// A release runs beside its successor, and after a rollback on what that has left: see dev/e2e for orders that do.
func TestMigrateLeavesTheNextReleasesSchemaAlone(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	next, err := os.ReadFile("../../dev/e2e/testdata/next/00099_next.sql")
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), up(string(next)))
	require.NoError(t, err)
	_, err = pool.Exec(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, true)")
	require.NoError(t, err)
	address := pool.Config().ConnString()
	current, err := postgres.SchemaIsCurrent(t.Context(), address)
	require.NoError(t, err)
	require.True(t, current, "the API of this release stays ready")
	require.NoError(t, postgres.Migrate(t.Context(), address))
	var version, columns int
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT max(version_id) FROM goose_db_version WHERE is_applied").Scan(&version))
	require.Equal(t, 99, version)
	require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM information_schema.columns WHERE table_name = 'orders' AND column_name = 'next_remark'").Scan(&columns))
	require.Equal(t, 1, columns)
}
