package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"github.com/remote-issuance/remote-issuance/dev/stack"
)

// histories are what the workflows of an order cost, those of its confirmation in their share.
type histories struct {
	events, octets, transitions    float64
	tasks, activities, localMarker float64
	// usual are the events of a history, the median by type of workflow: a task that times out on a busy machine adds some.
	usual map[string]int64
}

// sampled is how many histories of each type are read event by event.
const sampled = 20

// ended waits until no workflow of the types runs any more but the orders that were opened to wait.
func (r *rig) ended(ctx context.Context, types map[string]float64) error {
	for kind := range types {
		var left int64
		if kind == orderWorkflow {
			left = r.waiting
		}
		for {
			n, err := r.temporal.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: stack.Namespace,
				Query: fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Running'", kind)})
			if err != nil {
				return err
			}
			if n.GetCount() == left {
				break
			}
			// With many that wait the question itself is work.
			if err := pause(ctx, 20*time.Millisecond+time.Duration(left)*20*time.Microsecond); err != nil {
				return err
			}
		}
	}
	return nil
}

// histories reads the workflows that were started since then. Another number of them than the orders make is an error: some orders
// were lost, or done twice.
func (r *rig) histories(ctx context.Context, c contender, since time.Time, orders int) (histories, error) {
	sum := histories{usual: map[string]int64{}}
	for kind, share := range c.workflows {
		closed, err := r.closed(ctx, kind, since, max(1, int(share*float64(orders)+0.5)))
		if err != nil {
			return sum, err
		}
		var lengths []int64
		for i, w := range closed {
			sum.events += float64(w.GetHistoryLength())
			lengths = append(lengths, w.GetHistoryLength())
			sum.octets += float64(w.GetHistorySizeBytes())
			sum.transitions += float64(w.GetStateTransitionCount())
			if i >= sampled {
				continue
			}
			if err := r.count(ctx, w, &sum, float64(len(closed))/float64(min(len(closed), sampled))); err != nil {
				return sum, err
			}
		}
		slices.Sort(lengths)
		sum.usual[kind] = lengths[len(lengths)/2]
	}
	n := float64(orders)
	return histories{events: sum.events / n, octets: sum.octets / n, transitions: sum.transitions / n, tasks: sum.tasks / n,
		activities: sum.activities / n, localMarker: sum.localMarker / n, usual: sum.usual}, nil
}

// closed lists completed workflows; the list lags a little behind, so that too few are asked for again.
func (r *rig) closed(ctx context.Context, kind string, since time.Time, want int) ([]*workflowpb.WorkflowExecutionInfo, error) {
	query := fmt.Sprintf("WorkflowType = '%s' AND ExecutionStatus = 'Completed' AND StartTime >= '%s'", kind, since.UTC().Format(time.RFC3339Nano))
	for patience := time.Now().Add(10 * time.Second); ; {
		var list []*workflowpb.WorkflowExecutionInfo
		var page []byte
		for {
			got, err := r.temporal.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{Namespace: stack.Namespace, Query: query,
				PageSize: 1000, NextPageToken: page})
			if err != nil {
				return nil, err
			}
			list = append(list, got.GetExecutions()...)
			if page = got.GetNextPageToken(); len(page) == 0 {
				break
			}
		}
		if len(list) == want {
			return list, nil
		}
		if len(list) > want || time.Now().After(patience) {
			return nil, fmt.Errorf("%d workflows of type %s were completed in place of %d", len(list), kind, want)
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (r *rig) count(ctx context.Context, w *workflowpb.WorkflowExecutionInfo, sum *histories, weight float64) error {
	events := r.temporal.GetWorkflowHistory(ctx, w.GetExecution().GetWorkflowId(), w.GetExecution().GetRunId(), false,
		enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return err
		}
		switch e.GetEventType() {
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			sum.tasks += weight
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
			sum.activities += weight
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			sum.localMarker += weight
		default:
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
