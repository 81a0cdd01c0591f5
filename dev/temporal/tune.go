package temporal

import (
	"context"
	_ "embed" // for the scripts
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// mainSettings and visibilitySettings are the optional step of an installation that operators take with psql.
var (
	//go:embed main.sql
	mainSettings string
	//go:embed visibility.sql
	visibilitySettings string
)

// tune takes the step on both databases. It can be repeated.
func (p Postgres) tune(ctx context.Context) error {
	for database, script := range map[string]string{p.Database: mainSettings, p.VisibilityDatabase: visibilitySettings} {
		if err := p.run(ctx, database, script); err != nil {
			return fmt.Errorf("settings of database %s: %w", database, err)
		}
	}
	return nil
}

func (p Postgres) run(ctx context.Context, database, script string) error {
	conn, err := pgx.Connect(ctx, p.url(database))
	if err != nil {
		return err
	}
	// The simple protocol takes a script of several statements.
	_, err = conn.PgConn().Exec(ctx, script).ReadAll()
	return errors.Join(err, conn.Close(context.WithoutCancel(ctx)))
}
