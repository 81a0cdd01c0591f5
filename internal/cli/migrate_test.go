package cli

import (
	"context"
	"net/url"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/engine/enginetest"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestMigratePreparesDatabaseAndTemporalAndAgainChangesNothing(t *testing.T) {
	database, server := pgtest.Empty(t), enginetest.New(t)
	environment := map[string]string{"DATABASE_URL": database, "TEMPORAL_ADDRESS": server.Address, "TEMPORAL_NAMESPACE": "issuance-test"}
	var first int
	for range 2 {
		code, out, errOut := started(t, environment, "migrate")
		require.Zero(t, code, errOut)
		require.Equal(t,
			"database: schema is current\ntemporal: namespace issuance-test and its search attributes are registered\n", out)
		require.Contains(t, server.Namespaces(), "issuance-test")
		require.Len(t, server.Attributes(), len(workflows.SearchAttributes()))
		if first == 0 {
			first = tables(t, database)
			require.Positive(t, first)
		}
		require.Equal(t, first, tables(t, database))
	}
}

func tables(t *testing.T, database string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.WithoutCancel(t.Context()))) }()
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'").Scan(&n))
	return n
}

func TestMigrateTellsWhatItCouldNotPrepare(t *testing.T) {
	server := enginetest.New(t)
	// A server that is not there yet would be waited for; a database that it does not have is not.
	absent, err := url.Parse(pgtest.URL(t))
	require.NoError(t, err)
	absent.Path = "/there_is_no_such_database"
	code, _, errOut := started(t, map[string]string{"DATABASE_URL": absent.String(), "TEMPORAL_ADDRESS": server.Address}, "migrate")
	require.Equal(t, 2, code)
	require.Contains(t, errOut, `"there_is_no_such_database" does not exist`)
	require.Empty(t, server.Namespaces())

	ca := t.TempDir() + "/none.pem"
	code, out, errOut := started(t, map[string]string{
		"DATABASE_URL": pgtest.URL(t), "TEMPORAL_ADDRESS": server.Address, "TEMPORAL_TLS_CA": ca,
	}, "migrate")
	require.Equal(t, 2, code)
	require.Contains(t, errOut, "none.pem")
	require.NotContains(t, out, "temporal")
}
