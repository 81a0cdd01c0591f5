// Package keyring holds the keys of workflow histories: what a key is, what a
// store of keys gives, and how long a process may go on using one. It knows no
// engine, so that stores need not either.
package keyring

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
)

// KeySize is the length of an order's key in bytes (AES-256).
const KeySize = 32

// CurrentTTL is how long a process may go on using a workflow id's key after
// another process made a new one. A key is erased later than this after its
// order ended, so that nothing is encrypted under an erased key.
const CurrentTTL = time.Minute

// Errors of keys.
var (
	// ErrKeyErased says that the key was erased and the content is gone for good.
	ErrKeyErased = errors.New("the content was erased together with its key")
	// ErrKeyUnknown says that no key of that id was ever made here: the payload
	// comes from another installation, or the database was restored from an old copy.
	ErrKeyUnknown = errors.New("the key of the content is not known")
)

// Key encrypts the history of one run of one workflow id. It prints as its id.
type Key struct {
	ID uuid.UUID
	// WorkflowID is the workflow id the key was made for.
	WorkflowID string
	// Sequence counts the keys of one workflow id from 1; the highest is current.
	Sequence int64
	// Key is the AES-256 key itself.
	Key [KeySize]byte
	// Current says that it was the last one of its workflow id when the store gave it.
	Current bool
}

// NewKey makes a random key; a Store calls it for the first key of a
// workflow id and for each new run of it.
func NewKey(workflowID string, sequence int64) Key {
	k := Key{ID: uuid.New(), WorkflowID: workflowID, Sequence: sequence, Current: true}
	// crypto/rand.Read never fails: it stops the process instead.
	_, _ = rand.Read(k.Key[:])
	return k
}

// String shows the id of the key and hides the key.
func (k Key) String() string { return "key " + k.ID.String() }

// Format keeps every verb of fmt from printing the key.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue keeps slog from printing the key.
func (k Key) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON keeps the key out of JSON.
func (k Key) MarshalJSON() ([]byte, error) { return []byte(`"` + k.String() + `"`), nil }

// Store keeps the keys, each sealed under a master key. Implementations
// must be safe for concurrent use by several processes.
type Store interface {
	// Current is the key of the workflow id's present run; the first one is
	// made when there is none. Two callers at once get the same key.
	Current(ctx context.Context, workflowID string) (Key, error)
	// ByID finds a key. Errors: ErrKeyErased, ErrKeyUnknown; any other error
	// is taken for a store that does not answer and is tried again.
	ByID(ctx context.Context, id uuid.UUID) (Key, error)
}
