package deployment

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	deploymentpb "go.temporal.io/api/deployment/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/remote-issuance/remote-issuance/internal/config"
)

// State is what a build is in its deployment.
type State string

// The states of a build.
const (
	// StateInactive has workers and gets nothing unless it is pinned to it.
	StateInactive State = "inactive"
	// StateRamping gets a share of the workflows.
	StateRamping State = "ramping"
	// StateCurrent gets the rest: everything, without a ramp.
	StateCurrent State = "current"
	// StateDraining was replaced and may still have workflows that are pinned to it.
	StateDraining State = "draining"
	// StateDrained was replaced and has none.
	StateDrained State = "drained"
)

// Errors of deployments.
var (
	// ErrUnknown is returned for a deployment or a build that no worker has ever polled for.
	ErrUnknown = errors.New("no worker has polled for it")
	// ErrNoWorkers is returned when work would go to a build of which no worker polls now.
	ErrNoWorkers = errors.New("no worker of the build polls")
	// ErrNothingToRollBack is returned when nothing ramps and no other build was current before.
	ErrNothingToRollBack = errors.New("nothing ramps, and no other build was current before")
	// ErrUnsettled is returned when a change was made, and it is not known that every queue has heard of it.
	ErrUnsettled = errors.New("the change is made and has not reached every queue")
	// ErrInUse is returned for the drainage of a build that gets work.
	ErrInUse = errors.New("the build gets work")
)

// Version is a build of the deployment.
type Version struct {
	// BuildID is empty for workers without a version.
	BuildID string  `json:"build"`
	State   State   `json:"state"`
	Percent float32 `json:"percent,omitempty"`
	// Since is when the routing to it changed last, LastCurrent when it was current last; zero for never.
	Since       time.Time `json:"since,omitzero"`
	LastCurrent time.Time `json:"lastCurrent,omitzero"`
	// Waiting are running workflows whose last step the build took; all but Pinned go on under the current build.
	Waiting int64 `json:"waiting"`
	Pinned  int64 `json:"pinned"`
}

// Status is how workflows are routed.
type Status struct {
	Name string `json:"deployment"`
	// Current and Ramping are builds; empty for workers without a version, and for none.
	Current string  `json:"current"`
	Ramping string  `json:"ramping,omitempty"`
	Percent float32 `json:"percent,omitempty"`
	// Changing says that the last change has not reached every queue.
	Changing bool `json:"changing,omitempty"`
	// By is who changed the routing last.
	By       string    `json:"by,omitempty"`
	Versions []Version `json:"versions"`
	// Unversioned are running workflows that no build with a version has worked on.
	Unversioned int64 `json:"unversioned"`

	token []byte
}

// Version finds a build; the zero value and false when it is not there.
func (s Status) Version(buildID string) (Version, bool) {
	i := slices.IndexFunc(s.Versions, func(v Version) bool { return v.BuildID == buildID })
	if i < 0 {
		return Version{}, false
	}
	return s.Versions[i], true
}

// Before is the build that was current before the present one; false for none.
func (s Status) Before() (Version, bool) {
	var last Version
	for _, v := range s.Versions {
		if v.BuildID != s.Current && v.LastCurrent.After(last.LastCurrent) {
			last = v
		}
	}
	return last, last.BuildID != ""
}

// Deployment is one Worker Deployment on a server.
type Deployment struct {
	client    client.Client
	namespace string
	queue     string
	name      string
	identity  string
}

// New looks at the deployment of a name, whose workers poll the queue that the
// configuration names; changes are made in the name of identity.
func New(c client.Client, t config.Temporal, name, identity string) *Deployment {
	return &Deployment{client: c, namespace: t.Namespace, queue: t.TaskQueue, name: name, identity: identity}
}

// Status asks how workflows are routed, with how many wait on each build. Error: ErrUnknown.
func (d *Deployment) Status(ctx context.Context) (Status, error) {
	s, err := d.routing(ctx)
	if err != nil {
		return Status{}, err
	}
	for i, v := range s.Versions {
		on := fmt.Sprintf("TemporalWorkerDeploymentVersion = '%s:%s'", d.name, v.BuildID)
		if s.Versions[i].Waiting, err = d.count(ctx, on); err != nil {
			return Status{}, err
		}
		if s.Versions[i].Pinned, err = d.count(ctx, on+" AND TemporalWorkflowVersioningBehavior = 'Pinned'"); err != nil {
			return Status{}, err
		}
	}
	s.Unversioned, err = d.count(ctx, "TemporalWorkerDeploymentVersion IS NULL AND WorkflowType IN ('Order', 'Confirmation')")
	return s, err
}

// Current is the build that is current; empty while workers without a version get the work. Error: ErrUnknown.
func (d *Deployment) Current(ctx context.Context) (string, error) {
	s, err := d.routing(ctx)
	return s.Current, err
}

func (d *Deployment) count(ctx context.Context, query string) (int64, error) {
	n, err := d.client.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: d.namespace, Query: query + " AND ExecutionStatus = 'Running'",
	})
	if err != nil {
		return 0, fmt.Errorf("count workflows: %w", err)
	}
	return n.GetCount(), nil
}

func (d *Deployment) routing(ctx context.Context) (Status, error) {
	found, err := d.client.WorkflowService().DescribeWorkerDeployment(ctx, &workflowservice.DescribeWorkerDeploymentRequest{
		Namespace: d.namespace, DeploymentName: d.name,
	})
	if err != nil {
		return Status{}, d.explain(err, "")
	}
	info := found.GetWorkerDeploymentInfo()
	r := info.GetRoutingConfig()
	s := Status{
		Name: d.name, Current: r.GetCurrentDeploymentVersion().GetBuildId(), Ramping: r.GetRampingDeploymentVersion().GetBuildId(),
		Percent: r.GetRampingVersionPercentage(), By: info.GetLastModifierIdentity(), token: found.GetConflictToken(),
		Changing: info.GetRoutingConfigUpdateState() == enumspb.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS,
	}
	for _, summary := range info.GetVersionSummaries() {
		v := versionOf(summary)
		if v.State == StateRamping {
			v.Percent = s.Percent
		}
		s.Versions = append(s.Versions, v)
	}
	return s, nil
}

func versionOf(v *deploymentpb.WorkerDeploymentInfo_WorkerDeploymentVersionSummary) Version {
	states := map[enumspb.WorkerDeploymentVersionStatus]State{
		enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT: StateCurrent, enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING: StateRamping,
		enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING: StateDraining, enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED: StateDrained,
	}
	state, ok := states[v.GetStatus()]
	if !ok {
		state = StateInactive
	}
	return Version{
		BuildID: v.GetDeploymentVersion().GetBuildId(), State: state, Since: instant(v.GetRoutingUpdateTime()), LastCurrent: instant(v.GetLastCurrentTime()),
	}
}

func instant(t *timestamppb.Timestamp) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.AsTime()
}

// explain names what an error of the server means for operators.
func (d *Deployment) explain(err error, buildID string) error {
	var missing *serviceerror.NotFound
	if errors.As(err, &missing) {
		return fmt.Errorf("deployment %s, build %q: %w", d.name, buildID, ErrUnknown)
	}
	return fmt.Errorf("deployment %s: %w", d.name, err)
}
