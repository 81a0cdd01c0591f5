// Package statuscli holds the command that tells operators whether anything
// needs them.
package statuscli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
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
			"silent registers, failing channels and webhooks, revocation lists that end soon, and an audit log that is not sealed. With --temporal\n" +
			"also for orders whose workflow is closed. Exits with 0 and \"all clear\" when nothing needs you, with 1 and one line for each\n" +
			"concern otherwise, with 2 when it could not look.",
		RunE: operator.Run(func(cmd *cobra.Command, _ []string, s *operator.Session) error {
			sources := status.Sources{Store: postgres.NewStatus(s.Pool), SealedEvery: s.Config.Audit.Every}
			var err error
			if trust != "" {
				if sources.Lists, err = readLists(trust); err != nil {
					return err
				}
			}
			if temporal {
				c, err := connect()
				if err != nil {
					return err
				}
				defer c.Close()
				sources.Engine = server{c}
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

func show(cmd *cobra.Command, r status.Report, asJSON bool) error {
	switch {
	case asJSON:
		if err := operator.PrintJSON(cmd.OutOrStdout(), r); err != nil {
			return err
		}
	case r.Clear():
		operator.Printf(cmd, "all clear at %s", r.At.In(order.Minsk()).Format(time.DateTime))
	default:
		noun := "concerns"
		if len(r.Concerns) == 1 {
			noun = "concern"
		}
		operator.Printf(cmd, "%d %s at %s", len(r.Concerns), noun, r.At.In(order.Minsk()).Format(time.DateTime))
		for _, c := range r.Concerns {
			operator.Printf(cmd, "  %s", c.Line(r.At))
		}
	}
	if !asJSON {
		for _, u := range r.Unseen {
			operator.Printf(cmd, "not looked at: %s", u)
		}
	}
	if !r.Clear() {
		return requestcli.ErrVerdict
	}
	return nil
}

// readLists reads the term of every revocation list of a directory; one that
// cannot be read keeps nobody from seeing the others.
func readLists(dir string) ([]status.List, error) {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return nil, errors.Join(fmt.Errorf("--trust-dir %s: not a directory", dir), err)
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.crl"))
	if err != nil {
		return nil, err
	}
	lists := make([]status.List, 0, len(paths))
	for _, path := range paths {
		list := status.List{Name: filepath.Base(path)}
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		if crl, err := pki.ParseCRLFile(data); err != nil {
			list.Unreadable = true
		} else {
			list.Scope = fmt.Sprintf("%s %t %t", hex.EncodeToString(crl.IssuerName.Raw), crl.Scope.OnlyUsers, crl.Scope.OnlyCAs)
			list.ThisUpdate, list.NextUpdate = crl.ThisUpdate, crl.NextUpdate
		}
		lists = append(lists, list)
	}
	return lists, nil
}

func connect() (client.Client, error) {
	c, err := config.LoadMigrate(config.Environ())
	if err != nil {
		return nil, err
	}
	return engine.Plain(c.Temporal, telemetry.NewLogger(io.Discard, telemetry.LogOptions{Level: slog.LevelError, Text: false, Process: "status"}))
}

// server is a Temporal server.
type server struct{ client client.Client }

// askWithin is how long the server may take to answer.
const askWithin = 10 * time.Second

// Running tells whether a workflow runs; one that the server does not know does not.
func (s server) Running(ctx context.Context, workflowID string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	found, err := s.client.DescribeWorkflowExecution(ctx, workflowID, "")
	var unknown *serviceerror.NotFound
	if errors.As(err, &unknown) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return found.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, nil
}
