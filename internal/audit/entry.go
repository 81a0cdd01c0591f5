package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Hash is a SHA-256 value; as text it is 64 lower-case hexadecimal digits.
type Hash [sha256.Size]byte

// String writes the hash in lower-case hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText writes the hash in lower-case hexadecimal.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads exactly 64 hexadecimal digits.
func (h *Hash) UnmarshalText(text []byte) error {
	if hex.DecodedLen(len(text)) != len(h) {
		return errors.New("hash: want 64 hexadecimal digits")
	}
	_, err := hex.Decode(h[:], text)
	return err
}

// Evidence maps the name of a proof (kebab-case, such as "list" or
// "signature") to the digest or the identifier of the stored document.
type Evidence map[string]string

// Digest is the evidence value of a document: "sha256:" and its hash in hexadecimal.
func Digest(document []byte) string {
	sum := sha256.Sum256(document)
	return "sha256:" + hex.EncodeToString(sum[:])
}

// Event is what is to be recorded; Next turns it into an Entry.
type Event struct {
	// At is the moment of the decision; the log keeps microseconds.
	At     time.Time
	Actor  Actor
	Action Action
	// OrderID is the order's opaque identifier; empty for what concerns no order.
	OrderID  string
	Evidence Evidence
}

// Entry is one link of the log.
type Entry struct {
	// Sequence counts from 1 without gaps.
	Sequence int64     `json:"sequence"`
	At       time.Time `json:"at"`
	Actor    Actor     `json:"actor"`
	Action   Action    `json:"action"`
	OrderID  string    `json:"orderId,omitempty"`
	Evidence Evidence  `json:"evidence,omitempty"`
	// PreviousHash is the Hash of the entry before; zero for the first.
	PreviousHash Hash `json:"previousHash"`
	// Hash covers every field above in the encoding of Entry.Canonical.
	Hash Hash `json:"hash"`
}

// Errors of events and evidence.
var (
	// ErrEvent is returned for an event that may not enter the log.
	ErrEvent = errors.New("not an audit event")
	// ErrEvidence is returned when a document is not what an entry refers to.
	ErrEvidence = errors.New("the document is not the evidence of this entry")
)

const (
	maxEvidence = 32
	maxToken    = 200
)

// Validate refuses unknown actions and actors and every value that could be
// personal data: identifiers are printable ASCII without blanks and "@" and do
// not have the shape of a personal number. It returns ErrEvent.
func (e Event) Validate() error {
	switch {
	case e.At.IsZero():
		return fmt.Errorf("%w: no time", ErrEvent)
	case !e.Action.Known():
		return fmt.Errorf("%w: unknown action %q", ErrEvent, e.Action)
	case !e.Actor.Kind.Known():
		return fmt.Errorf("%w: unknown kind of actor %q", ErrEvent, e.Actor.Kind)
	case !opaque(e.Actor.ID) && (e.Actor.ID != "" || e.Actor.Kind != ActorSystem):
		return fmt.Errorf("%w: the actor's id is empty or not opaque", ErrEvent)
	case e.OrderID != "" && !opaque(e.OrderID):
		return fmt.Errorf("%w: the order's id is not opaque", ErrEvent)
	case len(e.Evidence) > maxEvidence:
		return fmt.Errorf("%w: more than %d pieces of evidence", ErrEvent, maxEvidence)
	}
	for name, value := range e.Evidence {
		if !kebab(name) || !opaque(value) {
			return fmt.Errorf("%w: evidence %q: want a kebab-case name and an opaque value", ErrEvent, name)
		}
	}
	return nil
}

// Proves tells whether the document is the one the entry names: it returns
// ErrEvidence when the name is not there or the digest is another one.
func (e Entry) Proves(name string, document []byte) error {
	if value, ok := e.Evidence[name]; !ok || value != Digest(document) {
		return fmt.Errorf("%w: %s of entry %d", ErrEvidence, name, e.Sequence)
	}
	return nil
}

func opaque(s string) bool {
	if s == "" || len(s) > maxToken {
		return false
	}
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' || s[i] == '@' || s[i] == '+' {
			return false
		}
	}
	_, err := order.ParsePersonalNumber(s)
	return err != nil
}

func kebab(s string) bool {
	if s == "" || len(s) > maxToken || s[0] == '-' {
		return false
	}
	for i := range len(s) {
		if c := s[i]; c != '-' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}
