package postgres

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// Channel is a channel of PostgreSQL's NOTIFY.
type Channel string

// The channels on which this package notifies after each commit.
const (
	// ChannelOrder carries the id of an order that has changed.
	ChannelOrder Channel = "order_changed"
	// ChannelConfirmation carries the id of a confirmation that has changed.
	ChannelConfirmation Channel = "confirmation_changed"
	// ChannelPayments says that a payment waits to be told to its workflow.
	ChannelPayments Channel = "payments"
	// ChannelNotices says that a notice waits to be sent.
	ChannelNotices Channel = "notices"
	// ChannelEventsWritten says that events wait for their positions,
	// ChannelEvents that they have them, or that a webhook is to be told some again.
	ChannelEventsWritten Channel = "events_written"
	ChannelEvents        Channel = "events"
)

// Pauses between attempts to listen again.
const (
	firstPause = 100 * time.Millisecond
	longPause  = 5 * time.Second
)

// Listener hears what other processes commit, over one connection, and wakes
// those who wait for it. A waiter that is woken has to look for itself: after
// the connection was lost, all are.
type Listener struct {
	databaseURL string
	log         *slog.Logger

	mu      sync.Mutex
	waiters map[string]map[chan struct{}]struct{}
	ended   bool
}

// NewListener makes a listener; Run makes it hear.
func NewListener(databaseURL string, log *slog.Logger) *Listener {
	return &Listener{databaseURL: databaseURL, log: log, waiters: make(map[string]map[chan struct{}]struct{})}
}

// Subscribe gives a channel that receives when something is said about the id
// of an order or confirmation, or on the channel whose name is given
// (ChannelPayments, ChannelNotices, ChannelEventsWritten, ChannelEvents). Waking is never lost: what comes while
// nobody receives is received next. The channel is closed when Run ends: there
// is nothing to wait for any more. The function ends the subscription.
func (l *Listener) Subscribe(id string) (<-chan struct{}, func()) {
	wake := make(chan struct{}, 1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		close(wake)
		return wake, func() {}
	}
	if l.waiters[id] == nil {
		l.waiters[id] = make(map[chan struct{}]struct{})
	}
	l.waiters[id][wake] = struct{}{}
	return wake, func() { l.unsubscribe(id, wake) }
}

func (l *Listener) unsubscribe(id string, wake chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiters[id], wake)
	if len(l.waiters[id]) == 0 {
		delete(l.waiters, id)
	}
}

// Run listens until the context ends, and connects again whenever the
// connection is lost. At the end those who wait are let go.
func (l *Listener) Run(ctx context.Context) {
	defer l.end()
	pause := firstPause
	for ctx.Err() == nil {
		began := time.Now()
		err := l.listen(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > longPause {
			pause = firstPause
		}
		l.log.Warn("listening for changes was interrupted", "error", err, "pause", pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, longPause)
	}
}

func (l *Listener) listen(ctx context.Context) error {
	config, err := singleConn(l.databaseURL)
	if err != nil {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	for _, c := range []Channel{ChannelOrder, ChannelConfirmation, ChannelPayments, ChannelNotices, ChannelEventsWritten, ChannelEvents} {
		if _, err := conn.Exec(ctx, "LISTEN "+pgx.Identifier{string(c)}.Sanitize()); err != nil {
			return err
		}
	}
	// What was said while nobody listened is lost: everybody looks for themselves.
	l.wakeAll()
	for {
		n, err := conn.WaitForNotification(ctx)
		if err != nil {
			return errors.Join(err, ctx.Err())
		}
		l.wake(n.Channel)
		if n.Payload != "" {
			l.wake(n.Payload)
		}
	}
}

func (l *Listener) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, waiters := range l.waiters {
		for waiter := range waiters {
			close(waiter)
		}
	}
	clear(l.waiters)
	l.ended = true
}

func (l *Listener) wake(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for waiter := range l.waiters[id] {
		nudge(waiter)
	}
}

func (l *Listener) wakeAll() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, waiters := range l.waiters {
		for waiter := range waiters {
			nudge(waiter)
		}
	}
}

// nudge wakes a waiter that is not woken yet.
func nudge(waiter chan struct{}) {
	select {
	case waiter <- struct{}{}:
	default:
	}
}
