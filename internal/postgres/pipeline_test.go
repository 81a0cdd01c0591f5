package postgres_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// kept is a database with a table of numbers, each once.
func kept(t *testing.T) *pgxpool.Pool {
	t.Helper()
	pool := pgtest.New(t)
	_, err := pool.Exec(t.Context(), "CREATE TABLE kept (n int UNIQUE)")
	require.NoError(t, err)
	return pool
}

func numbers(t *testing.T, pool *pgxpool.Pool) []int {
	t.Helper()
	rows, err := pool.Query(t.Context(), "SELECT n FROM kept ORDER BY n")
	require.NoError(t, err)
	out, err := pgx.CollectRows(rows, pgx.RowTo[int])
	require.NoError(t, err)
	return out
}

// step is a statement that keeps a number, in one of the three forms of a
// statement; in the fourth it reads a row that is not there.
type step struct {
	form, n int
	last    bool
}

var errNothing = errors.New("nothing was written")

// ask makes the statement and tells whether its answer was right.
func (s step) ask(ctx context.Context, tx db.DBTX) error {
	const insert = "INSERT INTO kept VALUES ($1) RETURNING n"
	switch s.form {
	case 0:
		tag, err := tx.Exec(ctx, insert, s.n)
		if err == nil && !s.last && tag.RowsAffected() != 1 {
			err = errNothing
		}
		return err
	case 1:
		var n int
		err := tx.QueryRow(ctx, insert, s.n).Scan(&n)
		if err == nil && n != s.n {
			err = errNothing
		}
		return err
	case 2:
		rows, err := tx.Query(ctx, insert, s.n)
		if err != nil {
			return err
		}
		read, err := pgx.CollectRows(rows, pgx.RowTo[int])
		if err == nil && (len(read) != 1 || read[0] != s.n) {
			err = errNothing
		}
		return err
	default:
		err := tx.QueryRow(ctx, "SELECT n FROM kept WHERE n = $1 AND n < 0", s.n).Scan(new(int))
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		return errors.Join(errNothing, err)
	}
}

var errStopped = errors.New("stopped")

// plan is a transaction: what is sent ahead, asked, and left to the end.
type plan struct {
	steps []step
	// ahead is how many steps are sent ahead, stop after how many it is given up.
	ahead, stop int
}

func randomPlan(r *rand.Rand) plan {
	p := plan{steps: make([]step, r.IntN(6)), stop: 100}
	for i := range p.steps {
		p.steps[i] = step{form: r.IntN(4), n: r.IntN(12)}
	}
	if r.IntN(4) == 0 {
		p.stop = r.IntN(len(p.steps) + 1)
	}
	late := r.IntN(len(p.steps) + 1)
	p.ahead = r.IntN(len(p.steps) - late + 1)
	for i := len(p.steps) - late; i < len(p.steps); i++ {
		p.steps[i].last = true
		if i < len(p.steps)-1 {
			p.steps[i].form = 0 // only the last of them may answer
		}
	}
	return p
}

func (p plan) run(ctx context.Context, tx, last db.DBTX) error {
	for i, s := range p.steps {
		if i == p.stop {
			return errStopped
		}
		on := tx
		if s.last {
			on = last
		}
		if err := s.ask(ctx, on); err != nil {
			return err
		}
	}
	if p.stop == len(p.steps) {
		return errStopped
	}
	return nil
}

// stopsLate tells whether the transaction is given up after a step of its end.
// Whether that step would have been refused nobody knows then.
func (p plan) stopsLate() bool {
	return p.stop > 0 && p.stop <= len(p.steps) && p.steps[p.stop-1].last
}

func cause(err error) string {
	var refused *pgconn.PgError
	switch {
	case errors.As(err, &refused):
		return refused.Code
	case err != nil:
		return err.Error()
	default:
		return ""
	}
}

// What goes over the wire in few round trips comes to what the same statements
// come to one after another.
func TestAPipelinedTransactionIsAPlainOne(t *testing.T) {
	t.Parallel()
	plain, piped := kept(t), kept(t)
	const seed, plans = 7, 1500
	r := rand.New(rand.NewPCG(seed, seed))
	var ended, refused int
	for i := range plans {
		p := randomPlan(r)
		for p.stopsLate() {
			p = randomPlan(r)
		}
		want := pgx.BeginFunc(t.Context(), plain, func(tx pgx.Tx) error { return p.run(t.Context(), tx, tx) })
		ahead := func(q db.DBTX) {
			for _, s := range p.steps[:p.ahead] {
				_ = s.ask(t.Context(), q)
			}
		}
		got := postgres.Pipelined(t.Context(), piped, ahead, func(tx, last db.DBTX) error { return p.run(t.Context(), tx, last) })
		require.Equal(t, cause(want), cause(got), "seed %d, plan %d: %+v", seed, i, p)
		require.Equal(t, numbers(t, plain), numbers(t, piped), "seed %d, plan %d: %+v", seed, i, p)
		require.Zero(t, piped.Stat().AcquiredConns())
		if got == nil {
			ended++
		} else {
			refused++
		}
		if i%50 == 0 {
			for _, pool := range []*pgxpool.Pool{plain, piped} {
				_, err := pool.Exec(t.Context(), "DELETE FROM kept")
				require.NoError(t, err)
			}
		}
	}
	require.Greater(t, ended, plans/10)
	require.Greater(t, refused, plans/10)
}

func traced(t *testing.T, pool *pgxpool.Pool, tracer pgx.QueryTracer) *pgxpool.Pool {
	t.Helper()
	config := pool.Config()
	config.ConnConfig.Tracer = tracer
	out, err := pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(out.Close)
	return out
}

func TestRoundTripsOfATransaction(t *testing.T) {
	t.Parallel()
	count := new(counter)
	pool := traced(t, kept(t), count)
	for name, c := range map[string]struct {
		plan plan
		want int
	}{
		"nothing":             {plan{stop: 100}, 0},
		"one, and the commit": {plan{steps: []step{{form: 0, n: 1}}, stop: 100}, 2},
		"three, two of them together with the beginning, and the commit": {
			plan{steps: []step{{form: 1, n: 2}, {form: 2, n: 3}, {form: 0, n: 4}}, ahead: 2, stop: 100}, 3,
		},
		"everything at the end": {plan{steps: []step{{form: 0, n: 5, last: true}, {form: 0, n: 6, last: true}}, stop: 100}, 1},
		"a question at the end": {plan{steps: []step{{form: 0, n: 7, last: true}, {form: 1, n: 8, last: true}}, stop: 100}, 1},
		"both ends":             {plan{steps: []step{{form: 0, n: 9}, {form: 1, n: 10}, {form: 0, n: 11, last: true}}, ahead: 2, stop: 100}, 2},
	} {
		count.trips = 0
		ahead := func(q db.DBTX) {
			for _, s := range c.plan.steps[:c.plan.ahead] {
				_ = s.ask(t.Context(), q)
			}
		}
		require.NoError(t, postgres.Pipelined(t.Context(), pool, ahead, func(tx, last db.DBTX) error { return c.plan.run(t.Context(), tx, last) }), name)
		require.Equal(t, c.want, count.trips, name)
	}
	require.Len(t, numbers(t, pool), 11)
}
