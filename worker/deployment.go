package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"go.temporal.io/sdk/client"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/engine/deployment"
)

var errUnnamedBuild = errors.New("TEMPORAL_DEPLOYMENT is set and this program was not built as a release: name the build with TEMPORAL_BUILD_ID")

// deploymentOptions let orders, which wait longer than builds last, go on
// under whatever build is current; none without a deployment.
func deploymentOptions(d config.Deployment) sdkworker.DeploymentOptions {
	if !d.Enabled() {
		return sdkworker.DeploymentOptions{}
	}
	return sdkworker.DeploymentOptions{
		UseVersioning: true, Version: sdkworker.WorkerDeploymentVersion{DeploymentName: d.Name, BuildID: d.BuildID},
		DefaultVersioningBehavior: workflow.VersioningBehaviorAutoUpgrade,
	}
}

// preferredVersion says how far a change of workflow code is begun. A build
// that holds its patches writes histories that the build before can read.
func preferredVersion(p config.Patches) sdkworker.PreferredVersionProvider {
	if p != config.PatchesHold {
		return nil
	}
	return func(sdkworker.PreferredVersionProviderInput) *sdkworker.VersionPreference {
		// Where the code for older histories is gone, the oldest it still has.
		return &sdkworker.VersionPreference{Version: workflow.DefaultVersion, ClampToSupportedRange: true}
	}
}

// currentEvery is how often a worker looks whether any build is current.
const currentEvery = time.Minute

// awaitsCurrent is the job that says in the log why nothing moves: workers with
// versions get nothing while none of them is current, and orders would wait
// without an error anywhere.
func awaitsCurrent(c client.Client, t config.Temporal, d config.Deployment, log *slog.Logger) job {
	routing := deployment.New(c, t, d.Name, "")
	return job{"current build", currentEvery, func(ctx context.Context, _ time.Time) error {
		current, err := routing.Current(ctx)
		switch {
		case errors.Is(err, deployment.ErrUnknown):
			// The server learns of the deployment from the first poll.
			return nil
		case err == nil && current == "":
			log.WarnContext(ctx, "no build is current: workers of the deployment get no work until issuance deploy current", "deployment", d.Name, "build", d.BuildID)
		}
		return err
	}}
}
