package webhook

import (
	"math/rand/v2"
	"time"
)

// pauses are those of Standard Webhooks between the attempts at one message:
// ten attempts in 75 hours and 35 minutes.
var pauses = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// DisableAfter is how long an endpoint may do nothing but fail.
const DisableAfter = 5 * 24 * time.Hour

// longestPause bounds what a receiver can ask for by Retry-After.
const longestPause = 24 * time.Hour

// jitter keeps messages that failed together from coming back together: up to a tenth, either way.
const jitter = 0.1

// pauseAfter is how long to wait after so many failed attempts; false when
// there is to be no other. What the receiver asked for is waited for at least.
func pauseAfter(attempts int, asked time.Duration) (time.Duration, bool) {
	if attempts < 1 || attempts > len(pauses) {
		return 0, false
	}
	pause := pauses[attempts-1]
	pause += time.Duration((2*rand.Float64() - 1) * jitter * float64(pause))
	return max(pause, min(asked, longestPause)), true
}
