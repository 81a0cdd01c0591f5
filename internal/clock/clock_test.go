package clock_test

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/clock"
)

const day = 24 * time.Hour

func follow(t *testing.T, ahead time.Duration) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "clock")
	require.NoError(t, clock.Write(path, ahead))
	require.NoError(t, clock.Follow(path))
	t.Cleanup(func() { require.NoError(t, clock.Follow("")) })
	return path
}

func TestWithoutAFileItIsTheMachinesTime(t *testing.T) {
	require.WithinDuration(t, time.Now(), clock.Now(), time.Minute)
	require.Less(t, clock.Since(time.Now()), time.Minute)
	require.True(t, clock.Wait(t.Context(), time.Millisecond))
	ended, end := context.WithCancel(t.Context())
	end()
	require.False(t, clock.Wait(ended, time.Hour))
}

func TestTheFileIsFollowedFromEachChangeOn(t *testing.T) {
	path := follow(t, 0)
	began := clock.Now()
	for _, ahead := range []time.Duration{day, 10 * day, 400*day + time.Nanosecond} {
		require.NoError(t, clock.Write(path, ahead))
		require.WithinDuration(t, time.Now().Add(ahead), clock.Now(), time.Minute)
		require.GreaterOrEqual(t, clock.Since(began), ahead)
		read, err := clock.Read(path)
		require.NoError(t, err)
		require.Equal(t, ahead, read)
	}
}

// A file that is away for a moment, or damaged, moves nobody back.
func TestTimeNeverRunsBack(t *testing.T) {
	path := follow(t, 5*day)
	require.WithinDuration(t, time.Now().Add(5*day), clock.Now(), time.Minute)
	for name, spoil := range map[string]func() error{
		"empty":    func() error { return os.WriteFile(path, nil, 0o600) },
		"nonsense": func() error { return os.WriteFile(path, []byte("ten days"), 0o600) },
		"negative": func() error { return os.WriteFile(path, []byte("-1h"), 0o600) },
		"away":     func() error { return os.Remove(path) },
	} {
		require.NoError(t, spoil(), name)
		require.WithinDuration(t, time.Now().Add(5*day), clock.Now(), time.Minute, name)
		require.Error(t, clock.Follow(path), name)
		require.NoError(t, clock.Write(path, 5*day), name)
	}
	require.Error(t, clock.Write(filepath.Join(path, "nowhere"), day))
}

// Whoever reads while it is written sees the old value or the new one.
func TestReadersSeeWholeValues(t *testing.T) {
	path := follow(t, day)
	var writer sync.WaitGroup
	writer.Go(func() {
		for i := range 200 {
			if clock.Write(path, time.Duration(1+i%2)*day) != nil {
				return
			}
		}
	})
	for range 500 {
		ahead, err := clock.Read(path)
		require.NoError(t, err)
		require.Contains(t, []time.Duration{day, 2 * day}, ahead)
	}
	writer.Wait()
}

func TestAWaitEndsWhenDaysWereLetPass(t *testing.T) {
	path := follow(t, 0)
	ends := make(chan bool, 2)
	go func() { ends <- clock.Wait(t.Context(), day) }()
	select {
	case <-ends:
		t.Fatal("a day has not passed")
	case <-time.After(300 * time.Millisecond):
	}
	require.NoError(t, clock.Write(path, day))
	select {
	case passed := <-ends:
		require.True(t, passed)
	case <-time.After(10 * time.Second):
		t.Fatal("the day has passed")
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { ends <- clock.Wait(ctx, day) }()
	cancel()
	require.False(t, <-ends)
}
