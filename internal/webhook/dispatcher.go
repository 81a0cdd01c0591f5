package webhook

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/loop"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Claimed is a message with how often it was tried.
type Claimed struct {
	Message
	EndpointID order.ID
	Position   int64
	Attempts   int
}

// Attempt is what is recorded of one.
type Attempt struct {
	EndpointID order.ID
	Position   int64
	At         time.Time
	State      DeliveryState
	Status     int
	Outcome    Outcome
	// Next is the attempt to come, while the state is pending.
	Next time.Time
	// PauseUntil, when not zero, holds back everything for the endpoint.
	PauseUntil time.Time
}

// Queue is what waits to be delivered, shared by all processes.
type Queue interface {
	// Due are the endpoints with something to be sent now.
	Due(ctx context.Context, at time.Time) ([]order.ID, error)
	// Claim leases messages of the endpoint that are due; until the lease ends
	// nobody else gets them.
	Claim(ctx context.Context, endpoint order.ID, at time.Time, limit int, lease time.Duration) ([]Claimed, error)
	// Record keeps what came of an attempt; it says why the endpoint was disabled by it.
	Record(ctx context.Context, a Attempt) (Cause, error)
}

const (
	// atOnce is how many messages one process has under way to one endpoint.
	atOnce = 8
	// lease outlasts an attempt and what is recorded of it.
	lease = 2 * time.Minute
	// DefaultInterval is how often the queue is looked into without being woken: as the shortest pause of the schedule.
	DefaultInterval = 5 * time.Second
)

// Dispatcher delivers what is in the queue. Each endpoint has a lane of its
// own, so that one that is slow, or fails, holds up no other.
type Dispatcher struct {
	Queue  Queue
	Sender *Sender
	// Wake tells that something may be due.
	Wake     <-chan struct{}
	Interval time.Duration
	Now      func() time.Time
	Log      *slog.Logger
	// Observe is told how each attempt ended.
	Observe func(outcome string)

	mu    sync.Mutex
	busy  map[order.ID]bool
	lanes sync.WaitGroup
}

// Run works until the context ends; what is under way then is finished.
func (d *Dispatcher) Run(ctx context.Context) {
	d.busy = make(map[order.ID]bool)
	defer d.lanes.Wait()
	loop.Every{
		Interval: d.Interval, Wake: d.Wake, Log: d.Log, Failed: "the queue of webhooks cannot be read, tried again",
	}.Run(ctx, d.pass)
}

// pass opens the lanes of endpoints with something due.
func (d *Dispatcher) pass(ctx context.Context) error {
	due, err := d.Queue.Due(ctx, d.Now())
	for _, endpoint := range due {
		if d.open(endpoint) {
			d.lanes.Go(func() {
				defer d.close(endpoint)
				d.lane(ctx, endpoint)
			})
		}
	}
	return err
}

func (d *Dispatcher) open(endpoint order.ID) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.busy[endpoint] {
		return false
	}
	d.busy[endpoint] = true
	return true
}

func (d *Dispatcher) close(endpoint order.ID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.busy, endpoint)
}

// lane sends what is due to one endpoint until nothing is.
func (d *Dispatcher) lane(ctx context.Context, endpoint order.ID) {
	for ctx.Err() == nil {
		claimed, err := d.Queue.Claim(ctx, endpoint, d.Now(), atOnce, lease)
		if err != nil && ctx.Err() == nil {
			d.Log.ErrorContext(ctx, "messages of a webhook cannot be claimed, tried again", "endpoint", endpoint, "error", err)
		}
		if len(claimed) == 0 {
			return
		}
		var attempts sync.WaitGroup
		for _, c := range claimed {
			attempts.Go(func() { d.attempt(context.WithoutCancel(ctx), c) })
		}
		attempts.Wait()
	}
}

// attempt sends one message and records what came of it. What cannot be
// recorded is sent again when its lease ends: at least once.
func (d *Dispatcher) attempt(ctx context.Context, c Claimed) {
	result := d.Sender.Send(ctx, c.Message)
	d.Observe(string(result.Outcome))
	a := recordOf(c, result, d.Now())
	log := d.Log.With("endpoint", c.EndpointID, "event", c.ID, "attempt", c.Attempts+1, "outcome", a.Outcome, "status", a.Status)
	if a.Outcome != OutcomeDelivered {
		log.InfoContext(ctx, "webhook not delivered", "state", a.State, "next", a.Next, "error", result.Err)
	}
	disabled, err := d.Queue.Record(ctx, a)
	if err != nil {
		log.ErrorContext(ctx, "outcome of a webhook not recorded, it will be sent again", "error", err)
	}
	if disabled != CauseNone {
		log.ErrorContext(ctx, "webhook disabled", "cause", disabled)
	}
}

// recordOf decides what follows from an attempt.
func recordOf(c Claimed, r Result, at time.Time) Attempt {
	a := Attempt{
		EndpointID: c.EndpointID, Position: c.Position, At: at, State: DeliveryPending, Status: r.Status, Outcome: r.Outcome, Next: at,
	}
	if r.RetryAfter > 0 {
		a.PauseUntil = at.Add(r.RetryAfter)
	}
	switch r.Outcome {
	case OutcomeDelivered:
		a.State = DeliveryDelivered
	case OutcomeGone:
		a.State = DeliveryFailed
	case OutcomeRefused, OutcomeRedirect, OutcomeBusy, OutcomeTimeout, OutcomeAddress, OutcomeUnreached:
		pause, again := pauseAfter(c.Attempts+1, r.RetryAfter)
		if !again {
			a.State = DeliveryFailed
		}
		a.Next = at.Add(pause)
	}
	return a
}
