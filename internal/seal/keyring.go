package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
)

// KeySize is the length of a master key in bytes (AES-256).
const KeySize = 32

// ErrKeyring is wrapped by every error of a list of master keys; the error
// names the position and the rule, never the key.
var ErrKeyring = errors.New("not a list of master keys")

// keyID is what a key may be called: it stands in plain text in every envelope.
var keyID = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,31}$`)

// redacted is what printing shows in place of a key.
const redacted = "[redacted]"

// MasterKey is one named key. It prints as its name only.
type MasterKey struct {
	// ID is 1 to 32 of a-z, 0-9, dot, underscore and hyphen; it is not secret.
	ID string
	// Key is the AES-256 key.
	Key [KeySize]byte
}

// String shows the name of the key and hides the key.
func (k MasterKey) String() string { return k.ID + ":" + redacted }

// Format keeps every verb of fmt from printing the key.
func (k MasterKey) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(k.String())) }

// LogValue keeps slog from printing the key.
func (k MasterKey) LogValue() slog.Value { return slog.StringValue(k.String()) }

// MarshalJSON keeps the key out of JSON.
func (k MasterKey) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// Keyring seals with its primary key and opens what any of its keys sealed.
// It is immutable and safe for concurrent use; it prints as key names only.
type Keyring struct {
	primary string
	names   []string
	ciphers map[string]cipher.AEAD
	roots   map[string][]byte
}

// NewKeyring builds a keyring; the first key is the primary one. Errors wrap
// ErrKeyring: no key, a bad or repeated name, the same or an all-zero key.
func NewKeyring(keys ...MasterKey) (*Keyring, error) {
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: at least one key is needed", ErrKeyring)
	}
	ring := &Keyring{primary: keys[0].ID, ciphers: make(map[string]cipher.AEAD, len(keys)), roots: make(map[string][]byte, len(keys))}
	// Digests and not keys, so that no second copy of a key stays in memory.
	seen := map[[sha256.Size]byte]bool{sha256.Sum256(make([]byte, KeySize)): true}
	for i, k := range keys {
		digest := sha256.Sum256(k.Key[:])
		switch {
		case !keyID.MatchString(k.ID):
			return nil, fmt.Errorf("%w: key %d: bad name, want 1-32 of a-z 0-9 . _ -", ErrKeyring, i+1)
		case ring.ciphers[k.ID] != nil:
			return nil, fmt.Errorf("%w: key %d: its name is taken", ErrKeyring, i+1)
		case seen[digest]:
			return nil, fmt.Errorf("%w: key %d: all zero, or the same as another key", ErrKeyring, i+1)
		}
		aead, err := newAEAD(k.Key)
		if err != nil {
			return nil, fmt.Errorf("%w: key %d: %w", ErrKeyring, i+1, err)
		}
		if ring.roots[k.ID], err = rootOf(k.Key); err != nil {
			return nil, fmt.Errorf("%w: key %d: %w", ErrKeyring, i+1, err)
		}
		seen[digest], ring.ciphers[k.ID] = true, aead
		ring.names = append(ring.names, k.ID)
	}
	return ring, nil
}

func newAEAD(key [KeySize]byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// ParseKeyring reads id:base64,id2:base64, primary key first; each base64 text
// (RFC 4648, standard or URL alphabet, padding optional) holds 32 bytes.
// Errors wrap ErrKeyring and never show what was read.
func ParseKeyring(text string) (*Keyring, error) {
	var keys []MasterKey
	for i, entry := range strings.Split(text, ",") {
		id, encoded, found := strings.Cut(strings.TrimSpace(entry), ":")
		if !found {
			return nil, fmt.Errorf("%w: entry %d: want name:base64", ErrKeyring, i+1)
		}
		raw, err := decodeBase64(encoded)
		if err != nil || len(raw) != KeySize {
			return nil, fmt.Errorf("%w: entry %d: want %d bytes in base64", ErrKeyring, i+1, KeySize)
		}
		keys = append(keys, MasterKey{ID: id, Key: [KeySize]byte(raw)})
	}
	return NewKeyring(keys...)
}

func decodeBase64(s string) ([]byte, error) {
	s = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(s, "="))
	return base64.RawStdEncoding.Strict().DecodeString(s)
}

// Primary is the name of the key that seals.
func (r *Keyring) Primary() string { return r.primary }

// Names are those of the keys, primary first.
func (r *Keyring) Names() []string { return slices.Clone(r.names) }

// String shows the names of the keys, primary first, and hides the keys.
func (r *Keyring) String() string {
	if r == nil {
		return "keyring(none)"
	}
	return "keyring(" + strings.Join(r.names, " ") + ")"
}

// Format keeps every verb of fmt from printing the keys.
func (r *Keyring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(r.String())) }

// LogValue keeps slog from printing the keys.
func (r *Keyring) LogValue() slog.Value { return slog.StringValue(r.String()) }

// MarshalJSON keeps the keys out of JSON.
func (r *Keyring) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }
