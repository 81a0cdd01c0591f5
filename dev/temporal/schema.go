package temporal

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/log"
	_ "go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql" // registers the plugin postgres12_pgx
	pgschema "go.temporal.io/server/schema/postgresql/v12"
	"go.temporal.io/server/tools/common/schema"
	sqltool "go.temporal.io/server/tools/sql"
)

const postgresPlugin = "postgres12_pgx"

// undefinedTable is the SQLSTATE of a query to a table that is not there.
const undefinedTable = "42P01"

func (p Postgres) store(database string) *config.SQL {
	return &config.SQL{PluginName: postgresPlugin, DatabaseName: database, ConnectAddr: p.Addr, ConnectProtocol: "tcp",
		User: p.User, Password: p.Password, MaxConns: p.MaxConns, MaxIdleConns: p.MaxConns}
}

func (p Postgres) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(p.User, p.Password), Host: p.Addr, Path: "/" + database}
	return u.String()
}

// target is one database and the schema this version of the server wants in it.
type target struct{ name, schema, version string }

func (p Postgres) targets() []target {
	return []target{{p.Database, "postgresql/v12/temporal", pgschema.Version},
		{p.VisibilityDatabase, "postgresql/v12/visibility", pgschema.VisibilityVersion}}
}

// prepareSchema brings both databases to the version this server wants. It asks for the present version first, because on a
// restart nothing is to be done and the update task alone would cost longer than the rest of the start.
func (p Postgres) prepareSchema(ctx context.Context) error {
	admin, err := pgx.Connect(ctx, p.url("postgres"))
	if err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	defer func() { _ = admin.Close(context.WithoutCancel(ctx)) }()
	for _, db := range p.targets() {
		if err := p.prepareDatabase(ctx, admin, db); err != nil {
			return fmt.Errorf("schema of database %s: %w", db.name, err)
		}
	}
	if p.StockSettings {
		return nil
	}
	return p.tune(ctx)
}

func (p Postgres) prepareDatabase(ctx context.Context, admin *pgx.Conn, db target) error {
	var exists bool
	err := admin.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", db.name).Scan(&exists)
	if err != nil {
		return err
	}
	if !exists {
		return p.buildDatabase(ctx, admin, db)
	}
	present, err := p.schemaVersion(ctx, db.name)
	if err != nil || present == db.version {
		return err
	}
	return p.updateSchema(db.name, db.schema, present)
}

// buildDatabase makes the schema in a database of another name and renames it when it is whole: the schema's statements are no
// transaction, and a start that was killed half way must not leave a database that no later start can use.
func (p Postgres) buildDatabase(ctx context.Context, admin *pgx.Conn, db target) error {
	draft := pgx.Identifier{db.name + "_draft"}.Sanitize()
	for _, statement := range []string{"DROP DATABASE IF EXISTS " + draft, "CREATE DATABASE " + draft} {
		if _, err := admin.Exec(ctx, statement); err != nil {
			return err
		}
	}
	if err := p.updateSchema(db.name+"_draft", db.schema, ""); err != nil {
		return err
	}
	if err := p.signAs(ctx, db.name+"_draft", db.name); err != nil {
		return err
	}
	_, err := admin.Exec(ctx, "ALTER DATABASE "+draft+" RENAME TO "+pgx.Identifier{db.name}.Sanitize())
	return err
}

// signAs writes the database's final name beside its schema version, where the server looks for it.
func (p Postgres) signAs(ctx context.Context, database, name string) error {
	conn, err := pgx.Connect(ctx, p.url(database))
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "UPDATE schema_version SET db_name = $1", name)
	return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}

// schemaVersion is the version of the schema in an existing database, "" when there is none.
func (p Postgres) schemaVersion(ctx context.Context, database string) (string, error) {
	conn, err := pgx.Connect(ctx, p.url(database))
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var version string
	err = conn.QueryRow(ctx, "SELECT curr_version FROM schema_version LIMIT 1").Scan(&version)
	if hasState(err, undefinedTable) || errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return version, err
}

func hasState(err error, state string) bool {
	var pgErr *pgconn.PgError
	return errors.As(err, &pgErr) && pgErr.Code == state
}

func (p Postgres) updateSchema(database, schemaName, present string) error {
	quiet := log.NewNoopLogger()
	conn, err := sqltool.NewConnection(p.store(database), quiet)
	if err != nil {
		return err
	}
	defer conn.Close()
	if present == "" {
		if err := schema.NewSetupSchemaTask(conn, &schema.SetupConfig{InitialVersion: "0.0"}, quiet).Run(); err != nil {
			return fmt.Errorf("set up: %w", err)
		}
	}
	if err := schema.NewUpdateSchemaTask(conn, &schema.UpdateConfig{SchemaName: schemaName}, quiet).Run(); err != nil {
		return fmt.Errorf("update: %w", err)
	}
	return nil
}
