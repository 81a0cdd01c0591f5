package cli

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// prepareWithin is how long migrate waits for the database, and for the Temporal server.
const prepareWithin = 2 * time.Minute

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database to the present schema and register namespace and search attributes",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.LoadMigrate(config.Environ())
			if err != nil {
				return err
			}
			return Migrate(cmd.Context(), c, cmd.OutOrStdout())
		},
	}
}

// Migrate prepares database and Temporal; doing it again changes nothing.
func Migrate(ctx context.Context, c config.Migrate, out io.Writer) error {
	if err := awaitDatabase(ctx, c, out); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	if err := postgres.Migrate(ctx, c.Database.URL.Reveal()); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	_, _ = fmt.Fprintln(out, "database: schema is current")
	ctx, cancel := context.WithTimeout(ctx, prepareWithin)
	defer cancel()
	log := telemetry.NewLogger(io.Discard, telemetry.LogOptions{Level: slog.LevelError, Text: false, Process: "migrate"})
	temporal, err := engine.Plain(c.Temporal, log)
	if err != nil {
		return err
	}
	defer temporal.Close()
	return prepare(ctx, temporal, c.Temporal.Namespace, out)
}

// awaitDatabase waits until the database answers, as long as for the Temporal server.
func awaitDatabase(ctx context.Context, c config.Migrate, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, prepareWithin)
	defer cancel()
	pool, err := postgres.Await(ctx, c.Database.URL.Reveal(), nil, func(err error, pause time.Duration) {
		_, _ = fmt.Fprintf(out, "database: %v; tried again in %s\n", err, pause)
	})
	if err == nil {
		pool.Close()
	}
	return err
}

func prepare(ctx context.Context, temporal client.Client, namespace string, out io.Writer) error {
	if err := engine.Await(ctx, temporal); err != nil {
		return err
	}
	if err := engine.Prepare(ctx, temporal, namespace, workflows.SearchAttributes()...); err != nil {
		return fmt.Errorf("prepare Temporal: %w", err)
	}
	_, _ = fmt.Fprintf(out, "temporal: namespace %s and its search attributes are registered\n", namespace)
	return nil
}
