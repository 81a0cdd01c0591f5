package sandbox

import (
	"context"
	"errors"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

const (
	// look is the pause between two looks, patience how long work may go on before time passes over it.
	look     = 150 * time.Millisecond
	patience = 10 * time.Second
	// most is how many workflows are looked at, the youngest first.
	most = 100
)

// Settle is World.Settle: it waits until no workflow has anything to do, seen twice. What fails and is tried again later is no work,
// and after a patience time passes over the rest, as it does over a process that is slow.
func Settle(c client.Client) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		idle := 0
		for end := time.Now().Add(patience); idle < 2 && time.Now().Before(end); {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(look):
			}
			busy, err := anyBusy(ctx, c)
			if err != nil {
				return err
			}
			idle++
			if busy {
				idle = 0
			}
		}
		return nil
	}
}

func anyBusy(ctx context.Context, c client.Client) (bool, error) {
	list, err := c.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{PageSize: most, Query: "ExecutionStatus = 'Running'"})
	if err != nil {
		return false, err
	}
	for _, w := range list.GetExecutions() {
		described, err := c.DescribeWorkflowExecution(ctx, w.GetExecution().GetWorkflowId(), w.GetExecution().GetRunId())
		var gone *serviceerror.NotFound
		switch {
		case errors.As(err, &gone):
			continue
		case err != nil:
			return false, err
		}
		if described.GetPendingWorkflowTask() != nil || anyUnderWay(described.GetPendingActivities()) {
			return true, nil
		}
	}
	return false, nil
}

func anyUnderWay(activities []*workflowpb.PendingActivityInfo) bool {
	for _, a := range activities {
		if a.GetAttempt() <= 1 || a.GetState() == enumspb.PENDING_ACTIVITY_STATE_STARTED {
			return true
		}
	}
	return false
}
