package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"
)

// Database is the connection string of a database whose now() is ahead of the machine's.
type Database string

// PostgreSQL looks names up along the search path. With the system's schema named last, an unqualified now() is that of this schema:
// in queries, and in the defaults of tables that are made from then on.
const shadow = `
CREATE SCHEMA IF NOT EXISTS sandbox;
CREATE TABLE IF NOT EXISTS sandbox.clock (one boolean PRIMARY KEY DEFAULT true CHECK (one), ahead interval NOT NULL);
INSERT INTO sandbox.clock (ahead) VALUES ('0') ON CONFLICT DO NOTHING;
CREATE OR REPLACE FUNCTION sandbox.now() RETURNS timestamptz LANGUAGE sql STABLE
    AS 'SELECT pg_catalog.now() + (SELECT ahead FROM sandbox.clock)';
`

// Prepare lets now() be that of the sandbox in every session that begins afterwards.
func (d Database) Prepare(ctx context.Context, ahead time.Duration) error {
	u, err := url.Parse(string(d))
	if err != nil || len(u.Path) < 2 {
		return errors.New("sandbox: want the address of a database")
	}
	path := "ALTER DATABASE " + pgx.Identifier{u.Path[1:]}.Sanitize() + " SET search_path = public, sandbox, pg_catalog"
	return d.do(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.PgConn().Exec(ctx, shadow+path).ReadAll(); err != nil {
			return err
		}
		return set(ctx, conn, ahead)
	})
}

// Set lets now() be so far ahead.
func (d Database) Set(ctx context.Context, ahead time.Duration) error {
	return d.do(ctx, func(conn *pgx.Conn) error { return set(ctx, conn, ahead) })
}

func set(ctx context.Context, conn *pgx.Conn, ahead time.Duration) error {
	_, err := conn.Exec(ctx, "UPDATE sandbox.clock SET ahead = $1", ahead)
	return err
}

func (d Database) do(ctx context.Context, work func(*pgx.Conn) error) error {
	conn, err := pgx.Connect(ctx, string(d))
	if err == nil {
		err = errors.Join(work(conn), conn.Close(context.WithoutCancel(ctx)))
	}
	if err != nil {
		return fmt.Errorf("the time of the database: %w", err)
	}
	return nil
}

// NextTimer is World.NextTimer by the Temporal server's own table, whose instants are UTC.
func NextTimer(database string) func(ctx context.Context, after time.Time) (time.Time, error) {
	return func(ctx context.Context, after time.Time) (next time.Time, err error) {
		var found *time.Time
		err = Database(database).do(ctx, func(conn *pgx.Conn) error {
			return conn.QueryRow(ctx, "SELECT min(visibility_timestamp) FROM timer_tasks WHERE visibility_timestamp > $1", after.UTC()).Scan(&found)
		})
		if found != nil {
			next = *found
		}
		return next, err
	}
}
