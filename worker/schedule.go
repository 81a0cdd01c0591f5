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
	// remindersHour is when reminders go out, Minsk time: people are at work.
	remindersHour = 9
	// remindersCatchup is how late a missed run is made up for: later on the
	// same day it still is the right day.
	remindersCatchup = 12 * time.Hour
	minsk            = "Europe/Minsk"
)

// EnsureReminders makes the daily schedule of reminders (R1), or brings the
// one that is there to the present times. An operator's pause stays.
func EnsureReminders(ctx context.Context, c client.Client, taskQueue string) error {
	spec := client.ScheduleSpec{
		Calendars: []client.ScheduleCalendarSpec{{
			Hour: []client.ScheduleRange{{Start: remindersHour}}, Comment: "09:00 in Minsk, every day",
		}},
		TimeZoneName: minsk,
	}
	action := &client.ScheduleWorkflowAction{
		ID: workflows.RemindersSchedule, Workflow: workflows.RemindersWorkflow, TaskQueue: taskQueue,
	}
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID: workflows.RemindersSchedule, Spec: spec, Action: action,
		Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: remindersCatchup,
	})
	if err == nil {
		return nil
	}
	if !errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("schedule of reminders: %w", err)
	}
	err = c.ScheduleClient().GetHandle(ctx, workflows.RemindersSchedule).Update(ctx, client.ScheduleUpdateOptions{
		DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
			schedule := in.Description.Schedule
			schedule.Spec, schedule.Action = &spec, action
			schedule.Policy = &client.SchedulePolicies{
				Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP, CatchupWindow: remindersCatchup,
			}
			return &client.ScheduleUpdate{Schedule: &schedule}, nil
		},
	})
	if err != nil {
		return fmt.Errorf("schedule of reminders: %w", err)
	}
	return nil
}
