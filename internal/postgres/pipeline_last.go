package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// closing sends statements together with the commit. It implements db.DBTX.
type closing struct{ p *pipeline }

// Exec implements db.DBTX: the statement waits for the commit, its tag says nothing.
func (c *closing) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if err := c.p.open(); err != nil {
		return pgconn.CommandTag{}, err
	}
	return c.p.late.Exec(ctx, sql, args...)
}

// Query implements db.DBTX; the transaction is committed when all rows are read.
func (c *closing) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	results, err := c.p.close(ctx, statement{sql, args})
	if err != nil {
		return nil, err
	}
	rows, err := results.Query()
	if err != nil {
		return nil, c.after(results)(err)
	}
	return &pipedRows{Rows: rows, then: c.after(results)}, nil
}

// QueryRow implements db.DBTX; the transaction is committed when the row is read.
func (c *closing) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	results, err := c.p.close(ctx, statement{sql, args})
	if err != nil {
		return failedRow{err}
	}
	return pipedRow{row: results.QueryRow(), then: c.after(results)}
}

// after ends the transaction after the answer of the question. No row is an
// answer too.
func (c *closing) after(results pgx.BatchResults) func(error) error {
	return func(err error) error {
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			_ = results.Close()
			return c.p.fail(err)
		}
		if failed := c.p.committed(results); failed != nil {
			return failed
		}
		return err
	}
}
