package webhook

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTheScheduleIsThatOfStandardWebhooks(t *testing.T) {
	var total time.Duration
	for _, pause := range pauses {
		total += pause
	}
	require.Equal(t, 75*time.Hour+35*time.Minute+5*time.Second, total)
	for i, pause := range pauses {
		got, again := pauseAfter(i+1, 0)
		require.True(t, again)
		require.InDelta(t, pause, got, jitter*float64(pause)+1)
	}
	_, again := pauseAfter(len(pauses)+1, 0)
	require.False(t, again, "ten attempts")
}

func TestPropertyPausesNeverEndEarlyOrBackwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		attempts, asked := rapid.IntRange(-2, 20).Draw(t, "attempts"), time.Duration(rapid.Int64().Draw(t, "asked"))
		pause, again := pauseAfter(attempts, asked)
		require.Equal(t, attempts >= 1 && attempts <= len(pauses), again)
		if again {
			require.Positive(t, pause)
			require.GreaterOrEqual(t, pause, min(asked, longestPause))
			require.LessOrEqual(t, pause, 27*time.Hour)
		}
	})
}

func TestWhatFollowsFromAnAttempt(t *testing.T) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	first, last := Claimed{Attempts: 0}, Claimed{Attempts: len(pauses)}
	for _, c := range []struct {
		claimed Claimed
		result  Result
		state   DeliveryState
	}{
		{first, Result{Outcome: OutcomeDelivered}, DeliveryDelivered},
		{last, Result{Outcome: OutcomeDelivered}, DeliveryDelivered},
		{first, Result{Outcome: OutcomeGone}, DeliveryFailed},
		{first, Result{Outcome: OutcomeRefused}, DeliveryPending},
		{first, Result{Outcome: OutcomeTimeout}, DeliveryPending},
		{last, Result{Outcome: OutcomeTimeout}, DeliveryFailed},
		{last, Result{Outcome: OutcomeBusy, RetryAfter: time.Minute}, DeliveryFailed},
	} {
		a := recordOf(c.claimed, c.result, at)
		require.Equal(t, c.state, a.State, "%+v", c)
		require.Equal(t, c.state == DeliveryPending, a.Next.After(at), "%+v", c)
		require.Equal(t, c.result.RetryAfter > 0, !a.PauseUntil.IsZero())
	}
}
