package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// outcome is what ended a wait.
type outcome int

const (
	// met: what was waited for is there.
	met outcome = iota
	// lapsed: the deadline has passed.
	lapsed
)

// deadline is the end of a wait, with the reminder before it (D5, D6).
type deadline struct {
	at   time.Time
	name string
	// remind is called once, when the reminder is due; nil for no reminder.
	remind   func(workflow.Context) error
	remindAt time.Time
}

// newDeadline computes when the reminder is due; one whose moment has passed
// is left out.
func newDeadline(ctx workflow.Context, at time.Time, name string, policy order.Policy, remind func(workflow.Context) error) *deadline {
	d := &deadline{at: at, name: name}
	if remindAt, ok := policy.RemindAt(at, workflow.Now(ctx)); ok && remind != nil {
		d.remind, d.remindAt = remind, remindAt
	}
	return d
}

// next is the instant at which something is to be done, and what.
func (d *deadline) next() (at time.Time, summary string) {
	if d.remind != nil {
		return d.remindAt, d.name + ": reminder"
	}
	return d.at, d.name
}

// alarm is the one durable timer of a workflow. A timer that rings earlier
// than needed is kept and set again when it rings: an order that is approved
// and paid at once needs a single one, and a timer that was cancelled would
// stay in the server's tables until its time all the same.
type alarm struct {
	timer  workflow.Future
	cancel workflow.CancelFunc
	at     time.Time
}

// set makes the timer ring at the instant or earlier.
func (a *alarm) set(ctx workflow.Context, at time.Time, summary string) {
	if a.timer != nil && !a.at.After(at) {
		return
	}
	a.stop()
	var timerCtx workflow.Context
	timerCtx, a.cancel = workflow.WithCancel(ctx)
	a.timer = workflow.NewTimerWithOptions(timerCtx, at.Sub(workflow.Now(ctx)), workflow.TimerOptions{Summary: summary})
	a.at = at
}

func (a *alarm) rang() bool { return a.timer != nil && a.timer.IsReady() }

// stop cancels the timer, if one runs.
func (a *alarm) stop() {
	if a.cancel != nil {
		a.cancel()
	}
	*a = alarm{}
}

// wait blocks until want reports true or the deadline has passed. This is the
// one place where a message and a deadline meet (D7): want reads the messages,
// and it is asked before the timer counts.
func (a *alarm) wait(ctx workflow.Context, d *deadline, want func() bool) (outcome, error) {
	for {
		at, summary := d.next()
		a.set(ctx, at, summary)
		if err := workflow.Await(ctx, func() bool { return want() || a.rang() }); err != nil {
			return lapsed, err
		}
		if want() {
			return met, nil
		}
		a.stop()
		if workflow.Now(ctx).Before(at) {
			continue
		}
		if d.remind == nil {
			return lapsed, nil
		}
		remind := d.remind
		d.remind = nil
		if err := remind(ctx); err != nil {
			return lapsed, err
		}
	}
}
