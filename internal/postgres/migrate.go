package postgres

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrationLock is the advisory lock under which the schema is changed.
const migrationLock int64 = 0x69737375616e6365

// Migrate brings the schema up to date. Any number of processes may call it at
// once: one changes the schema, the others wait for it.
func Migrate(ctx context.Context, databaseURL string) error {
	config, err := singleConn(databaseURL)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("reach database: %w", err)
	}
	// Closing the connection releases the lock, whatever has happened.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("lock schema: %w", err)
	}
	provider, err := newMigrations(config)
	if err != nil {
		return err
	}
	defer func() { _ = provider.Close() }()
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate schema: %w", err)
	}
	return nil
}

// SchemaIsCurrent tells whether every migration that this program knows has
// been applied; readiness checks ask it.
func SchemaIsCurrent(ctx context.Context, databaseURL string) (bool, error) {
	config, err := singleConn(databaseURL)
	if err != nil {
		return false, err
	}
	provider, err := newMigrations(config)
	if err != nil {
		return false, err
	}
	defer func() { _ = provider.Close() }()
	pending, err := provider.HasPending(ctx)
	if err != nil {
		return false, fmt.Errorf("read schema version: %w", err)
	}
	return !pending, nil
}

func newMigrations(config *pgx.ConnConfig) (*goose.Provider, error) {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, fmt.Errorf("embedded migrations: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDB(*config), files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return nil, fmt.Errorf("embedded migrations: %w", err)
	}
	return provider, nil
}

// SchemaVersion names the schema that this program knows: a hash over all
// migrations, as 16 hexadecimal digits.
func SchemaVersion() string {
	sum := sha256.New()
	names, _ := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range names {
		// Reading an embedded file that was just listed cannot fail.
		content, _ := migrations.ReadFile(name)
		sum.Write(content)
	}
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
