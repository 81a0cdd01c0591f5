// Package loop takes the turns of what a process does again and again.
package loop

import (
	"context"
	"log/slog"
	"time"
)

// Every says when a loop takes its turns: one at once, then one after each
// interval, and one whenever it is woken.
type Every struct {
	Interval time.Duration
	// Wake, when not nil, begins a turn early; once closed it is not looked at any more.
	Wake <-chan struct{}
	// Gather is waited after being woken, so that a burst is one turn.
	Gather time.Duration
	Log    *slog.Logger
	// Failed is the line of the log for a turn that failed; the next turn tries again.
	Failed string
}

// Run takes turns until the context ends.
func (e Every) Run(ctx context.Context, turn func(context.Context) error) {
	ticker := time.NewTicker(e.Interval)
	defer ticker.Stop()
	wake := e.Wake
	for {
		if err := turn(ctx); err != nil && ctx.Err() == nil {
			e.Log.ErrorContext(ctx, e.Failed, "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case _, open := <-wake:
			if !open {
				wake = nil
				continue
			}
			if !Sleep(ctx, e.Gather) {
				return
			}
		}
	}
}

// Sleep tells whether the time passed before the context ended.
func Sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}
