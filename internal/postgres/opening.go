package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// begin runs fn in one transaction and commits it unless fn fails.
func begin(ctx context.Context, pool *pgxpool.Pool, fn func(tx db.DBTX) error) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	// A connection that is still in a transaction is closed by this, and the transaction with it.
	defer conn.Release()
	o := &opening{conn: conn}
	if err := fn(o); err != nil {
		if o.begun {
			_, _ = conn.Exec(ctx, "rollback")
		}
		return err
	}
	if !o.begun {
		return nil
	}
	tag, err := conn.Exec(ctx, "commit")
	if err == nil && tag.String() == "ROLLBACK" {
		return pgx.ErrTxCommitRollback
	}
	return err
}

// opening is a connection whose transaction begins together with its first
// statement: in one round trip, where pgx takes two. It implements db.DBTX.
type opening struct {
	conn  *pgxpool.Conn
	begun bool
}

func (o *opening) first(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	o.begun = true
	var both pgx.Batch
	both.Queue("begin")
	both.Queue(sql, args...)
	results := o.conn.SendBatch(ctx, &both)
	if _, err := results.Exec(); err != nil {
		_ = results.Close()
		return nil, err
	}
	return results, nil
}

// Exec implements db.DBTX.
func (o *opening) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if o.begun {
		return o.conn.Exec(ctx, sql, args...)
	}
	results, err := o.first(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := results.Exec()
	if closed := results.Close(); err == nil {
		err = closed
	}
	return tag, err
}

// Query implements db.DBTX.
func (o *opening) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if o.begun {
		return o.conn.Query(ctx, sql, args...)
	}
	results, err := o.first(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		_ = results.Close()
		return nil, err
	}
	return &firstRows{Rows: rows, results: results}, nil
}

// QueryRow implements db.DBTX.
func (o *opening) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if o.begun {
		return o.conn.QueryRow(ctx, sql, args...)
	}
	results, err := o.first(ctx, sql, args)
	return firstRow{results: results, err: err}
}

// firstRows frees the connection for the next statement with the last row.
type firstRows struct {
	pgx.Rows
	results pgx.BatchResults
	closed  error
}

// Next implements pgx.Rows.
func (r *firstRows) Next() bool {
	next := r.Rows.Next()
	if !next {
		r.Close()
	}
	return next
}

// Close implements pgx.Rows.
func (r *firstRows) Close() {
	if r.results == nil {
		return
	}
	r.Rows.Close()
	r.closed, r.results = r.results.Close(), nil
}

// Err implements pgx.Rows.
func (r *firstRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.closed
}

// firstRow frees the connection for the next statement when it is read.
type firstRow struct {
	results pgx.BatchResults
	err     error
}

// Scan implements pgx.Row.
func (r firstRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	err := r.results.QueryRow().Scan(dest...)
	if closed := r.results.Close(); err == nil {
		err = closed
	}
	return err
}
