package postgres

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

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
	err := inTrips(ctx, a.pool, nil, func(_, last *db.Queries) error {
		var err error
		entry, err = appendEvent(ctx, last, event, nil)
		return err
	})
	return entry, err
}

// AppendOnce adds an event unless one came from the same origin before; an
// origin is any text that tells events apart. Error: audit.ErrEvent.
func (a *Audit) AppendOnce(ctx context.Context, event audit.Event, origin string) error {
	err := inTrips(ctx, a.pool, nil, func(_, last *db.Queries) error {
		_, err := appendEvent(ctx, last, event, &origin)
		return err
	})
	if violates(err, "audit_entries_origin_key") {
		return nil
	}
	return err
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
	return entriesOf(rows)
}

func entriesOf(rows []db.AuditEntry) ([]audit.Entry, error) {
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

// appendEvent adds an event inside of the caller's transaction.
func appendEvent(ctx context.Context, q *db.Queries, event audit.Event, from *string) (audit.Entry, error) {
	row, entry, err := entryRowOf(event, from)
	if err != nil {
		return audit.Entry{}, err
	}
	entries, err := toJSON("audit entries", []entryRow{row})
	if err != nil {
		return audit.Entry{}, err
	}
	last, err := q.AppendAudit(ctx, db.AppendAuditParams{LockID: auditLock, Entries: entries})
	if err != nil {
		return audit.Entry{}, fmt.Errorf("append to audit log: %w", err)
	}
	entry.Sequence = int64(binary.BigEndian.Uint64(last))
	rest := last[sequenceSize:]
	copy(entry.PreviousHash[:], rest)
	copy(entry.Hash[:], rest[len(entry.PreviousHash):])
	return entry, nil
}

// entryRow is an entry as audit_append takes it: Before and After are what its
// hash covers around the sequence and ahead of the previous hash.
type entryRow struct {
	At        time.Time      `json:"at"`
	ActorKind string         `json:"actor_kind"`
	ActorID   string         `json:"actor_id"`
	Action    string         `json:"action"`
	OrderID   string         `json:"order_id"`
	Evidence  audit.Evidence `json:"evidence"`
	Before    string         `json:"before"`
	After     string         `json:"after"`
	Origin    *string        `json:"origin"`
}

// sequenceSize is the length of a number in what a hash covers.
const sequenceSize = 8

// entryRowOf checks an event and writes what its hash covers; the entry that
// goes with it does not know its place in the chain yet. Error: audit.ErrEvent.
func entryRowOf(event audit.Event, origin *string) (entryRow, audit.Entry, error) {
	if event.Evidence == nil {
		event.Evidence = audit.Evidence{}
	}
	e, err := audit.Next(audit.Head{}, event)
	if err != nil {
		return entryRow{}, audit.Entry{}, err
	}
	// A label with its length, the sequence, the fields, the previous hash.
	covered := e.Canonical()
	label := sequenceSize + int(binary.BigEndian.Uint64(covered))
	return entryRow{
		At: e.At, ActorKind: string(e.Actor.Kind), ActorID: e.Actor.ID, Action: string(e.Action), OrderID: e.OrderID, Evidence: e.Evidence,
		Before: bytea(covered[:label]), After: bytea(covered[label+sequenceSize : len(covered)-len(e.PreviousHash)]), Origin: origin,
	}, e, nil
}

// bytea writes octets as PostgreSQL reads them from a text.
func bytea(b []byte) string { return `\x` + hex.EncodeToString(b) }

// actorOf reads an actor as decisions write it: the kind, and after a colon
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
