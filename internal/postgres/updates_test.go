package postgres_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// A change that leaves the stage as it is stays on its page: no index has a column that every change writes.
func TestAChangeOfTheVersionTouchesNoIndex(t *testing.T) {
	b := setup(t)
	b.confirm(b.saved(order.ServiceEmployee))
	for _, table := range []string{"orders", "confirmations"} {
		err := pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
			// The connection counts on from what it did before.
			counted := func() (updated, onPage int) {
				require.NoError(t, tx.QueryRow(t.Context(), `SELECT coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_hot_upd), 0)
					FROM pg_stat_xact_user_tables WHERE relname = $1`, table).Scan(&updated, &onPage))
				return updated, onPage
			}
			updated, onPage := counted()
			name := pgx.Identifier{table}.Sanitize()
			_, err := tx.Exec(t.Context(), "UPDATE "+name+" SET version = version + 1, updated_at = clock_timestamp()")
			nowUpdated, nowOnPage := counted()
			require.Equal(t, 1, nowUpdated-updated, table)
			require.Equal(t, 1, nowOnPage-onPage, table)
			return err
		})
		require.NoError(t, err, table)
	}
}
