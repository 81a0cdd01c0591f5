package web

import (
	"context"
	"time"
)

// Changes tells when an order or a confirmation has changed.
type Changes interface {
	// Subscribe gives a channel that receives after a change of the subject and
	// is closed when no more changes are heard; the function ends the subscription.
	Subscribe(subjectID string) (<-chan struct{}, func())
}

// AwaitVersion waits until the version is newer than the one that the caller
// knows, or the time is over, and returns the last version it has read. Changes
// are listened to before the first reading, so that none is missed. A process
// that stops listens no more: its callers get the last version at once and ask
// again, elsewhere.
func AwaitVersion(
	ctx context.Context, changes Changes, subject string, after int64, wait time.Duration, version func(context.Context) (int64, error),
) (int64, error) {
	if wait == 0 {
		return version(ctx)
	}
	changed, done := changes.Subscribe(subject)
	defer done()
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		v, err := version(ctx)
		if err != nil || v > after {
			return v, err
		}
		select {
		case _, listening := <-changed:
			if !listening {
				return v, nil
			}
		case <-timeout.C:
			return v, nil
		case <-ctx.Done():
			return v, ctx.Err()
		}
	}
}
