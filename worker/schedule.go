package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/workflows"
)

const (
	minsk = "Europe/Minsk"
	// remindersCatchup is how late a missed run is made up for: later on the
	// same day it still is the right day.
	remindersCatchup = 12 * time.Hour
	// reconciliationCatchup ends before people would wonder which day is meant.
	reconciliationCatchup = 12 * time.Hour
)

// daily is a workflow without input that starts once a day.
type daily struct {
	// id is that of the schedule and, with the instant behind it, of the workflows.
	id, workflow string
	// hour is the full hour of the start, Minsk time.
	hour int
	// catchup is how late a start that was missed is made up for.
	catchup time.Duration
	comment string
}

// EnsureReminders makes the daily schedule of reminders (R1), or brings the
// one that is there to the present times. An operator's pause stays.
func EnsureReminders(ctx context.Context, c client.Client, taskQueue string) error {
	return daily{
		id: workflows.RemindersSchedule, workflow: workflows.RemindersWorkflow, hour: 9, catchup: remindersCatchup,
		comment: "09:00 in Minsk, every day: people are at work",
	}.ensure(ctx, c, taskQueue)
}

// EnsureReconciliation makes the schedule of the daily comparison of ledger,
// gateways and orders (P4), or brings the one that is there to the present times.
func EnsureReconciliation(ctx context.Context, c client.Client, taskQueue string) error {
	return daily{
		id: workflows.ReconciliationSchedule, workflow: workflows.ReconciliationWorkflow, hour: 6, catchup: reconciliationCatchup,
		comment: "06:00 in Minsk, every day: banks and ERIP have closed theirs",
	}.ensure(ctx, c, taskQueue)
}

func (d daily) ensure(ctx context.Context, c client.Client, taskQueue string) error {
	spec := client.ScheduleSpec{
		Calendars:    []client.ScheduleCalendarSpec{{Hour: []client.ScheduleRange{{Start: d.hour}}, Comment: d.comment}},
		TimeZoneName: minsk,
	}
	action := &client.ScheduleWorkflowAction{ID: d.id, Workflow: d.workflow, TaskQueue: taskQueue}
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: d.id, Spec: spec, Action: action, Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: d.catchup,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		err = c.ScheduleClient().GetHandle(ctx, d.id).Update(ctx, client.ScheduleUpdateOptions{
			DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
				schedule := in.Description.Schedule
				schedule.Spec, schedule.Action = &spec, action
				schedule.Policy = &client.SchedulePolicies{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: d.catchup}
				return &client.ScheduleUpdate{Schedule: &schedule}, nil
			},
		})
	}
	if err != nil {
		return fmt.Errorf("schedule %s: %w", d.id, err)
	}
	return nil
}
