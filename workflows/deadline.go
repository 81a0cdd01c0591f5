package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// deadline is an absolute instant behind one cancellable, named timer at a
// time: first the reminder's (D6), then its own (D5). One timer after the
// other keeps a history without reminders free of their events.
type deadline struct {
	at     time.Time
	name   string
	policy order.Policy
	// remind is called once, when the reminder is due; nil for no reminder.
	remind func(workflow.Context) error

	timer     workflow.Future
	cancel    workflow.CancelFunc
	reminding bool
	reminded  bool
	lifted    bool
}

func newDeadline(at time.Time, name string, policy order.Policy, remind func(workflow.Context) error) *deadline {
	return &deadline{at: at, name: name, policy: policy, remind: remind}
}

// await blocks until met reports true, or returns false when the deadline has
// passed. This is the one place where a message and a deadline meet (D7): met
// reads the messages, and it is asked before the timer counts.
func (d *deadline) await(ctx workflow.Context, met func() bool) (bool, error) {
	for {
		d.arm(ctx)
		if err := workflow.Await(ctx, func() bool { return met() || d.rang() }); err != nil {
			return false, err
		}
		if met() {
			return true, nil
		}
		wasReminder := d.reminding
		d.stop()
		if !wasReminder {
			return false, nil
		}
		d.reminded = true
		if err := d.remind(ctx); err != nil {
			return false, err
		}
	}
}

// postpone moves the deadline to a later instant, without another reminder.
func (d *deadline) postpone(at time.Time) {
	d.stop()
	d.at, d.remind = at, nil
}

// lift makes further waits endless: what holds the order is on its way.
func (d *deadline) lift() {
	d.stop()
	d.lifted = true
}

// stop cancels the timer, if one runs.
func (d *deadline) stop() {
	if d.cancel != nil {
		d.cancel()
	}
	d.timer, d.cancel, d.reminding = nil, nil, false
}

func (d *deadline) rang() bool { return d.timer != nil && d.timer.IsReady() }

func (d *deadline) arm(ctx workflow.Context) {
	if d.lifted || d.timer != nil {
		return
	}
	now := workflow.Now(ctx)
	at, name := d.at, d.name
	if remindAt, ok := d.policy.RemindAt(d.at, now); ok && d.remind != nil && !d.reminded {
		at, name, d.reminding = remindAt, d.name+": reminder", true
	}
	var timerCtx workflow.Context
	timerCtx, d.cancel = workflow.WithCancel(ctx)
	d.timer = workflow.NewTimerWithOptions(timerCtx, at.Sub(now), workflow.TimerOptions{Summary: name})
}
