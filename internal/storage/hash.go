package storage

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Cost is what one argon2id hash costs (RFC 9106).
type Cost struct {
	// MemoryKiB is the memory of one hash in KiB.
	MemoryKiB uint32
	// Passes over the memory.
	Passes uint32
	// Lanes computed in parallel.
	Lanes uint8
}

// DefaultCost is 19 MiB, two passes, one lane: the smaller memory of the
// recommended settings, because the passwords are random (80 bits) and what
// matters is that a flood of attempts cannot take the API's memory. With four
// hashes at once the whole costs 76 MiB.
func DefaultCost() Cost { return Cost{MemoryKiB: 19 * 1024, Passes: 2, Lanes: 1} }

// ErrHash is returned for a stored text that is no hash of this package.
var ErrHash = errors.New("not an argon2id hash in PHC form")

const (
	saltSize = 16
	keySize  = 32
	// Limits of what a stored hash may ask for: a changed row must not be able
	// to take all memory.
	maxMemoryKiB = 256 * 1024
	maxPasses    = 16
	maxLanes     = 16
)

// Hasher computes password hashes, a bounded number of them at a time.
type Hasher struct {
	cost  Cost
	slots chan struct{}
	dummy string
}

// NewHasher bounds the hashes computed at once; more wait for their turn.
func NewHasher(cost Cost, atOnce int) (*Hasher, error) {
	if atOnce < 1 || !cost.sane() {
		return nil, fmt.Errorf("password hasher: cost %+v, %d at once: out of range", cost, atOnce)
	}
	h := &Hasher{cost: cost, slots: make(chan struct{}, atOnce)}
	_, nobody, err := NewCredentials(rand.Reader)
	if err != nil {
		return nil, err
	}
	h.dummy, err = h.Hash(context.Background(), nobody)
	return h, err
}

func (c Cost) sane() bool {
	return c.Lanes >= 1 && c.Lanes <= maxLanes && c.Passes >= 1 && c.Passes <= maxPasses &&
		c.MemoryKiB >= 8*uint32(c.Lanes) && c.MemoryKiB <= maxMemoryKiB
}

// Hash gives $argon2id$v=19$m=…,t=…,p=…$salt$hash with a fresh salt.
func (h *Hasher) Hash(ctx context.Context, p Password) (string, error) {
	salt := make([]byte, saltSize)
	if _, err := rand.Read(salt); err != nil {
		return "", fmt.Errorf("draw salt: %w", err)
	}
	key, err := h.derive(ctx, h.cost, p, salt)
	if err != nil {
		return "", err
	}
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		h.cost.MemoryKiB, h.cost.Passes, h.cost.Lanes, b64.EncodeToString(salt), b64.EncodeToString(key)), nil
}

// Verify compares in constant time. An empty hash stands for a login that does
// not exist: the same work is done and the answer is no. It returns ErrHash
// for a damaged hash and the context's error when the wait was given up.
func (h *Hasher) Verify(ctx context.Context, hash string, p Password) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	cost, salt, want, err := parseHash(hash)
	if err != nil {
		return false, err
	}
	got, err := h.derive(ctx, cost, p, salt)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(got, want) == 1 && known, nil
}

// Outdated tells whether a hash was made at another cost than this hasher's,
// so that it is to be made anew at the next good login.
func (h *Hasher) Outdated(hash string) bool {
	cost, _, _, err := parseHash(hash)
	return err != nil || cost != h.cost
}

func (h *Hasher) derive(ctx context.Context, c Cost, p Password, salt []byte) ([]byte, error) {
	select {
	case h.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a password hash: %w", ctx.Err())
	}
	defer func() { <-h.slots }()
	return argon2.IDKey([]byte(p.text), salt, c.Passes, c.MemoryKiB, c.Lanes, keySize), nil
}

func parseHash(s string) (c Cost, salt, key []byte, err error) {
	var version int
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, ErrHash
	}
	if n, err := fmt.Sscanf(parts[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return c, nil, nil, ErrHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.MemoryKiB, &c.Passes, &c.Lanes); n != 3 || err != nil || !c.sane() {
		return c, nil, nil, ErrHash
	}
	salt, errSalt := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(salt) < saltSize || len(key) != keySize {
		return c, nil, nil, ErrHash
	}
	return c, salt, key, nil
}
