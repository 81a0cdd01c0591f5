package enginetest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	deploymentpb "go.temporal.io/api/deployment/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Deployment is the one Worker Deployment of the server, as a test sets it.
type Deployment struct {
	Name string
	// Builds are those that workers have polled for, the oldest first; Alive those that are polled for now, Gone those that were minutes ago.
	Builds, Alive, Gone []string
	// Current and Ramping are builds, LastCurrent when a build was current last.
	Current, Ramping string
	Percent          float32
	LastCurrent      map[string]time.Time
	// Draining are builds that the server still looks at.
	Draining []string
	// Changing says that no change of the routing reaches every queue.
	Changing bool
	// Counts answers queries for numbers of workflows by a part of the query; the first that fits counts.
	Counts []Count
	// By is who changed the routing last.
	By string

	revision int
}

// Count is how many workflows there are for a query with the text in it.
type Count struct {
	Query string
	Found int64
}

// Deploy puts the deployment on the server. The test may change it between calls.
func (s *Server) Deploy(d *Deployment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deployment = d
}

// DescribeWorkerDeployment tells how the test's deployment is routed.
func (s *Server) DescribeWorkerDeployment(
	_ context.Context, in *workflowservice.DescribeWorkerDeploymentRequest,
) (*workflowservice.DescribeWorkerDeploymentResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.deployment
	if d == nil || in.GetDeploymentName() != d.Name {
		return nil, serviceerror.NewNotFound("no such deployment")
	}
	info := &deploymentpb.WorkerDeploymentInfo{Name: d.Name, LastModifierIdentity: d.By, RoutingConfig: &deploymentpb.RoutingConfig{
		CurrentDeploymentVersion: d.version(d.Current), RampingDeploymentVersion: d.version(d.Ramping), RampingVersionPercentage: d.Percent,
	}}
	if d.Changing {
		info.RoutingConfigUpdateState = enumspb.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS
	}
	for _, build := range d.Builds {
		summary := &deploymentpb.WorkerDeploymentInfo_WorkerDeploymentVersionSummary{DeploymentVersion: d.version(build), Status: d.status(build)}
		if at, ok := d.LastCurrent[build]; ok {
			summary.LastCurrentTime = timestamppb.New(at)
		}
		info.VersionSummaries = append(info.VersionSummaries, summary)
	}
	return &workflowservice.DescribeWorkerDeploymentResponse{WorkerDeploymentInfo: info, ConflictToken: d.token()}, nil
}

func (d *Deployment) token() []byte { return []byte(strconv.Itoa(d.revision)) }

func (d *Deployment) version(build string) *deploymentpb.WorkerDeploymentVersion {
	if build == "" {
		return nil
	}
	return &deploymentpb.WorkerDeploymentVersion{DeploymentName: d.Name, BuildId: build}
}

func (d *Deployment) status(build string) enumspb.WorkerDeploymentVersionStatus {
	_, was := d.LastCurrent[build]
	switch {
	case build == d.Current:
		return enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_CURRENT
	case build == d.Ramping:
		return enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_RAMPING
	case slices.Contains(d.Draining, build):
		return enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINING
	case was:
		return enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_DRAINED
	default:
		return enumspb.WORKER_DEPLOYMENT_VERSION_STATUS_INACTIVE
	}
}

// accepts refuses a change that rests on an older state.
func (d *Deployment) accepts(name string, token []byte) error {
	switch {
	case d == nil || name != d.Name:
		return serviceerror.NewNotFound("no such deployment")
	case len(token) > 0 && string(token) != string(d.token()):
		return serviceerror.NewAborted("conflict token mismatch")
	default:
		d.revision++
		return nil
	}
}

// SetWorkerDeploymentCurrentVersion routes everything to a build.
func (s *Server) SetWorkerDeploymentCurrentVersion(
	_ context.Context, in *workflowservice.SetWorkerDeploymentCurrentVersionRequest,
) (*workflowservice.SetWorkerDeploymentCurrentVersionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.deployment
	if err := d.accepts(in.GetDeploymentName(), in.GetConflictToken()); err != nil {
		return nil, err
	}
	d.Current, d.By = in.GetBuildId(), in.GetIdentity()
	if d.Ramping == d.Current {
		d.Ramping, d.Percent = "", 0
	}
	return &workflowservice.SetWorkerDeploymentCurrentVersionResponse{ConflictToken: d.token()}, nil
}

// SetWorkerDeploymentRampingVersion gives a build a share.
func (s *Server) SetWorkerDeploymentRampingVersion(
	_ context.Context, in *workflowservice.SetWorkerDeploymentRampingVersionRequest,
) (*workflowservice.SetWorkerDeploymentRampingVersionResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.deployment
	if err := d.accepts(in.GetDeploymentName(), in.GetConflictToken()); err != nil {
		return nil, err
	}
	d.Ramping, d.Percent, d.By = in.GetBuildId(), in.GetPercentage(), in.GetIdentity()
	return &workflowservice.SetWorkerDeploymentRampingVersionResponse{ConflictToken: d.token()}, nil
}

// DescribeTaskQueue names who polls, whatever the queue.
func (s *Server) DescribeTaskQueue(context.Context, *workflowservice.DescribeTaskQueueRequest) (*workflowservice.DescribeTaskQueueResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := &workflowservice.DescribeTaskQueueResponse{}
	poll := func(builds []string, ago time.Duration) {
		for _, build := range builds {
			out.Pollers = append(out.Pollers, &taskqueuepb.PollerInfo{
				LastAccessTime:    timestamppb.New(time.Now().Add(-ago)),
				DeploymentOptions: &deploymentpb.WorkerDeploymentOptions{DeploymentName: s.deployment.Name, BuildId: build},
			})
		}
	}
	if s.deployment != nil {
		poll(s.deployment.Gone, 2*time.Minute)
		poll(s.deployment.Alive, time.Second)
	}
	return out, nil
}

// CountWorkflowExecutions counts as the deployment says.
func (s *Server) CountWorkflowExecutions(
	_ context.Context, in *workflowservice.CountWorkflowExecutionsRequest,
) (*workflowservice.CountWorkflowExecutionsResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.deployment != nil {
		for _, c := range s.deployment.Counts {
			if strings.Contains(in.GetQuery(), c.Query) {
				return &workflowservice.CountWorkflowExecutionsResponse{Count: c.Found}, nil
			}
		}
	}
	return &workflowservice.CountWorkflowExecutionsResponse{}, nil
}
