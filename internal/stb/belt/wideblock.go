package belt

import (
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

const (
	// minKeyOctets is the shortest key that can be wrapped (STB 34.101.31, belt-kwp).
	minKeyOctets = 16
	// MaxWrapped is the longest wrapped key this package handles, in octets. The
	// standard has no limit, but the time grows with the square of the length.
	MaxWrapped = 4096
)

var (
	// ErrKeyLength means that a key is too short or too long to be wrapped.
	ErrKeyLength = errors.New("belt: a key of this length cannot be wrapped")
	// ErrIntegrity means that a wrapped key was altered, or that key or header are others.
	ErrIntegrity = errors.New("belt: wrapped key is damaged or was wrapped with another key")
)

// WrapKey is belt-kwp of STB 34.101.31: it encrypts x under key and ties it to
// header. The result is 16 octets longer than x, which has between 16 and
// [MaxWrapped] - 16 octets; other lengths fail with [ErrKeyLength].
func WrapKey(key *[KeyOctets]byte, header *[BlockOctets]byte, x []byte) ([]byte, error) {
	if len(x) < minKeyOctets || len(x) > MaxWrapped-BlockOctets {
		return nil, ErrKeyLength
	}
	r := make([]byte, 0, len(x)+BlockOctets)
	r = append(append(r, x...), header[:]...)
	c := NewGuardedCipher(key)
	c.encryptWide(r)
	return r, nil
}

// UnwrapKey is the inverse of [WrapKey]. It fails with [ErrIntegrity] for
// everything that WrapKey does not make of this key and header, and tells no
// more.
func UnwrapKey(key *[KeyOctets]byte, header *[BlockOctets]byte, y []byte) ([]byte, error) {
	if len(y) < minKeyOctets+BlockOctets || len(y) > MaxWrapped {
		return nil, ErrIntegrity
	}
	r := append([]byte(nil), y...)
	c := NewGuardedCipher(key)
	c.decryptWide(r)
	x, found := r[:len(y)-BlockOctets], r[len(y)-BlockOctets:]
	if subtle.ConstantTimeCompare(found, header[:]) != 1 {
		clear(r)
		return nil, ErrIntegrity
	}
	return x, nil
}

// encryptWide is belt-wblock in place; r has at least two blocks, of which the
// last may be cut off.
func (c *GuardedCipher) encryptWide(r []byte) {
	blocks := (len(r) + BlockOctets - 1) / BlockOctets
	last := r[len(r)-BlockOctets:]
	for i := 1; i <= 2*blocks; i++ {
		s := sumBlocks(r[:(blocks-1)*BlockOctets])
		c.mask(last, &s, i)
		copy(r, r[BlockOctets:])
		copy(last, s[:])
	}
}

// decryptWide inverts encryptWide.
func (c *GuardedCipher) decryptWide(r []byte) {
	blocks := (len(r) + BlockOctets - 1) / BlockOctets
	last := r[len(r)-BlockOctets:]
	for i := 2 * blocks; i >= 1; i-- {
		s := [BlockOctets]byte(last)
		copy(r[BlockOctets:], r)
		c.mask(last, &s, i)
		clear(r[:BlockOctets])
		first := sumBlocks(r[:(blocks-1)*BlockOctets])
		subtle.XORBytes(r, first[:], s[:])
	}
}

// mask adds the encryption of s and the number of the round to dst.
func (c *GuardedCipher) mask(dst []byte, s *[BlockOctets]byte, round int) {
	var e [BlockOctets]byte
	c.Encrypt(&e, s)
	binary.LittleEndian.PutUint64(e[:8], binary.LittleEndian.Uint64(e[:8])^uint64(round))
	subtle.XORBytes(dst, dst, e[:])
}

// sumBlocks adds whole blocks bit by bit.
func sumBlocks(r []byte) (s [BlockOctets]byte) {
	for ; len(r) > 0; r = r[BlockOctets:] {
		subtle.XORBytes(s[:], s[:], r[:BlockOctets])
	}
	return s
}
