package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

func TestATransactionThatAsksAmissChangesNothing(t *testing.T) {
	t.Parallel()
	pool := kept(t)
	one := step{form: 0, n: 1}
	ahead := func(q db.DBTX) { _ = one.ask(t.Context(), q) }
	for name, other := range map[string]step{"another statement": {form: 3, n: 1}, "another argument": {form: 0, n: 2}} {
		err := postgres.Pipelined(t.Context(), pool, ahead, func(tx, _ db.DBTX) error { return other.ask(t.Context(), tx) })
		require.ErrorIs(t, err, postgres.ErrOutOfOrder, name)
		require.Empty(t, numbers(t, pool), name)
	}
	for form := range 6 {
		err := postgres.Pipelined(t.Context(), pool, nil, func(tx, last db.DBTX) error {
			require.NoError(t, step{form: 1, n: 10 + form, last: true}.ask(t.Context(), last))
			if form < 3 {
				tx = last
			}
			return step{form: form % 3, n: 20, last: true}.ask(t.Context(), tx)
		})
		require.ErrorIs(t, err, postgres.ErrEnded)
	}
	require.Equal(t, []int{10, 11, 12, 13, 14, 15}, numbers(t, pool), "what has ended has ended")
	require.Zero(t, pool.Stat().AcquiredConns())
}

// What cannot be sent fails the transaction for good, also where fn makes nothing of it.
func TestATransactionFailsForGood(t *testing.T) {
	t.Parallel()
	pool := kept(t)
	unsendable := func(tx db.DBTX) { _, _ = tx.Exec(t.Context(), "INSERT INTO kept VALUES ($1)", "no number") }
	for name, fn := range map[string]func(tx, last db.DBTX){
		"first":             func(tx, _ db.DBTX) { unsendable(tx) },
		"second":            func(tx, _ db.DBTX) { _ = step{n: 1}.ask(t.Context(), tx); unsendable(tx) },
		"last":              func(_, last db.DBTX) { unsendable(last) },
		"last of several":   func(tx, last db.DBTX) { _ = step{n: 1}.ask(t.Context(), tx); unsendable(last) },
		"before the last":   func(_, last db.DBTX) { unsendable(last); _ = step{form: 1, n: 1, last: true}.ask(t.Context(), last) },
		"another statement": func(tx, _ db.DBTX) { _ = step{n: 3}.ask(t.Context(), tx) },
	} {
		var ahead func(db.DBTX)
		if name == "another statement" {
			ahead = func(tx db.DBTX) { _ = step{n: 2}.ask(t.Context(), tx) }
		}
		err := postgres.Pipelined(t.Context(), pool, func(tx db.DBTX) {
			if ahead != nil {
				ahead(tx)
			}
		}, func(tx, last db.DBTX) error {
			fn(tx, last)
			_ = step{n: 5}.ask(t.Context(), tx)
			_ = step{n: 6, last: true}.ask(t.Context(), last)
			return nil
		})
		require.Error(t, err, name)
		require.Empty(t, numbers(t, pool), name)
		require.Zero(t, pool.Stat().AcquiredConns(), name)
	}
}

// A commit that the server refuses is no success, whatever the last question was answered.
func TestARefusedCommitIsNoSuccess(t *testing.T) {
	t.Parallel()
	pool := kept(t)
	_, err := pool.Exec(t.Context(), "CREATE TABLE later (n int REFERENCES kept (n) DEFERRABLE INITIALLY DEFERRED)")
	require.NoError(t, err)
	for name, ask := range map[string]string{
		"a row": "INSERT INTO kept VALUES (1) RETURNING n", "no row": "SELECT n FROM kept WHERE n < 0", "": "",
	} {
		err := postgres.Pipelined(t.Context(), pool, nil, func(_, last db.DBTX) error {
			_, err := last.Exec(t.Context(), "INSERT INTO later VALUES (99)")
			require.NoError(t, err)
			if ask == "" {
				return nil
			}
			if err := last.QueryRow(t.Context(), ask).Scan(new(int)); !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			return nil
		})
		require.Equal(t, "23503", cause(err), name)
		require.Empty(t, numbers(t, pool), name)
	}
	require.Zero(t, pool.Stat().AcquiredConns())
}

// What cannot be read of the last answer is an error, and is committed all the same.
func TestALastAnswerThatCannotBeRead(t *testing.T) {
	t.Parallel()
	pool := kept(t)
	err := postgres.Pipelined(t.Context(), pool, nil, func(_, last db.DBTX) error {
		return last.QueryRow(t.Context(), "INSERT INTO kept VALUES (1) RETURNING 'no number'").Scan(new(int))
	})
	require.Error(t, err)
	require.Equal(t, []int{1}, numbers(t, pool))
	require.Zero(t, pool.Stat().AcquiredConns())
}

func TestNobodySeesATransactionBeforeItsEnd(t *testing.T) {
	t.Parallel()
	pool := kept(t)
	ahead := func(q db.DBTX) { _ = step{n: 1}.ask(t.Context(), q) }
	require.NoError(t, postgres.Pipelined(t.Context(), pool, ahead, func(tx, last db.DBTX) error {
		require.NoError(t, step{n: 1}.ask(t.Context(), tx))
		require.NoError(t, step{n: 2}.ask(t.Context(), tx))
		require.NoError(t, step{n: 3, last: true}.ask(t.Context(), last))
		require.Empty(t, numbers(t, pool))
		return nil
	}))
	require.Equal(t, []int{1, 2, 3}, numbers(t, pool))
}

// A connection may be lost before each step of a transaction, the last one included.
func TestATransactionOverALostConnection(t *testing.T) {
	t.Parallel()
	pool := kept(t)
	kill := func() {
		_, err := pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
		require.NoError(t, err)
	}
	steps := []step{{form: 0, n: 1}, {form: 1, n: 2}, {form: 2, n: 3}, {form: 0, n: 4, last: true}, {form: 1, n: 5, last: true}}
	for lost := range steps {
		for ahead := range 3 {
			what := fmt.Sprintf("before step %d, %d sent ahead", lost, ahead)
			err := postgres.Pipelined(t.Context(), pool, func(q db.DBTX) {
				for _, s := range steps[:ahead] {
					_ = s.ask(t.Context(), q)
				}
			}, func(tx, last db.DBTX) error {
				for i, s := range steps {
					if i == lost {
						kill()
					}
					on := tx
					if s.last {
						on = last
					}
					if err := s.ask(t.Context(), on); err != nil {
						return err
					}
				}
				return nil
			})
			require.Error(t, err, what)
			require.Empty(t, numbers(t, pool), what)
		}
	}
	// A connection that is lost is closed in the background.
	require.Eventually(t, func() bool { return pool.Stat().AcquiredConns() == 0 }, 10*time.Second, time.Millisecond)

	ctx, cancel := context.WithCancel(t.Context())
	err := postgres.Pipelined(ctx, pool, nil, func(tx, _ db.DBTX) error {
		cancel()
		return step{n: 1}.ask(ctx, tx)
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Empty(t, numbers(t, pool))
}
