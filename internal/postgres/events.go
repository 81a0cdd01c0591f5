package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/internal/events"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Events are what has changed, in the order in which readers see it. Triggers
// write them in the transaction of the change; a position is given afterwards,
// so that none appears behind a reader's back.
type Events struct{ pool *pgxpool.Pool }

// NewEvents makes the store of events.
func NewEvents(pool *pgxpool.Pool) *Events { return &Events{pool: pool} }

// placedAtOnce bounds one transaction of a reader.
const placedAtOnce = 1000

// ErrPosition is returned for a position whose successors are not all there:
// they were forgotten, or the position was never given.
var ErrPosition = errors.New("events after this position cannot be given without a gap")

// EventPage is a page of events.
type EventPage struct {
	Events []events.Event
	// Next is where to go on: everything up to it was read.
	Next int64
}

// Place gives positions to events that were committed, the oldest first, as
// many as the batch, and queues them for webhooks; it says how many.
func (e *Events) Place(ctx context.Context, batch int) (int, error) {
	n, err := db.New(e.pool).PlaceEvents(ctx, int32(batch))
	if err != nil {
		return 0, fmt.Errorf("place events: %w", err)
	}
	return int(n), nil
}

// Last is the last position, of what was committed until now.
func (e *Events) Last(ctx context.Context) (int64, error) {
	if _, err := e.Place(ctx, placedAtOnce); err != nil {
		return 0, err
	}
	p, err := db.New(e.pool).EventPositions(ctx)
	if err != nil {
		return 0, fmt.Errorf("last event: %w", err)
	}
	return p.Last, nil
}

// After gives the events after a position, in their order; with a UNP those of
// the organisation. Position 0 begins with the oldest that is kept. Error: ErrPosition.
func (e *Events) After(ctx context.Context, unp string, after int64, limit int) (EventPage, error) {
	if _, err := e.Place(ctx, placedAtOnce); err != nil {
		return EventPage{}, err
	}
	q := db.New(e.pool)
	// Read first: whatever has a position up to the last one is seen by the next statement.
	known, err := q.EventPositions(ctx)
	if err != nil {
		return EventPage{}, fmt.Errorf("read events: %w", err)
	}
	rows, err := q.EventsAfter(ctx, db.EventsAfterParams{After: after, Unp: unp, MaxRows: int32(limit)})
	if err != nil {
		return EventPage{}, fmt.Errorf("read events: %w", err)
	}
	// Looked at last: what was forgotten meanwhile counts.
	now, err := q.EventPositions(ctx)
	if err != nil {
		return EventPage{}, fmt.Errorf("read events: %w", err)
	}
	if after != 0 && (after < now.Forgotten || after > now.Last) {
		return EventPage{}, ErrPosition
	}
	page := EventPage{Events: make([]events.Event, 0, len(rows)), Next: max(after, known.Last)}
	for _, row := range rows {
		page.Events = append(page.Events, happenedOf(row))
	}
	if n := len(rows); n == limit || n > 0 && page.Events[n-1].Position > page.Next {
		page.Next = page.Events[n-1].Position
	}
	return page, nil
}

// Forget deletes events of before the instant, the first ones only, as many as
// the limit; readers who have not got so far are told.
func (e *Events) Forget(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := db.New(e.pool).ForgetEvents(ctx, db.ForgetEventsParams{Before: before, MaxRows: int32(limit)})
	if err != nil {
		return 0, fmt.Errorf("forget events: %w", err)
	}
	return int(n), nil
}

func happenedOf(row db.Event) events.Event {
	e := events.Event{
		Type: events.Type(row.Type), Object: events.Object(row.Object), ObjectID: order.ID(row.ObjectID), Number: row.Number,
		Version: row.Version, Status: row.Status, At: row.At,
	}
	if row.Position != nil {
		e.Position = *row.Position
	}
	return e
}
