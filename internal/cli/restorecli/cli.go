// Package restorecli holds the commands that are run after a restore.
package restorecli

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/restore"
	"github.com/remote-issuance/remote-issuance/internal/telemetry"
)

// Command is "restore".
func Command() *cobra.Command {
	return operator.Group("restore", "Look after a restore: what fits no more, what was lost", checkCommand(), lostCommand())
}

func checkCommand() *cobra.Command {
	var repair, asJSON bool
	cmd := &cobra.Command{
		Use: "check", Short: "Compare the workflows that run with the database, and mend what does not fit", Args: cobra.NoArgs,
		Long: "Compares every order and confirmation with its workflow. Run it while no API and no worker runs: what is under way would look like\n" +
			"a difference. --repair mends: the database decides. Exits with 0 when all fits or was mended, with 1 otherwise.",
	}
	account := operator.AccountFlag(cmd)
	cmd.Flags().BoolVar(&repair, "repair", false, "terminate, start anew or tell again what does not fit")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the differences as JSON")
	cmd.RunE = operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
		c, err := config.LoadMigrate(config.Environ())
		if err != nil {
			return err
		}
		by, err := account()
		if err != nil && repair {
			return err
		}
		log := telemetry.NewLogger(io.Discard, telemetry.LogOptions{Level: slog.LevelError, Text: false, Process: "restore"})
		temporal, err := engine.Plain(c.Temporal, log)
		if err != nil {
			return err
		}
		defer temporal.Close()
		store, server := postgres.NewRestored(s.Pool), workflowServer{engine.Executions{Client: temporal}, c.Temporal.Namespace}
		found, err := restore.Compare(cmd.Context(), store, server, clock.Now())
		if err != nil {
			return err
		}
		if asJSON {
			if err := operator.PrintJSON(cmd.OutOrStdout(), append([]restore.Difference{}, found...)); err != nil {
				return err
			}
		}
		for _, d := range found {
			if !asJSON {
				operator.Printf(cmd, "%s", line(d))
			}
			if !repair {
				continue
			}
			done, err := restore.Repair(cmd.Context(), store, server, d, by, clock.Now())
			if err != nil {
				return err
			}
			if !asJSON {
				operator.Printf(cmd, "  %s", done)
			}
		}
		return conclude(cmd, len(found), repair, asJSON)
	})
	return cmd
}

func conclude(cmd *cobra.Command, found int, repaired, asJSON bool) error {
	switch {
	case found > 0 && !repaired:
		if !asJSON {
			operator.Printf(cmd, "%d differences; --repair mends them", found)
		}
		return requestcli.ErrVerdict
	case !asJSON && found == 0:
		operator.Printf(cmd, "every workflow fits its row")
	case !asJSON:
		operator.Printf(cmd, "%d differences mended", found)
	}
	return nil
}

func line(d restore.Difference) string {
	switch d.Kind {
	case restore.KindUnknown:
		return d.WorkflowID + ": runs, and the database does not know it"
	case restore.KindNotRunning:
		return d.WorkflowID + ": open in the database, and nothing runs for it"
	case restore.KindAhead, restore.KindBehind:
		return fmt.Sprintf("%s: %s: the workflow has shown %q, the database has %q", d.WorkflowID, d.Kind, d.Workflow, d.Row)
	default:
		return d.WorkflowID + ": " + string(d.Kind)
	}
}

func lostCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "lost LOG...", Short: "Name the certificates that the workers' logs know and the database does not", Args: cobra.MinimumNArgs(1),
		Long: "Reads logs of workers, as they write them or with a collector's prefix before each line, \"-\" for the standard input. Each line is a\n" +
			"certificate that is out and was lost by a restore: issuer, serial number, order. Exits with 1 when there is one.",
		RunE: operator.Run(func(cmd *cobra.Command, args []string, s *operator.Session) error {
			var signed []restore.Signed
			for _, name := range args {
				found, err := journalOf(cmd, name)
				if err != nil {
					return err
				}
				signed = append(signed, found...)
			}
			if len(signed) == 0 {
				return errors.New("no log names a certificate: give the logs of every worker since the backup, LOG_LEVEL INFO or below")
			}
			lost, err := postgres.NewRestored(s.Pool).UnknownCertificates(cmd.Context(), signed)
			if err != nil {
				return err
			}
			if asJSON {
				if err := operator.PrintJSON(cmd.OutOrStdout(), append([]restore.Signed{}, lost...)); err != nil {
					return err
				}
			} else {
				for _, l := range lost {
					operator.Printf(cmd, "%s %s order %s", l.Issuer, l.Serial, l.Order)
				}
				operator.Printf(cmd, "%d of %d certificates in the logs are lost", len(lost), len(signed))
			}
			if len(lost) > 0 {
				return requestcli.ErrVerdict
			}
			return nil
		}),
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func journalOf(cmd *cobra.Command, name string) ([]restore.Signed, error) {
	if name == "-" {
		return restore.ReadJournal(cmd.InOrStdin())
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return restore.ReadJournal(f)
}
