package deploycli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/cli/operator"
	"github.com/remote-issuance/remote-issuance/internal/cli/requestcli"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine"
	"github.com/remote-issuance/remote-issuance/internal/engine/deployment"
	"github.com/remote-issuance/remote-issuance/internal/payload"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func canaryCommand(own string) *cobra.Command {
	var wait time.Duration
	cmd := &cobra.Command{
		Use: "canary [BUILD]", Short: "Let a build try itself before it gets any order", Args: cobra.MaximumNArgs(1),
		Long: "Starts a workflow that is pinned to the build: database and schema, keys of the issuers, registers. It touches no order and issues\n" +
			"nothing. Exits with 1 when the build found a fault. It reads MASTER_KEYS beside what the other commands read.",
	}
	account := operator.AccountFlag(cmd)
	cmd.Flags().DurationVar(&wait, "wait", 2*time.Minute, "how long the build may take")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		build, err := named(args, own)
		if err != nil {
			return err
		}
		c, err := config.LoadCanary(config.Environ())
		if err != nil {
			return err
		}
		by, err := account()
		if err != nil {
			return err
		}
		report, err := try(cmd.Context(), c, build, by, wait)
		if err != nil {
			return advise(err)
		}
		return verdict(cmd, report)
	}
	return cmd
}

// verdict tells what the build found.
func verdict(cmd *cobra.Command, r activities.CanaryReport) error {
	var bad error
	operator.Printf(cmd, "build %s has worked", r.Build)
	for _, f := range r.Findings {
		said := "good"
		if f.Fault != "" {
			said, bad = f.Fault, requestcli.ErrVerdict
		}
		operator.Printf(cmd, "  %-22s %s", f.Name, said)
	}
	if r.Patches != string(config.PatchesHold) {
		operator.Printf(cmd, "It adopts what is new in its workflows: an order that has gone such a way cannot go back to an older build. "+
			"For a way back start it with WORKFLOW_PATCHES=hold.")
	}
	return bad
}

// try runs the canary on the build and waits for what it says.
func try(ctx context.Context, c config.Canary, build, account string, wait time.Duration) (activities.CanaryReport, error) {
	var report activities.CanaryReport
	pool, err := postgres.Connect(ctx, c.Database.URL.Reveal())
	if err != nil {
		return report, fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	keys, err := payload.NewCache(postgres.NewKeys(pool, c.Keys.Master.Keyring()), 8)
	if err != nil {
		return report, err
	}
	temporal, err := engine.Connect(engine.Options{Temporal: c.Temporal, Log: quiet(), Keys: keys})
	if err != nil {
		return report, err
	}
	defer temporal.Close()
	if status, err := deployment.New(temporal, c.Temporal, c.Deployment.Name, account).Status(ctx); err != nil {
		return report, err
	} else if _, ok := status.Version(build); !ok {
		return report, fmt.Errorf("build %s: %w", build, deployment.ErrUnknown)
	}
	run, err := temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: "canary-" + build + "-" + rand.Text(), TaskQueue: c.Temporal.TaskQueue, WorkflowExecutionTimeout: wait,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		VersioningOverride: &client.PinnedVersioningOverride{
			Version: sdkworker.WorkerDeploymentVersion{DeploymentName: c.Deployment.Name, BuildID: build},
		},
	}, workflows.CanaryWorkflow)
	if err != nil {
		return report, fmt.Errorf("start the canary: %w", err)
	}
	waiting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	if err := run.Get(waiting, &report); err != nil {
		if errors.Is(waiting.Err(), context.DeadlineExceeded) || ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", deployment.ErrNoWorkers, err)
		}
		return report, fmt.Errorf("the canary on %s did not come back within %s: %w", build, wait, err)
	}
	if report.Build != build {
		return report, fmt.Errorf("the canary was pinned to %s and %s has worked: look at the workers' TEMPORAL_BUILD_ID", build, report.Build)
	}
	e := audit.Evidence{"deployment": c.Deployment.Name, "build": build, "workflow": run.GetID()}
	return report, record(ctx, pool, account, audit.ActionBuildTried, e)
}
