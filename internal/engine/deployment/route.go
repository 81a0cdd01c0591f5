package deployment

import (
	"context"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
)

// settleWithin is how long a change may take to reach every queue: longer than the minute after which the server tells a queue again.
const settleWithin = 2 * time.Minute

// Ramp gives a build a share of the workflows, from 0 to 100 percent; each
// workflow keeps its side while the share grows. Errors: ErrUnknown, ErrNoWorkers,
// ErrUnsettled.
func (d *Deployment) Ramp(ctx context.Context, buildID string, percent float32) error {
	before, err := d.known(ctx, buildID)
	if err != nil {
		return err
	}
	_, err = d.handle().SetRampingVersion(ctx, client.WorkerDeploymentSetRampingVersionOptions{
		BuildID: buildID, Percentage: percent, ConflictToken: before.token, Identity: d.identity,
	})
	if err != nil {
		return d.explain(err, buildID)
	}
	return d.settled(ctx)
}

// SetCurrent gives a build all workflows, those that wait too, and ends a ramp
// to it. Without a build they go to workers without a version. Errors:
// ErrUnknown, ErrNoWorkers, ErrUnsettled.
func (d *Deployment) SetCurrent(ctx context.Context, buildID string) error {
	before, err := d.known(ctx, buildID)
	if err != nil {
		return err
	}
	return d.setCurrent(ctx, before, buildID)
}

func (d *Deployment) setCurrent(ctx context.Context, before Status, buildID string) error {
	_, err := d.handle().SetCurrentVersion(ctx, client.WorkerDeploymentSetCurrentVersionOptions{
		BuildID: buildID, ConflictToken: before.token, Identity: d.identity,
	})
	if err != nil {
		return d.explain(err, buildID)
	}
	return d.settled(ctx)
}

// Rollback takes all workflows from the newest build: it ends the ramp, or
// makes the build current that was it before. It returns from which build to
// which. Errors: ErrNothingToRollBack, ErrNoWorkers, ErrUnsettled.
func (d *Deployment) Rollback(ctx context.Context) (from, to string, err error) {
	now, err := d.routing(ctx)
	if err != nil {
		return "", "", err
	}
	if now.Ramping != "" {
		_, err = d.handle().SetRampingVersion(ctx, client.WorkerDeploymentSetRampingVersionOptions{
			ConflictToken: now.token, Identity: d.identity,
		})
		if err != nil {
			return "", "", d.explain(err, "")
		}
		return now.Ramping, now.Current, d.settled(ctx)
	}
	before, ok := now.Before()
	if !ok {
		return "", "", ErrNothingToRollBack
	}
	if err := d.polled(ctx, before.BuildID); err != nil {
		return "", "", err
	}
	return now.Current, before.BuildID, d.setCurrent(ctx, now, before.BuildID)
}

// Drained tells whether the workers of a build may be stopped: nothing is
// routed or pinned to it. Errors: ErrUnknown, ErrInUse.
func (d *Deployment) Drained(ctx context.Context, buildID string) (Version, bool, error) {
	s, err := d.Status(ctx)
	if err != nil {
		return Version{}, false, err
	}
	v, ok := s.Version(buildID)
	switch {
	case !ok:
		return Version{}, false, fmt.Errorf("deployment %s, build %s: %w", d.name, buildID, ErrUnknown)
	case v.State == StateCurrent || v.State == StateRamping:
		return v, false, fmt.Errorf("build %s is %s: %w", buildID, v.State, ErrInUse)
	default:
		return v, v.Pinned == 0 && v.State != StateDraining && !s.Changing, nil
	}
}

func (d *Deployment) handle() client.WorkerDeploymentHandle {
	return d.client.WorkerDeploymentClient().GetHandle(d.name)
}

// known is the routing before a change to a build that has to be there.
func (d *Deployment) known(ctx context.Context, buildID string) (Status, error) {
	s, err := d.routing(ctx)
	if err != nil {
		return Status{}, err
	}
	if _, ok := s.Version(buildID); !ok && buildID != "" {
		return Status{}, fmt.Errorf("deployment %s, build %s: %w", d.name, buildID, ErrUnknown)
	}
	return s, d.polled(ctx, buildID)
}

// polledWithin is longer than a poll that gets nothing lasts.
const polledWithin = 70 * time.Second

// polled tells whether a worker of the build polls now: the server would route
// work to a build whose workers have ended, and orders would wait.
func (d *Deployment) polled(ctx context.Context, buildID string) error {
	if buildID == "" {
		return nil
	}
	found, err := d.client.DescribeTaskQueue(ctx, d.queue, enumspb.TASK_QUEUE_TYPE_WORKFLOW)
	if err != nil {
		return fmt.Errorf("who polls %s: %w", d.queue, err)
	}
	for _, p := range found.GetPollers() {
		o := p.GetDeploymentOptions()
		if o.GetDeploymentName() == d.name && o.GetBuildId() == buildID && time.Since(p.GetLastAccessTime().AsTime()) < polledWithin {
			return nil
		}
	}
	return fmt.Errorf("build %s: %w", buildID, ErrNoWorkers)
}

// settled waits until a change has reached every queue. Error: ErrUnsettled.
func (d *Deployment) settled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	for {
		s, err := d.routing(ctx)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrUnsettled, err)
		}
		if !s.Changing {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("deployment %s: %w: %w", d.name, ErrUnsettled, ctx.Err())
		case <-time.After(200 * time.Millisecond):
		}
	}
}
