package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// history is whose events a process is killed at.
type history string

// The histories of both workflows; an order that somebody has to approve waits at other places.
const (
	ofIndividual   history = "order of 6.0.00"
	ofEmployee     history = "order of 6.0.01"
	ofConfirmation history = "confirmation"
)

func (h history) each() int {
	if h == ofIndividual {
		return 0
	}
	return 1
}

// aim is a kill at one event.
type aim struct {
	history history
	victim  string
	event   int64
}

// lanesOfEvents is how many orders go on at a time: a kill meets all of them, each at another place.
const lanesOfEvents = 6

// everyEvent kills each victim when an event of a history has just been written, for every event there is, one order for each.
func (r *rig) everyEvent(ctx context.Context, out io.Writer) error {
	d, l := newDriver(r), &lengths{reached: map[string]int{}}
	n := 0
	for _, h := range []history{ofIndividual, ofEmployee, ofConfirmation} {
		if ctx.Err() != nil {
			break
		}
		length, err := r.measure(context.WithoutCancel(ctx), d, h, n)
		if err != nil {
			return err
		}
		n++
		_, _ = fmt.Fprintf(out, "the history of an undisturbed %s has %d events\n", h, length)
		for _, victim := range r.plan.events {
			n = r.killAtEach(ctx, d, l, aim{history: h, victim: victim}, length, n)
		}
	}
	counted(out, "kills at an event", l.reached)
	return r.judge(context.WithoutCancel(ctx), d, out)
}

// lengths counts the kills that were made.
type lengths struct {
	mu      sync.Mutex
	reached map[string]int
}

// measure tells how many events a history has when nothing happens.
func (r *rig) measure(ctx context.Context, d *driver, h history, n int) (int64, error) {
	var length atomic.Int64
	w := watcher{rig: r, history: h, seen: func(events int64) bool { length.Store(events); return false }}
	err := w.order(ctx, d, n)
	return length.Load(), err
}

// killAtEach takes one order for each event of a history; n is the next unit, and the one after them is returned.
func (r *rig) killAtEach(ctx context.Context, d *driver, l *lengths, a aim, length int64, n int) int {
	lanes := make(chan struct{}, lanesOfEvents)
	var playing sync.WaitGroup
	for event := int64(1); event <= length && ctx.Err() == nil; event++ {
		own := n
		n++
		lanes <- struct{}{}
		playing.Go(func() {
			defer func() { <-lanes }()
			w := watcher{rig: r, history: a.history, seen: func(events int64) bool {
				if events < event {
					return false
				}
				r.killNow(ctx, a.victim)
				l.mu.Lock()
				l.reached[fmt.Sprintf("%s, %s", a.history, a.victim)]++
				l.mu.Unlock()
				return true
			}}
			if err := w.order(context.WithoutCancel(ctx), d, own); err != nil {
				r.tally.stop(fmt.Sprintf("%s killed at event %d of %s: %v", a.victim, event, a.history, err))
			}
		})
	}
	playing.Wait()
	return n
}

func (r *rig) killNow(ctx context.Context, victim string) {
	r.holds[victim].Lock()
	defer r.holds[victim].Unlock()
	r.tally.fault(victim + " killed at an event")
	if err := errors.Join(r.kill(victim), r.revive(context.WithoutCancel(ctx), victim)); err != nil {
		r.tally.note(err.Error())
	}
}

// watcher follows the history of one order or of its confirmation while it is driven.
type watcher struct {
	rig     *rig
	history history
	// seen is told of each new length of the history; true ends the watch.
	seen func(events int64) bool
}

// watchPatience bounds the watch of one history: an activity that was killed is tried again when its time is over.
const watchPatience = 5 * time.Minute

// order drives a new order to its certificate, watched until the history is closed or enough was seen.
func (w watcher) order(ctx context.Context, d *driver, n int) error {
	ctx, cancel := context.WithTimeout(ctx, watchPatience)
	defer cancel()
	u := unit{n: n, seed: w.rig.plan.seed, each: w.history.each(), story: paid}
	watched := make(chan error, 1)
	go func() { watched <- w.watch(ctx, d, u) }()
	if err := d.play(ctx, u); err != nil {
		cancel()
		return errors.Join(err, <-watched)
	}
	return <-watched
}

// pollEvery is how often a history is looked at.
const pollEvery = 3 * time.Millisecond

func (w watcher) watch(ctx context.Context, d *driver, u unit) error {
	id := ""
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("the history of the %s: %w", w.history, err)
		}
		pause(ctx, pollEvery)
		if id == "" {
			id = w.workflow(ctx, d, u)
			continue
		}
		described, err := w.rig.temporal.DescribeWorkflowExecution(ctx, id, "")
		if err != nil {
			// It was not started yet, or the server is away.
			continue
		}
		info := described.GetWorkflowExecutionInfo()
		if w.seen(info.GetHistoryLength()) || info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			return nil
		}
	}
}

// workflow is the id of what is watched; empty while it is not known.
func (w watcher) workflow(ctx context.Context, d *driver, u unit) string {
	begun, ok := d.begun.Load(object{unit: u.n, confirmation: w.history == ofConfirmation})
	if !ok {
		return ""
	}
	id, ok := begun.(order.ID)
	if !ok {
		return ""
	}
	table, named := "orders", func(n int64) string { return order.WorkflowID(n, id) }
	if w.history == ofConfirmation {
		table, named = "confirmations", func(n int64) string { return order.ConfirmationWorkflowID(order.PaymentNumber(n), id) }
	}
	var number int64
	if err := w.rig.pool.QueryRow(ctx, "SELECT number FROM "+table+" WHERE id = $1", id.String()).Scan(&number); err != nil || number == 0 {
		return ""
	}
	return named(number)
}
