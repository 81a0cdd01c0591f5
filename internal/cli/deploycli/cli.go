// Package deploycli holds the commands that roll a build of the worker out
// under waiting orders, and back.
package deploycli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/deployment"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// Command is "deploy". The build is the one that commands mean when none is named.
func Command(build string) *cobra.Command {
	cmd := operator.Group("deploy", "Roll a build of the worker out under waiting orders, and back",
		statusCommand(), canaryCommand(build), rampCommand(build), currentCommand(build), rollbackCommand(), drainCommand())
	cmd.Long = "Workers of TEMPORAL_DEPLOYMENT have versions. A new build starts beside the old one and gets nothing; then: canary, ramp, current,\n" +
		"and rollback at any time; drain tells when the workers of the old one may be stopped. docs/operations.md has the runbook."
	return cmd
}

// session is a command's connection to server and database.
type session struct {
	deployment *deployment.Deployment
	pool       *pgxpool.Pool
	account    string
	name       string
	close      func()
}

func open(ctx context.Context, account func() (string, error)) (*session, error) {
	c, err := config.LoadDeploy(config.Environ())
	if err != nil {
		return nil, err
	}
	s := &session{name: c.Deployment.Name, close: func() {}}
	if s.account, err = account(); err != nil {
		return nil, err
	}
	temporal, err := plain(c.Temporal)
	if err != nil {
		return nil, err
	}
	if s.pool, err = postgres.Connect(ctx, c.Database.URL.Reveal()); err != nil {
		temporal.Close()
		return nil, fmt.Errorf("database: %w", err)
	}
	s.deployment = deployment.New(temporal, c.Temporal, s.name, s.account)
	s.close = func() { temporal.Close(); s.pool.Close() }
	return s, nil
}

// nobody stands in for the account of commands that only look.
func nobody() (string, error) { return "", nil }

func plain(t config.Temporal) (client.Client, error) {
	return engine.Plain(t, quiet())
}

func quiet() *slog.Logger {
	return telemetry.NewLogger(io.Discard, telemetry.LogOptions{Level: slog.LevelError, Text: false, Process: "deploy"})
}

// record keeps in the audit log what was changed.
func record(ctx context.Context, pool *pgxpool.Pool, account string, action audit.Action, evidence audit.Evidence) error {
	_, err := postgres.NewAudit(pool).Append(ctx, audit.Event{
		At: clock.Now(), Actor: audit.Actor{Kind: audit.ActorOperator, ID: account}, Action: action, Evidence: evidence,
	})
	if err != nil {
		return fmt.Errorf("it is done, and the audit log does not say so: %w", err)
	}
	return nil
}

// named is the build that a command means.
func named(args []string, own string) (string, error) {
	build := own
	if len(args) > 0 {
		build = args[0]
	}
	if build == "" {
		return "", errors.New("this program was not built as a release: name the build")
	}
	if !config.ValidBuildID(build) {
		return "", fmt.Errorf("build %q: want letters, digits, dots, hyphens and underscores", build)
	}
	return build, nil
}

// advise adds what to do next to what is wrong.
func advise(err error) error {
	for of, advice := range map[error]string{
		deployment.ErrUnknown:           "start a worker with TEMPORAL_DEPLOYMENT and this build, then look at: issuance deploy status",
		deployment.ErrNoWorkers:         "start a worker of it first: whoever gets no answer waits",
		deployment.ErrNothingToRollBack: "issuance deploy current BUILD names one, --unversioned goes back to workers without versions",
		deployment.ErrUnsettled:         "issuance deploy status tells when it has",
		deployment.ErrInUse:             "make another build current first, or end the ramp: issuance deploy rollback",
	} {
		if errors.Is(err, of) {
			return fmt.Errorf("%w; %s", err, advice)
		}
	}
	return err
}

// shown is how people read a build.
func shown(build string) string {
	if strings.TrimSpace(build) == "" {
		return "unversioned workers"
	}
	return build
}
