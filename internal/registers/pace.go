package registers

import (
	"context"
	"sync"
	"time"
)

// pace spaces requests out: each waiter takes the next free slot.
type pace struct {
	interval time.Duration
	now      func() time.Time
	sleep    func(context.Context, time.Duration) error

	mu   sync.Mutex
	next time.Time
}

func newPace(interval time.Duration) *pace {
	return &pace{interval: interval, now: time.Now, sleep: sleep}
}

// wait returns when the caller's turn has come, or with the context's error.
func (p *pace) wait(ctx context.Context) error {
	if p.interval == 0 {
		return ctx.Err()
	}
	p.mu.Lock()
	now := p.now()
	slot := now
	if p.next.After(now) {
		slot = p.next
	}
	// A caller who could not wait that long does not take the slot from others.
	if deadline, ok := ctx.Deadline(); ok && slot.After(deadline) {
		p.mu.Unlock()
		return context.DeadlineExceeded
	}
	p.next = slot.Add(p.interval)
	p.mu.Unlock()
	return p.sleep(ctx, slot.Sub(now))
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
