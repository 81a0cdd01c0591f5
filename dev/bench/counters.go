package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// counters are what PostgreSQL has counted so far.
type counters struct {
	// wal and database are octets, of all databases together.
	wal, database int64
	// commits are those of all databases; a server tells them up to ten seconds late.
	commits int64
	// statements are by database, without those that begin and end transactions.
	statements map[string]int64
	// calls are by database and statement.
	calls map[string]map[string]work
}

// work is what a statement has done so far: executions, octets of WAL, and
// milliseconds of planning and execution.
type work struct {
	calls, wal    int64
	planned, done float64
}

// share is the work of a statement for one order.
type share struct{ calls, wal, planned, done float64 }

// since is what was done after before, for each of n orders.
func (w work) since(before work, n float64) share {
	return share{calls: float64(w.calls-before.calls) / n, wal: float64(w.wal-before.wal) / n,
		planned: (w.planned - before.planned) / n, done: (w.done - before.done) / n}
}

func openCounters(ctx context.Context, url string) (*pgx.Conn, error) {
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		return nil, err
	}
	if _, err := c.Exec(ctx, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements"); err != nil {
		return nil, errors.Join(fmt.Errorf("statements cannot be counted: %w; install PostgreSQL's contrib modules", err), c.Close(ctx))
	}
	return c, nil
}

func readCounters(ctx context.Context, c *pgx.Conn) (counters, error) {
	got := counters{statements: map[string]int64{}, calls: map[string]map[string]work{}}
	err := c.QueryRow(ctx, `SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint, sum(pg_database_size(oid))::bigint,
		sum(pg_stat_get_db_xact_commit(oid))::bigint FROM pg_database`).Scan(&got.wal, &got.database, &got.commits)
	if err != nil {
		return got, err
	}
	rows, err := c.Query(ctx, `SELECT d.datname, s.query, sum(s.calls)::bigint, sum(s.wal_bytes)::bigint,
		sum(s.total_plan_time)::float8, sum(s.total_exec_time)::float8
		FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
		WHERE s.query !~* '^\s*(begin|start transaction|commit|rollback|savepoint|release)' GROUP BY 1, 2`)
	if err != nil {
		return got, err
	}
	var name, query string
	var w work
	_, err = pgx.ForEachRow(rows, []any{&name, &query, &w.calls, &w.wal, &w.planned, &w.done}, func() error {
		got.statements[name] += w.calls
		if got.calls[name] == nil {
			got.calls[name] = map[string]work{}
		}
		got.calls[name][query] = w
		return nil
	})
	return got, err
}
