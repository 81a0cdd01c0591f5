package activities

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
)

// A long step beats while it is done and no longer, and its outcome is its own.
func TestALongStepSaysThatItsWorkerLives(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	beats := make(chan struct{}, 8)
	env.SetOnActivityHeartbeatListener(func(*activity.Info, converter.EncodedValues) { beats <- struct{}{} })
	failed := errors.New("failed")
	long := func(ctx context.Context) (int, error) {
		return whileAlive(ctx, func() (int, error) {
			select {
			case <-beats:
				return 1, nil
			case <-time.After(3 * beatEvery):
				return 0, failed
			}
		})
	}
	env.RegisterActivity(long)
	got, err := env.ExecuteActivity(long)
	require.NoError(t, err)
	var n int
	require.NoError(t, got.Get(&n))
	require.Equal(t, 1, n)

	_, err = whileAlive(t.Context(), func() (int, error) { return 0, failed })
	require.ErrorIs(t, err, failed)
}
