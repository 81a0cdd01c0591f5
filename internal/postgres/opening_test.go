package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// A transaction begins with its first statement, whatever form that has.
func TestATransactionBeginsWithItsFirstStatement(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	_, err := pool.Exec(t.Context(), "CREATE TABLE kept (n int UNIQUE)")
	require.NoError(t, err)
	count := func() (n int) {
		require.NoError(t, pool.QueryRow(t.Context(), "SELECT count(*) FROM kept").Scan(&n))
		return n
	}
	statement := func(ctx context.Context, o db.DBTX, form string, n int) error {
		const insert = "INSERT INTO kept VALUES ($1) RETURNING n"
		switch form {
		case "exec":
			tag, err := o.Exec(ctx, insert, n)
			if err == nil && tag.RowsAffected() != 1 {
				err = errors.New("nothing was written")
			}
			return err
		case "row":
			return o.QueryRow(ctx, insert, n).Scan(new(int))
		default:
			rows, err := o.Query(ctx, insert, n)
			if err != nil {
				return err
			}
			read, err := pgx.CollectRows(rows, pgx.RowTo[int])
			if err == nil && (len(read) != 1 || read[0] != n) {
				err = errors.New("another row was read")
			}
			return err
		}
	}
	stopped := errors.New("stopped")
	for i, first := range []string{"exec", "row", "rows"} {
		for k, second := range []string{"exec", "row", "rows"} {
			n := 10*i + 2*k
			for _, end := range []error{stopped, nil, nil} {
				before := count()
				err := postgres.Begin(t.Context(), pool, func(o db.DBTX) error {
					if err := errors.Join(statement(t.Context(), o, first, n), statement(t.Context(), o, second, n+1)); err != nil {
						return err
					}
					require.Equal(t, before, count(), "nobody else sees what is not committed")
					return end
				})
				switch {
				case end != nil:
					require.ErrorIs(t, err, stopped)
					require.Equal(t, before, count(), "%s, %s", first, second)
				case before == 2*(3*i+k):
					require.NoError(t, err, "%s, %s", first, second)
					require.Equal(t, before+2, count())
				default:
					var refused *pgconn.PgError
					require.ErrorAs(t, err, &refused)
					require.Equal(t, "kept_n_key", refused.ConstraintName)
					require.Equal(t, before, count(), "what was there already is refused, and the rest with it")
				}
			}
		}
	}
	require.Zero(t, pool.Stat().AcquiredConns())
}

func TestATransactionWithoutAStatementOrOverALostConnection(t *testing.T) {
	t.Parallel()
	pool := pgtest.New(t)
	require.NoError(t, postgres.Begin(t.Context(), pool, func(db.DBTX) error { return nil }))
	ctx, cancel := context.WithCancel(t.Context())
	err := postgres.Begin(ctx, pool, func(tx db.DBTX) error {
		cancel()
		_, err := db.New(tx).Order(ctx, db.OrderParams{})
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	for _, killed := range []bool{false, true} {
		err = postgres.Begin(t.Context(), pool, func(tx db.DBTX) error {
			q := db.New(tx)
			if killed {
				if err := q.LockEvent(t.Context(), []string{"a"}); err != nil {
					return err
				}
			}
			_, err := pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
			require.NoError(t, err)
			return q.LockEvent(t.Context(), []string{"b"})
		})
		require.Error(t, err)
	}
	require.NoError(t, postgres.Begin(t.Context(), pool, func(tx db.DBTX) error { return db.New(tx).LockEvent(t.Context(), []string{"c"}) }))
	// A connection that is lost is closed in the background.
	require.Eventually(t, func() bool { return pool.Stat().AcquiredConns() == 0 }, 10*time.Second, time.Millisecond)
}
