package loop_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/loop"
)

func every(interval time.Duration, wake <-chan struct{}) loop.Every {
	return loop.Every{Interval: interval, Wake: wake, Log: slog.New(slog.DiscardHandler), Failed: "failed"}
}

// turns runs the loop and counts its turns.
func turns(ctx context.Context, e loop.Every) *atomic.Int64 {
	var n atomic.Int64
	go e.Run(ctx, func(context.Context) error { n.Add(1); return nil })
	return &n
}

func TestATurnAtOnceAndAfterEachInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := turns(t.Context(), every(time.Minute, nil))
		synctest.Wait()
		require.EqualValues(t, 1, n.Load())
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		require.EqualValues(t, 4, n.Load())
	})
}

func TestBeingWokenGathersABurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{}, 1)
		e := every(time.Hour, wake)
		e.Gather = 300 * time.Millisecond
		n := turns(t.Context(), e)
		synctest.Wait()
		wake <- struct{}{}
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		require.EqualValues(t, 1, n.Load())
		time.Sleep(300 * time.Millisecond)
		synctest.Wait()
		require.EqualValues(t, 2, n.Load())
	})
}

func TestAClosedWakeDoesNotSpin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wake := make(chan struct{})
		n := turns(t.Context(), every(time.Minute, wake))
		close(wake)
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		require.LessOrEqual(t, n.Load(), int64(3), "the first, one as the wake closed, and the interval's")
	})
}

func TestTheEndOfTheContextEndsIt(t *testing.T) {
	for _, gather := range []time.Duration{0, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			ctx, end := context.WithCancel(t.Context())
			wake := make(chan struct{}, 1)
			e := every(time.Hour, wake)
			e.Gather = gather
			done := make(chan struct{})
			go func() { defer close(done); e.Run(ctx, func(context.Context) error { return nil }) }()
			wake <- struct{}{}
			synctest.Wait()
			end()
			<-done
		})
	}
}

func TestATurnThatFailsIsLoggedAndTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		e := every(time.Second, nil)
		e.Log, e.Failed = slog.New(slog.NewTextHandler(&log, nil)), "the turn failed, tried again"
		ctx, end := context.WithCancel(t.Context())
		tried := 0
		done := make(chan struct{})
		go func() {
			defer close(done)
			e.Run(ctx, func(context.Context) error {
				if tried++; tried == 3 {
					end()
				}
				return errors.New("boom")
			})
		}()
		<-done
		require.Equal(t, 3, tried)
		require.Equal(t, 2, bytes.Count(log.Bytes(), []byte("tried again")), "nothing is said of a turn that the end cut short")
	})
}
