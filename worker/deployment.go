package worker

import (
	"errors"

	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/config"
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
