package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"maps"
	"slices"
	"time"
)

// Head is where the log ends; its zero value is the head of an empty log.
type Head struct {
	Sequence int64 `json:"sequence"`
	Hash     Hash  `json:"hash"`
}

// Log appends to the audit log.
//
// An implementation takes an exclusive lock on the head, calls Next, stores the
// entry and the new head, all in the transaction of the decision it records:
// either both are kept or neither.
type Log interface {
	// Append records the event; it returns ErrEvent for one that may not enter.
	Append(ctx context.Context, event Event) (Entry, error)
}

// Reader reads the log back.
type Reader interface {
	// Entries gives all entries in order of Sequence, exactly as stored.
	Entries(ctx context.Context) iter.Seq2[Entry, error]
	// OrderEntries gives the entries of one order in order of Sequence.
	OrderEntries(ctx context.Context, orderID string) ([]Entry, error)
	// Checkpoints gives all stored checkpoints in order of Sequence.
	Checkpoints(ctx context.Context) ([]Checkpoint, error)
}

// Next is the entry that follows the head: pure, so that a repository can call
// it between locking the head and storing the result. It returns ErrEvent for
// an event that may not enter the log.
func Next(head Head, event Event) (Entry, error) {
	if err := event.Validate(); err != nil {
		return Entry{}, err
	}
	e := Entry{
		Sequence: head.Sequence + 1,
		// PostgreSQL keeps microseconds: finer time would not hash the same when read back.
		At:           event.At.UTC().Truncate(time.Microsecond),
		Actor:        event.Actor,
		Action:       event.Action,
		OrderID:      event.OrderID,
		Evidence:     maps.Clone(event.Evidence),
		PreviousHash: head.Hash,
	}
	e.Hash = e.sum()
	return e, nil
}

// Intact tells whether the content of the entry gives its hash.
func (e Entry) Intact() bool { return e.sum() == e.Hash }

// Head is the head of a log that ends with the entry.
func (e Entry) Head() Head { return Head{Sequence: e.Sequence, Hash: e.Hash} }

const entryLabel = "remote-issuance/audit/entry/v1"

// Canonical is what Hash covers, byte for byte: the label
// "remote-issuance/audit/entry/v1", then Sequence, At (microseconds since 1970
// UTC), Actor.Kind, Actor.ID, Action, OrderID, the number of pieces of
// evidence, each name and value in the byte order of the names, and
// PreviousHash. Numbers are 8 octets, big-endian; every text and the hash are
// preceded by their length in octets as such a number, so that no two
// different entries have one encoding.
func (e Entry) Canonical() []byte {
	b := text(make([]byte, 0, 512), entryLabel)
	b = number(b, e.Sequence)
	b = number(b, e.At.UnixMicro())
	b = text(b, string(e.Actor.Kind))
	b = text(b, e.Actor.ID)
	b = text(b, string(e.Action))
	b = text(b, e.OrderID)
	b = number(b, int64(len(e.Evidence)))
	for _, name := range slices.Sorted(maps.Keys(e.Evidence)) {
		b = text(text(b, name), e.Evidence[name])
	}
	return text(b, string(e.PreviousHash[:]))
}

func (e Entry) sum() Hash { return sha256.Sum256(e.Canonical()) }

func number(b []byte, n int64) []byte { return binary.BigEndian.AppendUint64(b, uint64(n)) }

func text(b []byte, s string) []byte { return append(number(b, int64(len(s))), s...) }
