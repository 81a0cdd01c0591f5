package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/activities"
)

const (
	// RemindersWorkflow is the type of the daily run of reminders (R1).
	RemindersWorkflow = "Reminders"
	// RemindersSchedule is the id of the schedule that starts it, and the
	// beginning of its workflow ids.
	RemindersSchedule = "reminders"
)

// reminders only names the activities: its fields are never used.
var reminders *activities.Reminders

// Reminders asks, once a day, for the reminders of certificates that end soon
// (R1). Each reminder is asked for once, however often the workflow runs.
func Reminders(ctx workflow.Context) error {
	workflow.SetCurrentDetails(ctx, "Looks for certificates that end within 30, 14, 7 or 1 days")
	in := activities.SendRemindersInput{At: workflow.Now(ctx)}
	var res activities.SendRemindersResult
	if err := workflow.ExecuteActivity(untilDone(ctx, "ask for reminders", ownStep), reminders.SendReminders, in).Get(ctx, &res); err != nil {
		return err
	}
	workflow.SetCurrentDetails(ctx, fmt.Sprintf("Asked for %d reminders", res.Asked))
	return nil
}
