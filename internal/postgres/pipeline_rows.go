package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// statement is one with its arguments.
type statement struct {
	sql  string
	args []any
}

// statements are remembered, and not sent. They implement db.DBTX; every
// question is answered with no rows.
type statements []statement

// between makes a batch with a statement before and one after; empty for none.
func (s statements) between(first, last string) *pgx.Batch {
	batch := new(pgx.Batch)
	if first != "" {
		batch.Queue(first)
	}
	for _, next := range s {
		batch.Queue(next.sql, next.args...)
	}
	if last != "" {
		batch.Queue(last)
	}
	return batch
}

// Exec implements db.DBTX.
func (s *statements) Exec(_ context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	*s = append(*s, statement{sql, args})
	return pgconn.CommandTag{}, nil
}

// Query implements db.DBTX.
func (s *statements) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	*s = append(*s, statement{sql, args})
	return noRows{}, nil
}

// QueryRow implements db.DBTX.
func (s *statements) QueryRow(_ context.Context, sql string, args ...any) pgx.Row {
	*s = append(*s, statement{sql, args})
	return noRows{}
}

// noRows is the answer to what was not asked yet. It implements pgx.Rows and pgx.Row.
type noRows struct{ pgx.Rows }

// Next implements pgx.Rows.
func (noRows) Next() bool { return false }

// Close implements pgx.Rows.
func (noRows) Close() {}

// Err implements pgx.Rows.
func (noRows) Err() error { return nil }

// Scan implements pgx.Row.
func (noRows) Scan(...any) error { return pgx.ErrNoRows }

// pipedRow is a row of a batch; then is told how reading it went, and says what comes of it.
type pipedRow struct {
	row  pgx.Row
	then func(error) error
}

// Scan implements pgx.Row.
func (r pipedRow) Scan(dest ...any) error { return r.then(r.row.Scan(dest...)) }

// failedRow is the row of a statement that was not sent.
type failedRow struct{ err error }

// Scan implements pgx.Row.
func (r failedRow) Scan(...any) error { return r.err }

// pipedRows are rows of a batch; then is told after the last one.
type pipedRows struct {
	pgx.Rows
	then func(error) error
	err  error
}

// Next implements pgx.Rows.
func (r *pipedRows) Next() bool {
	next := r.Rows.Next()
	if !next {
		r.Close()
	}
	return next
}

// Close implements pgx.Rows.
func (r *pipedRows) Close() {
	if r.then == nil {
		return
	}
	r.Rows.Close()
	r.err, r.then = r.then(r.Rows.Err()), nil
}

// Err implements pgx.Rows.
func (r *pipedRows) Err() error { return r.err }
