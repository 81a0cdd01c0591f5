package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/workflows"
)

// server is a Temporal server that answers the making of a schedule with the error.
func server(t *testing.T, answer error) (*mocks.Client, *mocks.ScheduleClient, *mocks.ScheduleHandle) {
	t.Helper()
	c, schedules, handle := mocks.NewClient(t), mocks.NewScheduleClient(t), mocks.NewScheduleHandle(t)
	c.On("ScheduleClient").Return(schedules)
	schedules.On("Create", mock.Anything, mock.MatchedBy(func(o client.ScheduleOptions) bool {
		action, ok := o.Action.(*client.ScheduleWorkflowAction)
		return ok && o.ID == workflows.RemindersSchedule && action.TaskQueue == "queue" && action.Workflow == workflows.RemindersWorkflow &&
			o.Spec.TimeZoneName == "Europe/Minsk" && o.Spec.Calendars[0].Hour[0].Start == 9
	})).Return(handle, answer)
	return c, schedules, handle
}

func TestR1_ScheduleIsMadeOnce(t *testing.T) {
	t.Parallel()
	c, _, _ := server(t, nil)
	require.NoError(t, EnsureReminders(t.Context(), c, "queue"))
}

func TestR1_ScheduleThatIsThereKeepsItsPause(t *testing.T) {
	t.Parallel()
	c, schedules, handle := server(t, temporal.ErrScheduleAlreadyRunning)
	schedules.On("GetHandle", mock.Anything, workflows.RemindersSchedule).Return(handle)
	paused := client.ScheduleDescription{Schedule: client.Schedule{
		State: &client.ScheduleState{Paused: true, Note: "holidays"}, Spec: &client.ScheduleSpec{TimeZoneName: "UTC"},
	}}
	handle.On("Update", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
		options, ok := args.Get(1).(client.ScheduleUpdateOptions)
		require.True(t, ok)
		update, err := options.DoUpdate(client.ScheduleUpdateInput{Description: paused})
		require.NoError(t, err)
		require.Equal(t, paused.Schedule.State, update.Schedule.State)
		require.Equal(t, "Europe/Minsk", update.Schedule.Spec.TimeZoneName)
		require.Equal(t, 12*time.Hour, update.Schedule.Policy.CatchupWindow)
	}).Return(nil)
	require.NoError(t, EnsureReminders(t.Context(), c, "queue"))
}

func TestR1_ScheduleThatCannotBeMadeIsTold(t *testing.T) {
	t.Parallel()
	c, _, _ := server(t, errSilentGateway)
	require.ErrorIs(t, EnsureReminders(t.Context(), c, "queue"), errSilentGateway)
}
