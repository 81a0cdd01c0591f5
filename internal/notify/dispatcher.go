package notify

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/loop"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// DispatcherOptions are what a dispatcher works with. Zero durations and counts
// take the values named with them.
type DispatcherOptions struct {
	Outbox   Outbox
	Secrets  Secrets
	Renderer *Renderer
	// Senders has one sender for each channel.
	Senders map[Channel]Sender
	// PortalURL is the applicants' cabinet and StorageURL the certificate storage,
	// for messages whose data name none.
	PortalURL  string
	StorageURL string
	// ERIPPaths are where bills stand in the tree of ERIP, by service (P2).
	ERIPPaths map[order.Service][]string
	// Wake, when not nil, tells that new notices may be there.
	Wake <-chan struct{}
	// Interval is how often the outbox is looked into anyway; 5 seconds.
	Interval time.Duration
	// Gather is the least time between two looks after wake-ups, so that what is written
	// close together is claimed together; 200 ms.
	Gather time.Duration
	// SendTimeout limits one attempt; 1 minute. Lease has to outlast it; 5 minutes.
	SendTimeout time.Duration
	Lease       time.Duration
	// Concurrency is how many messages of one channel are on their way at once; 4.
	Concurrency int
	// MaxAge is the age at which a notice that never got through is given up; 3 days.
	MaxAge time.Duration
	Logger *slog.Logger
}

// Dispatcher brings the notices of an outbox to people. Each channel has a lane of
// its own with its own claims and its own room, so that none waits for another (I6).
type Dispatcher struct {
	o DispatcherOptions

	mu sync.Mutex
	// unrecorded are messages that the other side took while the outbox could not be
	// told: claimed again, they are recorded and not sent twice.
	unrecorded map[uuid.UUID]string
}

// NewDispatcher fills in the defaults and refuses what cannot work.
func NewDispatcher(o DispatcherOptions) (*Dispatcher, error) {
	if o.Outbox == nil || o.Secrets == nil || o.Renderer == nil || o.Logger == nil {
		return nil, errors.New("notify: outbox, secrets, renderer and logger are required")
	}
	if o.PortalURL == "" || o.StorageURL == "" {
		return nil, errors.New("notify: the addresses of portal and storage are required")
	}
	for _, channel := range Channels() {
		if o.Senders[channel] == nil {
			return nil, fmt.Errorf("notify: channel %s has no sender", channel)
		}
	}
	o.Interval = orDefault(o.Interval, 5*time.Second)
	o.Gather = orDefault(o.Gather, 200*time.Millisecond)
	o.SendTimeout = orDefault(o.SendTimeout, time.Minute)
	o.Lease = orDefault(o.Lease, 5*time.Minute)
	o.MaxAge = orDefault(o.MaxAge, 3*24*time.Hour)
	if o.Concurrency == 0 {
		o.Concurrency = 4
	}
	if o.Interval < 0 || o.Gather < 0 || o.MaxAge < 0 || o.Concurrency < 0 || o.SendTimeout < 0 || o.Lease <= o.SendTimeout {
		return nil, errors.New("notify: intervals are positive and a lease outlasts an attempt")
	}
	return &Dispatcher{o: o, unrecorded: map[uuid.UUID]string{}}, nil
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d == 0 {
		return otherwise
	}
	return d
}

// Run works until the context ends. Then it claims nothing more, lets the attempts
// under way finish within their time, and returns.
func (d *Dispatcher) Run(ctx context.Context) {
	var lanes sync.WaitGroup
	wakes := make([]chan struct{}, 0, len(Channels()))
	for _, channel := range Channels() {
		wake := make(chan struct{}, 1)
		wakes = append(wakes, wake)
		lanes.Go(func() { d.lane(ctx, channel, wake) })
	}
	d.spread(ctx, wakes)
	lanes.Wait()
}

// spread passes every wake-up to every lane; one that has not been seen is enough.
func (d *Dispatcher) spread(ctx context.Context, wakes []chan struct{}) {
	source := d.o.Wake
	for {
		select {
		case <-ctx.Done():
			return
		case _, open := <-source:
			if !open {
				source = nil
			}
		}
		for _, wake := range wakes {
			select {
			case wake <- struct{}{}:
			default:
			}
		}
	}
}

// lane serves one channel: it claims as much as there is room for, at once again
// when it got all it asked for, and otherwise when woken or when the interval is over.
func (d *Dispatcher) lane(ctx context.Context, channel Channel, wake <-chan struct{}) {
	var attempts sync.WaitGroup
	defer attempts.Wait()
	room := make(chan struct{}, d.o.Concurrency)
	ticker := time.NewTicker(d.o.Interval)
	defer ticker.Stop()
	for {
		free := acquire(ctx, room)
		if free == 0 {
			return
		}
		notices := d.claim(ctx, channel, free)
		for range free - len(notices) {
			<-room
		}
		for _, n := range notices {
			attempts.Go(func() {
				defer func() { <-room }()
				d.deliver(ctx, n)
			})
		}
		if len(notices) == free {
			continue
		}
		looked := time.Now()
		select {
		case <-ctx.Done():
			return
		case <-wake:
			loop.Sleep(ctx, d.o.Gather-time.Since(looked))
		case <-ticker.C:
		}
	}
}

// acquire waits for room for one message and takes all there is; none when the context ends.
func acquire(ctx context.Context, room chan struct{}) int {
	if ctx.Err() != nil {
		return 0
	}
	select {
	case <-ctx.Done():
		return 0
	case room <- struct{}{}:
	}
	for free := 1; ; free++ {
		select {
		case room <- struct{}{}:
		default:
			return free
		}
	}
}

func (d *Dispatcher) claim(ctx context.Context, channel Channel, limit int) []Notice {
	notices, err := d.o.Outbox.Claim(ctx, channel, limit, d.o.Lease)
	if err != nil {
		if ctx.Err() == nil {
			d.o.Logger.ErrorContext(ctx, "outbox cannot be read", "channel", channel, "error", err)
		}
		return nil
	}
	if len(notices) > limit {
		// More than the lane has room for stays leased and comes again.
		notices = notices[:limit]
	}
	return notices
}
