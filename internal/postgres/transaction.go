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
	var err error
	for range maxTries {
		err = begin(ctx, pool, func(tx db.DBTX) error { return fn(db.New(tx)) })
		if code := sqlState(err); code != serializationFailure && code != deadlockDetected {
			return err
		}
	}
	return err
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
