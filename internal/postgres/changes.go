package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// changes gathers what decisions over locked rows come to, so that records,
// notices and audit events are written by one statement, last in their
// transaction: see deciding.
type changes struct {
	orders        []orderRow
	confirmations []confirmationRow
	notices       []noticeRow
	events        []loggedEvent
}

// loggedEvent is an event with the transition it comes from.
type loggedEvent struct {
	event  audit.Event
	origin string
}

// apply is the one place where a decision over an order is taken: it locks the
// row, asks the decision and keeps what follows. A decision that was taken
// before gives the record as it is. Errors: order.ErrNotFound and the
// decision's, such as order.ErrStage.
func (c *changes) apply(ctx context.Context, q *db.Queries, id order.ID, d order.Decision) (order.Record, error) {
	r, _, err := lockOrder(ctx, q, id)
	if err != nil {
		return order.Record{}, err
	}
	next, err := c.decide(r, d)
	if errors.Is(err, order.ErrUnchanged) {
		return r, nil
	}
	return next, err
}

// lockOrder locks an order and reads it with the term it asks for, 0 before
// its request. Error: order.ErrNotFound.
func lockOrder(ctx context.Context, q *db.Queries, id order.ID) (order.Record, int, error) {
	row, err := lockRow(ctx, q, id)
	if err != nil {
		return order.Record{}, 0, err
	}
	r, err := recordOf(row.Order)
	return r, int(row.Years), err
}

func lockRow(ctx context.Context, q *db.Queries, id order.ID) (db.LockOrderRow, error) {
	row, err := q.LockOrder(ctx, uuid.UUID(id))
	return row, absent(err, "order")
}

// decide asks a decision over a locked record and keeps what follows from it.
func (c *changes) decide(r order.Record, d order.Decision) (order.Record, error) {
	t, err := d(r)
	if err != nil {
		return r, err
	}
	next := asStored(t.Record)
	next.Version = r.Version + 1
	c.orders = append(c.orders, rowOf(next))
	for _, n := range t.Notices {
		c.tell(orderLetter(next, n))
	}
	c.log(next.ID, next.Version, next.ApplicantKey, t.Events)
	return next, nil
}

// update keeps what a confirmation has become, with what is said and recorded
// about it.
func (c *changes) update(was, next order.Confirmation, notices []order.Notice, events []order.Event) order.Confirmation {
	next.Version = was.Version + 1
	if !next.Until.IsZero() {
		next.Until = stored(next.Until)
	}
	if !next.SignedAt.IsZero() {
		next.SignedAt = stored(next.SignedAt)
	}
	c.confirmations = append(c.confirmations, confirmationRowOf(next))
	for _, n := range notices {
		c.tell(confirmationLetter(next, n))
	}
	c.log(next.ID, next.Version, "", events)
	return next
}

// log keeps the events of a transition. Its version and the ordinal name each:
// the version is given once, under the lock of the row.
func (c *changes) log(subject order.ID, version int64, applicantKey string, events []order.Event) {
	for i, e := range events {
		event := audit.Event{
			At: e.At, Actor: actorOf(e.By, applicantKey), Action: audit.Action(e.Action), OrderID: subject.String(),
			Evidence: make(audit.Evidence, len(e.Evidence)),
		}
		for name, value := range e.Evidence {
			// What is not there proves nothing.
			if value != "" {
				event.Evidence[name] = value
			}
		}
		c.events = append(c.events, loggedEvent{event: event, origin: fmt.Sprintf("%s/%d/%d", subject, version, i)})
	}
}

// write writes everything by one statement, in which the head of the audit
// chain is locked last.
func (c *changes) write(ctx context.Context, q *db.Queries) error {
	if len(c.orders)+len(c.confirmations)+len(c.notices)+len(c.events) == 0 {
		return nil
	}
	entries, err := c.entries()
	if err != nil {
		return err
	}
	p := db.WriteChangesParams{LockID: auditLock}
	var errs [4]error
	p.Orders, errs[0] = rowsJSON("orders", c.orders)
	p.Confirmations, errs[1] = rowsJSON("confirmations", c.confirmations)
	p.Notices, errs[2] = rowsJSON("notices", c.notices)
	p.Entries, errs[3] = rowsJSON("audit entries", entries)
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	if _, err := q.WriteChanges(ctx, p); err != nil {
		return fmt.Errorf("write changes: %w", err)
	}
	return nil
}

func rowsJSON[T any](what string, list []T) ([]byte, error) {
	if list == nil {
		list = []T{}
	}
	return toJSON(what, list)
}

// entries checks the events.
func (c *changes) entries() ([]entryRow, error) {
	out := make([]entryRow, 0, len(c.events))
	for _, e := range c.events {
		row, _, err := entryRowOf(e.event, &e.origin)
		if err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, nil
}
