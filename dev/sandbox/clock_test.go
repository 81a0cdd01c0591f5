package sandbox

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

// fakeWorld has timers at instants after the start, and writes down how far ahead it was told to be.
type fakeWorld struct {
	clock  *Clock
	start  time.Time
	timers []time.Duration
	steps  []time.Duration
	fails  error
}

func (f *fakeWorld) join() {
	f.clock.Join(World{
		Database: func(context.Context, time.Duration) error { return nil },
		Ring:     func(context.Context) error { f.steps = append(f.steps, f.clock.Ahead()); return f.fails },
		NextTimer: func(_ context.Context, after time.Time) (time.Time, error) {
			for _, t := range slices.Sorted(slices.Values(f.timers)) {
				if at := f.start.Add(t); at.After(after) {
					return at, nil
				}
			}
			return time.Time{}, nil
		},
		Settle: func(context.Context) error { return nil },
		Passed: func(time.Time) error { return nil },
	})
}

func open(t *testing.T, timers ...time.Duration) *fakeWorld {
	t.Helper()
	c, err := OpenClock(filepath.Join(t.TempDir(), "clock"))
	require.NoError(t, err)
	f := &fakeWorld{clock: c, start: time.Now(), timers: timers}
	f.join()
	return f
}

func near(t *testing.T, want, got time.Duration) {
	t.Helper()
	require.InDelta(t, want.Seconds(), got.Seconds(), 30)
}

func TestTimePassesFromTimerToTimer(t *testing.T) {
	f := open(t, 8*time.Hour+time.Minute, 9*time.Hour, 70*time.Hour)
	out, err := f.clock.Advance(t.Context(), 3*day)
	require.NoError(t, err)
	require.Equal(t, len(f.steps), out.Steps)
	near(t, 8*time.Hour+time.Minute, f.steps[0])
	// The second timer is nearer than the shortest step of three days.
	near(t, 8*time.Hour+time.Minute+3*day/mostSteps, f.steps[1])
	require.Equal(t, 3*day, f.steps[len(f.steps)-1], "exactly as long as was asked for")
	for i := 1; i < len(f.steps); i++ {
		require.LessOrEqual(t, f.steps[i]-f.steps[i-1], longest)
	}
	require.Condition(t, func() bool {
		return slices.ContainsFunc(f.steps, func(s time.Duration) bool { return s > 70*time.Hour && s < 70*time.Hour+time.Minute })
	}, "stops at the last timer: %v", f.steps)
}

func TestAYearPassesInBoundedSteps(t *testing.T) {
	var often []time.Duration
	for i := range 365 * 24 {
		often = append(often, time.Duration(i)*time.Hour)
	}
	f := open(t, often...)
	out, err := f.clock.Advance(t.Context(), 365*day)
	require.NoError(t, err)
	require.LessOrEqual(t, out.Steps, mostSteps)
	require.Equal(t, 365*day, f.clock.Ahead())
}

func TestTheClockStaysAheadOverARestart(t *testing.T) {
	f := open(t)
	_, err := f.clock.Advance(t.Context(), 2*day)
	require.NoError(t, err)
	again, err := OpenClock(f.clock.Path())
	require.NoError(t, err)
	require.Equal(t, 2*day, again.Ahead())
	require.WithinDuration(t, time.Now().Add(2*day), again.Now(), time.Minute)
	_, err = again.Advance(t.Context(), day)
	require.ErrorIs(t, err, ErrFixed, "before anybody can be told")
}

func TestWhatCannotPassDoesNot(t *testing.T) {
	f := open(t)
	for _, d := range []time.Duration{0, -day, maxAdvance + 1, -1 << 63} {
		_, err := f.clock.Advance(t.Context(), d)
		require.Error(t, err, d)
	}
	require.Zero(t, f.clock.Ahead())
	f.fails = errors.New("the server is away")
	_, err := f.clock.Advance(t.Context(), day)
	require.ErrorIs(t, err, f.fails)
	f.fails = nil
	_, err = f.clock.Advance(t.Context(), day)
	require.NoError(t, err, "and goes on from where it stood")
	require.GreaterOrEqual(t, f.clock.Ahead(), day)
}
