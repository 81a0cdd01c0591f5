package events

import (
	"context"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/loop"
)

// Store gives positions to events.
type Store interface {
	// Place gives positions to events that were committed, as many as the batch; it says how many.
	Place(ctx context.Context, batch int) (int, error)
}

const (
	// placedAtOnce bounds one transaction.
	placedAtOnce = 1000
	// DefaultInterval is how often a placer looks without being woken.
	DefaultInterval = 5 * time.Second
	// gathering lets a burst of changes be placed together.
	gathering = 300 * time.Millisecond
)

// Placer gives positions to events soon after they were written. Any number of
// them may run; readers of the API place what they ask for themselves.
type Placer struct {
	Store Store
	// Wake tells that events were written.
	Wake     <-chan struct{}
	Interval time.Duration
	Log      *slog.Logger
}

// Run works until the context ends.
func (p *Placer) Run(ctx context.Context) {
	loop.Every{
		Interval: p.Interval, Wake: p.Wake, Gather: gathering, Log: p.Log, Failed: "events cannot be placed, tried again",
	}.Run(ctx, p.place)
}

func (p *Placer) place(ctx context.Context) error {
	for {
		placed, err := p.Store.Place(ctx, placedAtOnce)
		if err != nil || placed < placedAtOnce {
			return err
		}
	}
}
