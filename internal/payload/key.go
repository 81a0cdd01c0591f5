package payload

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"

	"github.com/google/uuid"
)

// KeySize is the length of an order's key in bytes (AES-256).
const KeySize = 32

// Errors of keys and of what they encrypt.
var (
	// ErrKeyErased says that the key was erased and the content is gone for good.
	ErrKeyErased = errors.New("the content was erased together with its key")
	// ErrKeyUnknown says that no key of that id was ever made here: the payload
	// comes from another installation, or the database was restored from an old copy.
	ErrKeyUnknown = errors.New("the key of the content is not known")
	// ErrKeysUnavailable says that the key store does not answer; trying again may help.
	ErrKeysUnavailable = errors.New("the key store does not answer")
	// ErrNoWorkflow says that a value is to be encrypted outside any workflow,
	// so that there is no order whose key could be used.
	ErrNoWorkflow = errors.New("nothing is encrypted outside a workflow: there is no key to use")
	// ErrTampered says that an encrypted payload was changed or cut.
	ErrTampered = errors.New("encrypted payload does not open")
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
}

// NewKey makes a random key; a KeyStore calls it for the first key of a
// workflow id and for each new run of it.
func NewKey(workflowID string, sequence int64) Key {
	k := Key{ID: uuid.New(), WorkflowID: workflowID, Sequence: sequence}
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

// KeyStore keeps the keys, each sealed under a master key. Implementations
// must be safe for concurrent use by several processes.
type KeyStore interface {
	// Current is the key of the workflow id's present run; the first one is
	// made when there is none. Two callers at once get the same key.
	Current(ctx context.Context, workflowID string) (Key, error)
	// ByID finds a key. Errors: ErrKeyErased, ErrKeyUnknown; any other error
	// is taken for a store that does not answer and is tried again.
	ByID(ctx context.Context, id uuid.UUID) (Key, error)
}
