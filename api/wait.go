package api

import (
	"context"
	"time"
)

// awaitChange reads until the reading says that it is what the caller waits
// for, or the time is over; then it answers with the last reading. Changes are
// listened to before the first reading, so that none is missed. A process that
// stops listens no more: its callers get the last reading at once and ask again,
// elsewhere.
func awaitChange[T any](
	ctx context.Context, changes Changes, subject string, wait time.Duration, read func(context.Context) (T, bool, error),
) (T, error) {
	if wait == 0 {
		view, _, err := read(ctx)
		return view, err
	}
	changed, done := changes.Subscribe(subject)
	defer done()
	timeout := time.NewTimer(wait)
	defer timeout.Stop()
	for {
		view, news, err := read(ctx)
		if err != nil || news {
			return view, err
		}
		select {
		case _, listening := <-changed:
			if !listening {
				return view, nil
			}
		case <-timeout.C:
			return view, nil
		case <-ctx.Done():
			return view, ctx.Err()
		}
	}
}
