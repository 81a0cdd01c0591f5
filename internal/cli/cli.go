package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/remote-issuance/remote-issuance/api"
	"github.com/remote-issuance/remote-issuance/internal/cli/auditcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/backupcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/certificatescli"
	"github.com/remote-issuance/remote-issuance/internal/cli/deploycli"
	"github.com/remote-issuance/remote-issuance/internal/cli/paymentscli"
	"github.com/remote-issuance/remote-issuance/internal/cli/privacycli"
	"github.com/remote-issuance/remote-issuance/internal/cli/renewcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/cli/restorecli"
	"github.com/remote-issuance/remote-issuance/internal/cli/statuscli"
	"github.com/remote-issuance/remote-issuance/internal/cli/webhookscli"
	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/portal"
	"github.com/remote-issuance/remote-issuance/worker"
)

// Main runs the program with its arguments (without its name) and returns the
// exit code: 0 done, 1 a negative verdict, 2 anything that kept it from working.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, args, os.Stdout, os.Stderr)
}

func run(ctx context.Context, args []string, out, errOut io.Writer) int {
	root := Root()
	root.SetArgs(args)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err != nil && !errors.Is(err, requestcli.ErrVerdict) && !errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintf(errOut, "issuance: %v\n", err)
	}
	return requestcli.ExitCode(err)
}

// Root is the whole command line.
func Root() *cobra.Command {
	root := &cobra.Command{
		Use: "issuance", Short: "Remote issuance of certificates",
		SilenceErrors: true, SilenceUsage: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		PersistentPreRunE: func(*cobra.Command, []string) error {
			mode, err := config.LoadMode(config.Environ())
			if err != nil {
				return err
			}
			return clock.Follow(string(mode.SandboxClock))
		},
	}
	root.AddCommand(apiCommand(), workerCommand(), portalCommand(), migrateCommand(), healthCommand(), versionCommand(), diagnoseCommand())
	root.AddCommand(requestcli.Commands(backupcli.Command())...)
	root.AddCommand(paymentscli.Command())
	root.AddCommand(auditcli.Commands()...)
	root.AddCommand(certificatescli.Commands()...)
	root.AddCommand(privacycli.Commands()...)
	root.AddCommand(statuscli.Command())
	root.AddCommand(webhookscli.Command())
	root.AddCommand(renewcli.Command())
	root.AddCommand(restorecli.Command())
	root.AddCommand(deploycli.Command(ReadBuild().ID()))
	return root
}

func apiCommand() *cobra.Command {
	return &cobra.Command{
		Use: "api", Short: "Serve the HTTP API", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.LoadAPI(config.Environ())
			if err != nil {
				return err
			}
			return api.Run(cmd.Context(), c)
		},
	}
}

func workerCommand() *cobra.Command {
	return &cobra.Command{
		Use: "worker", Short: "Run workflows and activities", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.LoadWorker(config.Environ())
			if err != nil {
				return err
			}
			c.Deployment.BuildID = cmp.Or(c.Deployment.BuildID, ReadBuild().ID())
			return worker.Run(cmd.Context(), c)
		},
	}
}

func portalCommand() *cobra.Command {
	return &cobra.Command{
		Use: "portal", Short: "Serve the pages of the reference portal", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := config.LoadSite(config.Environ())
			if err != nil {
				return err
			}
			return portal.Run(cmd.Context(), c)
		},
	}
}
