// Package clock tells the time to everything that decides by it: deadlines, validity of certificates, days of prices. It is the time
// of the machine, except on a sandbox, where days are let pass: there a file says how far the time is ahead.
package clock

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"
)

// source is the file that is followed and what it said last.
type source struct {
	path string
	last atomic.Int64
}

// followed is what all readers of the time follow; nil is the machine's time.
var followed atomic.Pointer[source]

// Now is the time. Without Follow it is time.Now.
func Now() time.Time {
	s := followed.Load()
	if s == nil {
		return time.Now()
	}
	return time.Now().Add(s.ahead())
}

// Since is the time that passed since t.
func Since(t time.Time) time.Duration { return Now().Sub(t) }

// Follow lets the time be ahead of the machine's by what the file says (see Write), from each change of the file on; an empty path
// is the machine's time. It is for sandboxes: config refuses the setting in production. The error tells that the file cannot be read.
func Follow(path string) error {
	if path == "" {
		followed.Store(nil)
		return nil
	}
	ahead, err := Read(path)
	if err != nil {
		return err
	}
	s := &source{path: path}
	s.last.Store(int64(ahead))
	followed.Store(s)
	return nil
}

// ahead keeps to what the file said last when it cannot be read: time must not run back.
func (s *source) ahead() time.Duration {
	if ahead, err := Read(s.path); err == nil {
		s.last.Store(int64(ahead))
	}
	return time.Duration(s.last.Load())
}

// Read is how far the file says that the time is ahead.
func Read(path string) (time.Duration, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, fmt.Errorf("clock: %w", err)
	}
	ahead, err := time.ParseDuration(strings.TrimSpace(string(data)))
	if err != nil || ahead < 0 {
		return 0, fmt.Errorf("clock: %s: want a duration such as 240h0m0s", filepath.Base(path))
	}
	return ahead, nil
}

// Write sets how far those who follow the file are ahead; each of them reads the old value or the new one.
func Write(path string, ahead time.Duration) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".clock-*")
	if err != nil {
		return fmt.Errorf("clock: %w", err)
	}
	_, err = f.WriteString(ahead.String() + "\n")
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("clock: %w", err)
	}
	return nil
}

// look is how often a wait looks whether the time has jumped.
const look = 100 * time.Millisecond

// Wait returns when d has passed or days were let pass that are longer, and tells whether it did before the context ended.
func Wait(ctx context.Context, d time.Duration) bool {
	if followed.Load() == nil {
		return wait(ctx, d)
	}
	until := Now().Add(d)
	for left := d; left > 0; left = until.Sub(Now()) {
		if !wait(ctx, min(left, look)) {
			return false
		}
	}
	return ctx.Err() == nil
}

func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
