package storage

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// cost is what an argon2id hash of an earlier version costs (RFC 9106).
type cost struct {
	memoryKiB uint32
	passes    uint32
	lanes     uint8
}

// Limits of what a stored hash may ask for: a changed row must not be able to
// take all memory.
const (
	maxMemoryKiB = 256 * 1024
	maxPasses    = 16
	maxLanes     = 16
)

func (c cost) sane() bool {
	return c.lanes >= 1 && c.lanes <= maxLanes && c.passes >= 1 && c.passes <= maxPasses &&
		c.memoryKiB >= 8*uint32(c.lanes) && c.memoryKiB <= maxMemoryKiB
}

// waitingForEach is how many wait for each hash that is computed: longer lines
// would keep people waiting for longer than browsers do.
const waitingForEach = 8

// queue bounds the costly hashes: so many computed at once, some more waiting.
type queue struct{ slots, places chan struct{} }

func newQueue(atOnce int) *queue {
	return &queue{slots: make(chan struct{}, atOnce), places: make(chan struct{}, atOnce*(1+waitingForEach))}
}

// verify compares in constant time. Errors: ErrHash, ErrBusy, the context's.
func (q *queue) verify(ctx context.Context, hash string, p Password) (bool, error) {
	c, salt, want, err := parseArgon2(hash)
	if err != nil {
		return false, err
	}
	select {
	case q.places <- struct{}{}:
		defer func() { <-q.places }()
	default:
		return false, ErrBusy
	}
	select {
	case q.slots <- struct{}{}:
		defer func() { <-q.slots }()
	case <-ctx.Done():
		return false, fmt.Errorf("wait for a password hash: %w", ctx.Err())
	}
	got := argon2.IDKey([]byte(p.text), salt, c.passes, c.memoryKiB, c.lanes, keySize)
	return subtle.ConstantTimeCompare(got, want) == 1, nil
}

// parseArgon2 reads $argon2id$v=19$m=…,t=…,p=…$salt$hash (PHC form).
func parseArgon2(s string) (c cost, salt, key []byte, err error) {
	var version int
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" {
		return c, nil, nil, ErrHash
	}
	if n, err := fmt.Sscanf(parts[2], "v=%d", &version); n != 1 || err != nil || version != argon2.Version {
		return c, nil, nil, ErrHash
	}
	if n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &c.memoryKiB, &c.passes, &c.lanes); n != 3 || err != nil || !c.sane() {
		return c, nil, nil, ErrHash
	}
	salt, errSalt := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if errSalt != nil || errKey != nil || len(salt) < saltSize || len(key) != keySize {
		return c, nil, nil, ErrHash
	}
	return c, salt, key, nil
}
