package workflows_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func newRemindersEnvironment() *testsuite.TestWorkflowEnvironment {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(monday)
	env.RegisterActivity(&activities.Reminders{})
	return env
}

func TestR1_RemindersAreAskedForAtTheTimeOfTheRun(t *testing.T) {
	env := newRemindersEnvironment()
	env.OnActivity("SendReminders", mock.Anything, mock.Anything).Once().Return(
		func(_ context.Context, in activities.SendRemindersInput) (activities.SendRemindersResult, error) {
			require.True(t, in.At.Equal(monday), in.At)
			return activities.SendRemindersResult{Asked: 3}, nil
		})
	env.ExecuteWorkflow(workflows.Reminders)
	require.NoError(t, env.GetWorkflowError())
	env.AssertExpectations(t)
}

func TestR1_RemindersWaitForTheDatabase(t *testing.T) {
	env := newRemindersEnvironment()
	tries := 0
	env.OnActivity("SendReminders", mock.Anything, mock.Anything).Return(
		func(context.Context, activities.SendRemindersInput) (activities.SendRemindersResult, error) {
			if tries++; tries < 8 {
				return activities.SendRemindersResult{}, errors.New("the database does not answer")
			}
			return activities.SendRemindersResult{}, nil
		})
	env.ExecuteWorkflow(workflows.Reminders)
	require.NoError(t, env.GetWorkflowError())
	require.Equal(t, 8, tries)
	require.Greater(t, env.Now().Sub(monday), time.Minute)
}
