package temporal

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// sleeper waits for days and returns the instants before and after by the server's clock.
func sleeper(ctx workflow.Context, days int) ([2]time.Time, error) {
	began := workflow.Now(ctx)
	err := workflow.Sleep(ctx, time.Duration(days)*24*time.Hour)
	return [2]time.Time{began, workflow.Now(ctx)}, err
}

func TestDaysPassForEveryWorkflowOfTheServer(t *testing.T) {
	var ahead atomic.Int64
	s := startServer(t, Options{Ahead: func() time.Duration { return time.Duration(ahead.Load()) }})
	defer func() { require.NoError(t, s.Close()) }()
	c := dial(t, s, nil)
	w := worker.New(c, queue, worker.Options{})
	w.RegisterWorkflow(sleeper)
	require.NoError(t, w.Start())
	defer w.Stop()
	start := func(id string, days int) client.WorkflowRun {
		run, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, sleeper, days)
		require.NoError(t, err)
		return run
	}
	running := func(run client.WorkflowRun) bool {
		d, err := c.DescribeWorkflowExecution(t.Context(), run.GetID(), "")
		require.NoError(t, err)
		return d.GetWorkflowExecutionInfo().GetCloseTime() == nil
	}
	move := func(to time.Duration) {
		ahead.Store(int64(to))
		require.NoError(t, s.ClockMoved(t.Context()))
	}
	const day = 24 * time.Hour
	five, ten := start("five", 5), start("ten", 10)
	time.Sleep(time.Second)
	move(5*day - time.Minute)
	time.Sleep(2 * time.Second)
	require.True(t, running(five), "a minute before")
	move(5*day + time.Second)
	var at [2]time.Time
	require.NoError(t, five.Get(t.Context(), &at))
	require.WithinDuration(t, at[0].Add(5*day), at[1], time.Minute)
	require.True(t, running(ten))
	// What begins after the jump begins at the later time, and waits its own days.
	late := start("late", 2)
	time.Sleep(time.Second)
	move(10*day + time.Second)
	require.NoError(t, ten.Get(t.Context(), &at))
	require.NoError(t, late.Get(t.Context(), &at))
	require.WithinDuration(t, time.Now().Add(5*day), at[0], time.Minute)
}

func TestAServerWithoutASandboxClockKeepsTheMachinesTime(t *testing.T) {
	s := &Server{}
	require.ErrorContains(t, s.ClockMoved(t.Context()), "machine's clock")
}
