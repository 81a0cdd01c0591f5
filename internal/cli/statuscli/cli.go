// Package statuscli holds the command that tells operators whether anything
// needs them.
package statuscli

import (
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/status"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// Command is "status".
func Command() *cobra.Command {
	var asJSON, temporal bool
	var trust string
	cmd := &cobra.Command{
		Use: "status", Short: "Tell whether anything needs an operator", Args: cobra.NoArgs,
		Long: "Looks for unapplied money, orders past their deadline, workflows that were not started, paid orders without a certificate,\n" +
			"silent registers, failing channels and webhooks, revocation lists that end soon, an audit log that is not sealed,\n" +
			"and keys whose backup nobody has tried. With --temporal also for orders whose workflow is closed or cannot go on. Exits with 0 and \"all clear\" when nothing needs you, with 1 and one line for each\n" +
			"concern otherwise, with 2 when it could not look.",
		RunE: operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
			sources := status.Sources{
				Store: postgres.NewStatus(s.Pool), SealedEvery: s.Config.Sealing.Every, BackupsHold: s.Config.Backups.Hold,
				Links: status.Links{Runbook: s.Config.Links.Runbook.String(), TemporalUI: s.Config.Links.TemporalUI.String(), Namespace: s.Config.Namespace.Name},
			}
			var err error
			if trust != "" {
				if sources.Lists, err = status.ReadLists(trust); err != nil {
					return fmt.Errorf("--trust-dir: %w", err)
				}
			}
			if temporal {
				c, err := connect()
				if err != nil {
					return err
				}
				defer c.Close()
				sources.Engine = engine.Executions{Client: c}
			}
			report, err := status.Look(cmd.Context(), sources, clock.Now())
			if err != nil {
				return err
			}
			return show(cmd, report, asJSON)
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	cmd.Flags().BoolVar(&temporal, "temporal", false, "also ask the Temporal server (TEMPORAL_ADDRESS) whether the workflows of open orders run")
	cmd.Flags().StringVar(&trust, "trust-dir", os.Getenv("TRUST_DIR"), "directory with the revocation lists to look at")
	return cmd
}

// unseen says how it is looked at.
var unseen = map[status.Unseen]string{
	status.UnseenWorkflows: "workflows: --temporal asks the Temporal server",
	status.UnseenLists:     "revocation lists: --trust-dir, or TRUST_DIR",
}

func show(cmd *cobra.Command, r status.Report, asJSON bool) error {
	switch {
	case asJSON:
		if err := operator.PrintJSON(cmd.OutOrStdout(), r); err != nil {
			return err
		}
	case r.Clear():
		operator.Printf(cmd, "all clear at %s", operator.Stamp(r.At))
	default:
		noun := "concerns"
		if len(r.Concerns) == 1 {
			noun = "concern"
		}
		operator.Printf(cmd, "%d %s at %s", len(r.Concerns), noun, operator.Stamp(r.At))
		for _, c := range r.Concerns {
			operator.Printf(cmd, "  %s", c.Line(r.At))
		}
	}
	if !asJSON {
		for _, u := range r.Unseen {
			operator.Printf(cmd, "not looked at: %s", unseen[u])
		}
	}
	if !r.Clear() {
		return requestcli.ErrVerdict
	}
	return nil
}

func connect() (client.Client, error) {
	c, err := config.LoadMigrate(config.Environ())
	if err != nil {
		return nil, err
	}
	return engine.Plain(c.Temporal, telemetry.NewLogger(io.Discard, telemetry.LogOptions{Level: slog.LevelError, Text: false, Process: "status"}))
}
