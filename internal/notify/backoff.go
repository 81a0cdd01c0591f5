package notify

import "time"

const (
	firstRetry = 5 * time.Second
	lastRetry  = time.Hour
)

// backoff is how long to wait after so many failed attempts before this one:
// 5 s, 10 s, 20 s, … at most an hour.
func backoff(attempts int) time.Duration {
	wait := firstRetry
	for range attempts {
		if wait *= 2; wait >= lastRetry {
			return lastRetry
		}
	}
	return wait
}
