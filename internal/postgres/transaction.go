package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// SQLSTATE codes that are acted upon.
const (
	uniqueViolation      = "23505"
	serializationFailure = "40001"
	deadlockDetected     = "40P01"
)

// maxTries bounds how often a transaction that met another one is repeated.
const maxTries = 3

// inTx runs fn in one transaction and commits it unless fn fails. It is
// repeated when the server ended it in favour of another transaction.
func inTx(ctx context.Context, pool *pgxpool.Pool, fn func(q *db.Queries) error) error {
	return inTrips(ctx, pool, nil, func(q, _ *db.Queries) error { return fn(q) })
}

// inTrips is like inTx, in fewer round trips: see pipelined.
func inTrips(ctx context.Context, pool *pgxpool.Pool, ahead func(q *db.Queries), fn func(q, last *db.Queries) error) error {
	var err error
	asked := func(tx db.DBTX) {
		if ahead != nil {
			ahead(db.New(tx))
		}
	}
	for range maxTries {
		err = pipelined(ctx, pool, asked, func(tx, last db.DBTX) error { return fn(db.New(tx), db.New(last)) })
		if code := sqlState(err); code != serializationFailure && code != deadlockDetected {
			return err
		}
	}
	return err
}

// deciding is like inTx for what decides: the changes that fn gathers are
// written together with the commit.
func deciding(ctx context.Context, pool *pgxpool.Pool, fn func(q *db.Queries, c *changes) error) error {
	return decidingAfter(ctx, pool, nil, fn)
}

// decidingAfter is deciding with questions that are sent ahead.
func decidingAfter(ctx context.Context, pool *pgxpool.Pool, ahead func(q *db.Queries), fn func(q *db.Queries, c *changes) error) error {
	return inTrips(ctx, pool, ahead, func(q, last *db.Queries) error {
		var c changes
		if err := fn(q, &c); err != nil {
			return err
		}
		return c.write(ctx, last)
	})
}

// sqlState is the SQLSTATE of a server's error, empty for any other.
func sqlState(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// violates tells whether the error is a violation of the unique constraint or index.
func violates(err error, constraint string) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == uniqueViolation && refused.ConstraintName == constraint
}

// absent turns "no rows" into order.ErrNotFound and names what was looked for.
func absent(err error, what string) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("%s: %w", what, order.ErrNotFound)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return nil
}
