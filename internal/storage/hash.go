package storage

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Keys are the master keys, from which the keys of hashes are derived.
type Keys interface {
	// Primary is the name of the key for new hashes.
	Primary() string
	// Derive gives 32 octets of the named key for a purpose.
	Derive(id, purpose string) ([]byte, error)
}

// Errors of stored hashes.
var (
	// ErrHash is returned for a stored text that is no hash of this package.
	ErrHash = errors.New("not a password hash of the storage")
	// ErrBusy is returned when too many old hashes are being verified already.
	ErrBusy = errors.New("too many passwords are being verified: try again in a moment")
)

const (
	saltSize = 16
	keySize  = 32
	// hashPurpose separates the key of hashes from everything else that is derived.
	hashPurpose = "storage password hash"
	scheme      = "$hmac-sha256$"
)

// Hasher makes and verifies password hashes: HMAC-SHA-256 under a key derived from
// a master key. The passwords are random (80 bits), so that a slow hash protects
// nothing (docs/decisions/0052). The argon2id hashes of earlier versions are still
// verified, a bounded number at a time.
type Hasher struct {
	keys Keys
	slow *queue
}

// NewHasher bounds the old hashes that are verified at once; some more wait.
func NewHasher(keys Keys, atOnce int) (*Hasher, error) {
	if keys == nil || atOnce < 1 {
		return nil, errors.New("password hasher: want master keys, and at least one hash at once")
	}
	if _, err := keys.Derive(keys.Primary(), hashPurpose); err != nil {
		return nil, fmt.Errorf("password hasher: %w", err)
	}
	return &Hasher{keys: keys, slow: newQueue(atOnce)}, nil
}

// Hash gives $hmac-sha256$k=KEY$salt$mac with a fresh salt, good for this login only.
func (h *Hasher) Hash(login Login, p Password) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("draw salt: %w", err)
	}
	id := h.keys.Primary()
	mac, err := h.mac(id, salt, login, p)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return scheme + "k=" + id + "$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(mac), nil
}

// Verify compares in constant time. An empty hash stands for a login that does
// not exist: the same work is done and the answer is no. Errors: ErrHash for a
// damaged hash, the keyring's for a key that is gone, ErrBusy, the context's.
func (h *Hasher) Verify(ctx context.Context, hash string, login Login, p Password) (bool, error) {
	if hash == "" {
		_, err := h.mac(h.keys.Primary(), make([]byte, saltSize), login, p)
		return false, err
	}
	if !strings.HasPrefix(hash, scheme) {
		return h.slow.verify(ctx, hash, p)
	}
	id, salt, want, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	got, err := h.mac(id, salt, login, p)
	if err != nil {
		return false, err
	}
	return hmac.Equal(got, want), nil
}

// Outdated tells whether a hash is of an earlier version or under another key
// than the primary one, so that it is to be made anew at the next good login.
func (h *Hasher) Outdated(hash string) bool {
	id, _, _, err := parseHash(hash)
	return err != nil || id != h.keys.Primary()
}

// mac binds the password to its login, so that a row's hash opens no other row.
// The salt has one length and a login no NUL: no two inputs are the same octets.
func (h *Hasher) mac(id string, salt []byte, login Login, p Password) ([]byte, error) {
	key, err := h.keys.Derive(id, hashPurpose)
	if err != nil {
		return nil, fmt.Errorf("key of password hashes: %w", err)
	}
	m := hmac.New(sha256.New, key)
	fmt.Fprintf(m, "%s%s\x00%s", salt, login, p.text)
	return m.Sum(nil), nil
}

func parseHash(s string) (id string, salt, mac []byte, err error) {
	rest, ok := strings.CutPrefix(s, scheme+"k=")
	parts := strings.Split(rest, "$")
	if !ok || len(parts) != 3 || parts[0] == "" {
		return "", nil, nil, ErrHash
	}
	salt, errSalt := base64.RawStdEncoding.Strict().DecodeString(parts[1])
	mac, errMAC := base64.RawStdEncoding.Strict().DecodeString(parts[2])
	if errSalt != nil || errMAC != nil || len(salt) != saltSize || len(mac) != sha256.Size {
		return "", nil, nil, ErrHash
	}
	return parts[0], salt, mac, nil
}
