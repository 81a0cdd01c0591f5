package postgres

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// auditLock is the advisory lock of the head of the chain. It is taken last in
// every transaction, so that the chain's queue is as short as can be.
const auditLock int64 = 0x6175646974

// Audit is the stored audit chain: it implements audit.Log and audit.Reader.
type Audit struct{ pool *pgxpool.Pool }

// NewAudit makes the stored audit chain.
func NewAudit(pool *pgxpool.Pool) *Audit { return &Audit{pool: pool} }

// Append adds one event in a transaction of its own; it returns audit.ErrEvent
// for one that may not enter.
func (a *Audit) Append(ctx context.Context, event audit.Event) (audit.Entry, error) {
	var entry audit.Entry
	err := inTx(ctx, a.pool, func(q *db.Queries) error {
		var err error
		entry, err = appendEvent(ctx, q, event, nil)
		return err
	})
	return entry, err
}

// entriesPage is how many entries are read at once.
const entriesPage = 1000

// Entries gives all entries in order of Sequence, page by page.
func (a *Audit) Entries(ctx context.Context) iter.Seq2[audit.Entry, error] {
	return func(yield func(audit.Entry, error) bool) {
		var after int64
		for {
			rows, err := db.New(a.pool).AuditEntriesAfter(ctx, db.AuditEntriesAfterParams{After: after, MaxRows: entriesPage})
			if err != nil {
				yield(audit.Entry{}, err)
				return
			}
			for _, row := range rows {
				entry, err := entryOf(row)
				if !yield(entry, err) || err != nil {
					return
				}
				after = row.Sequence
			}
			if len(rows) < entriesPage {
				return
			}
		}
	}
}

// OrderEntries gives the entries of one order in order of Sequence.
func (a *Audit) OrderEntries(ctx context.Context, orderID string) ([]audit.Entry, error) {
	rows, err := db.New(a.pool).AuditEntriesOfOrder(ctx, orderID)
	if err != nil {
		return nil, fmt.Errorf("read audit entries: %w", err)
	}
	entries := make([]audit.Entry, 0, len(rows))
	for _, row := range rows {
		entry, err := entryOf(row)
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, nil
}

// Head is where the chain ends now.
func (a *Audit) Head(ctx context.Context) (audit.Head, error) { return auditHead(ctx, db.New(a.pool)) }

func auditHead(ctx context.Context, q *db.Queries) (audit.Head, error) {
	row, err := q.AuditHead(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return audit.Head{}, nil
	}
	if err != nil {
		return audit.Head{}, fmt.Errorf("read the head of the audit log: %w", err)
	}
	head := audit.Head{Sequence: row.Sequence}
	copy(head.Hash[:], row.Hash)
	return head, nil
}

// appendEvent adds an event inside of the caller's transaction; an origin that
// is known already adds nothing.
func appendEvent(ctx context.Context, q *db.Queries, event audit.Event, from *string) (audit.Entry, error) {
	if err := q.LockAuditHead(ctx, auditLock); err != nil {
		return audit.Entry{}, fmt.Errorf("lock audit log: %w", err)
	}
	if from != nil {
		known, err := q.AuditOriginKnown(ctx, *from)
		if err != nil || known {
			return audit.Entry{}, err
		}
	}
	head, err := auditHead(ctx, q)
	if err != nil {
		return audit.Entry{}, err
	}
	entry, err := audit.Next(head, event)
	if err != nil {
		return audit.Entry{}, err
	}
	evidence, err := toJSON("evidence", entry.Evidence)
	if err != nil {
		return audit.Entry{}, err
	}
	err = q.InsertAuditEntry(ctx, db.InsertAuditEntryParams{
		Sequence: entry.Sequence, At: entry.At, ActorKind: string(entry.Actor.Kind), ActorID: entry.Actor.ID,
		Action: string(entry.Action), OrderID: entry.OrderID, Evidence: evidence,
		PreviousHash: entry.PreviousHash[:], Hash: entry.Hash[:], Origin: from,
	})
	if err != nil {
		return audit.Entry{}, fmt.Errorf("append to audit log: %w", err)
	}
	return entry, nil
}

// origin is the transition that events come with.
type origin struct {
	subject   uuid.UUID
	version   int64
	applicant string
}

// appendEvents adds the events of a transition, each once.
func appendEvents(ctx context.Context, q *db.Queries, from origin, events []activities.AuditEvent) error {
	for i, e := range events {
		event := audit.Event{
			At: e.At, Actor: actorOf(e.Actor, from.applicant), Action: audit.Action(e.Action),
			OrderID: from.subject.String(), Evidence: make(audit.Evidence, len(e.Evidence)),
		}
		for name, value := range e.Evidence {
			// What is not there proves nothing.
			if value != "" {
				event.Evidence[name] = value
			}
		}
		name := fmt.Sprintf("%s/%d/%d", from.subject, from.version, i)
		if _, err := appendEvent(ctx, q, event, &name); err != nil {
			return err
		}
	}
	return nil
}

// actorOf reads an actor as workflows write it: the kind, and after a colon
// the keyed hash. The applicant's hash is that of the order.
func actorOf(text, applicantKey string) audit.Actor {
	kind, id, _ := strings.Cut(text, ":")
	if audit.ActorKind(kind) == audit.ActorApplicant && id == "" {
		id = applicantKey
	}
	return audit.Actor{Kind: audit.ActorKind(kind), ID: id}
}

func entryOf(row db.AuditEntry) (audit.Entry, error) {
	entry := audit.Entry{
		Sequence: row.Sequence, At: row.At.UTC(), Actor: audit.Actor{Kind: audit.ActorKind(row.ActorKind), ID: row.ActorID},
		Action: audit.Action(row.Action), OrderID: row.OrderID,
	}
	if err := fromJSON("evidence", row.Evidence, &entry.Evidence); err != nil {
		// Nothing that was appended reads like this: whoever changed the row must
		// not keep the log from being verified.
		entry.Evidence = audit.Evidence{"unreadable": audit.Digest(row.Evidence)}
	}
	copy(entry.PreviousHash[:], row.PreviousHash)
	copy(entry.Hash[:], row.Hash)
	return entry, nil
}
