package postgres_test

import (
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
