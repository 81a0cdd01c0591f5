package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
)

// Clock is the time of a stack: the machine's, and the days that were let pass. It is safe for use from several goroutines.
type Clock struct {
	path  string
	ahead atomic.Int64

	// mu lets days pass one request at a time.
	mu    sync.Mutex
	world World
}

// World is what has to be told when days pass.
type World struct {
	// Database lets now() be so far ahead.
	Database func(ctx context.Context, ahead time.Duration) error
	// Ring lets due timers of the Temporal server ring.
	Ring func(ctx context.Context) error
	// NextTimer is when the server's next timer rings after an instant; the zero time when there is none.
	NextTimer func(ctx context.Context, after time.Time) (time.Time, error)
	// Settle waits until workflows have done what there is to do now.
	Settle func(ctx context.Context) error
	// Passed is told of each step, for those who publish something again and again.
	Passed func(now time.Time) error
}

// OpenClock reads the clock of an earlier start, or begins with the machine's time. The file is what processes of the product follow
// (SANDBOX_CLOCK).
func OpenClock(path string) (*Clock, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := clock.Write(path, 0); err != nil {
			return nil, err
		}
	}
	ahead, err := clock.Read(path)
	if err != nil {
		return nil, err
	}
	c := &Clock{path: path}
	c.ahead.Store(int64(ahead))
	return c, nil
}

// Path is the file that tells the product's processes.
func (c *Clock) Path() string { return c.path }

// Ahead is how far the time is ahead of the machine's.
func (c *Clock) Ahead() time.Duration { return time.Duration(c.ahead.Load()) }

// Now is the time.
func (c *Clock) Now() time.Time { return time.Now().Add(c.Ahead()) }

// Join tells who is to be told when days pass; before it none can.
func (c *Clock) Join(w World) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.world = w
}

// ErrFixed is why no days can be let pass.
var ErrFixed = errors.New("the time of this stack is the machine's: it uses servers of others, or servers whose time is not its own")

// maxAdvance bounds one request: certificates of three years end within a few.
const maxAdvance = 400 * 24 * time.Hour

// Advanced is what came of letting time pass.
type Advanced struct {
	From  time.Time `json:"from"`
	Now   time.Time `json:"now"`
	Steps int       `json:"steps"`
}

// Advance lets time pass, from timer to timer, so that a reminder on the eighth day is sent on the eighth day and not together with
// the end on the tenth. When it returns, everything due has happened.
func (c *Clock) Advance(ctx context.Context, d time.Duration) (Advanced, error) {
	if d <= 0 || d > maxAdvance {
		return Advanced{}, fmt.Errorf("want a time to pass that is longer than nothing and at most %d days", maxAdvance/(24*time.Hour))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.world.Ring == nil {
		return Advanced{}, ErrFixed
	}
	out := Advanced{From: c.Now()}
	for target := c.Ahead() + d; c.Ahead() < target; out.Steps++ {
		next, err := c.next(ctx, target, d)
		if err == nil {
			err = c.step(ctx, next)
		}
		if err != nil {
			return Advanced{}, fmt.Errorf("let time pass: %w", err)
		}
	}
	out.Now = c.Now()
	return out, nil
}

const (
	// Steps are not shorter than shortest, or than so many would need: something that is tried again every ten minutes would make
	// thousands of a few weeks.
	shortest  = time.Hour
	mostSteps = 40
	longest   = 24 * time.Hour
	// behind is how much later than a timer a step ends: the server rings timers by whole milliseconds.
	behind = time.Second
)

// next is how far ahead the next step goes: to the next timer, within limits.
func (c *Clock) next(ctx context.Context, target, whole time.Duration) (time.Duration, error) {
	now, ahead := c.Now(), c.Ahead()
	timer, err := c.world.NextTimer(ctx, now)
	if err != nil {
		return 0, err
	}
	least := max(shortest, whole/mostSteps)
	step := max(longest, least)
	if !timer.IsZero() {
		step = min(step, max(least, timer.Sub(now)+behind))
	}
	return min(target, ahead+step), nil
}

// step moves everybody. The product and its database go first: by their time a timer that rings has come.
func (c *Clock) step(ctx context.Context, ahead time.Duration) error {
	if err := clock.Write(c.path, ahead); err != nil {
		return err
	}
	c.ahead.Store(int64(ahead))
	if err := c.world.Database(ctx, ahead); err != nil {
		return err
	}
	if err := c.world.Passed(c.Now()); err != nil {
		return err
	}
	if err := c.world.Ring(ctx); err != nil {
		return err
	}
	return c.world.Settle(ctx)
}
