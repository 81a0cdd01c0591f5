// Package bels implements the secret sharing of STB 34.101.60 under its standard
// public keys: a secret of 16, 24 or 32 octets is divided into up to 16 shares, of
// which a chosen number gives it back and fewer tell nothing of it.
//
// Splitting and joining take time that depends on lengths and numbers of shares
// only, not on the secrets.
package bels

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
)

const (
	// MaxShares is how many shares a secret may have (STB 34.101.78, 11.1).
	MaxShares = 16
	// MinThreshold is how many shares must be needed at least (STB 34.101.78, 11.1).
	MinThreshold = 2
)

var (
	// ErrShare means a share without a standard number or length.
	ErrShare = errors.New("bels: not a share of a secret")
	// ErrShares means shares that do not belong together: none, too many, one twice,
	// or of different lengths.
	ErrShares = errors.New("bels: shares do not belong together")
	// ErrSecret means a secret that has not 16, 24 or 32 octets.
	ErrSecret = errors.New("bels: a secret must have 16, 24 or 32 octets")
	// ErrThreshold means numbers out of [MinThreshold] <= threshold <= count <= [MaxShares].
	ErrThreshold = errors.New("bels: numbers of shares out of bounds")
)

// Share is a partial secret under the standard public key of its number.
type Share struct {
	// Number is 1 to [MaxShares].
	Number int
	// Value has as many octets as the secret.
	Value []byte
}

// Bytes writes number and value, as containers hold shares (STB 34.101.78, 11.1).
func (s Share) Bytes() ([]byte, error) {
	if moduli[len(s.Value)] == nil || s.Number < 1 || s.Number > MaxShares {
		return nil, ErrShare
	}
	return append([]byte{byte(s.Number)}, s.Value...), nil
}

// ParseShare is the inverse of [Share.Bytes].
func ParseShare(raw []byte) (Share, error) {
	if len(raw) == 0 {
		return Share{}, ErrShare
	}
	s := Share{Number: int(raw[0]), Value: append([]byte(nil), raw[1:]...)}
	if _, err := s.Bytes(); err != nil {
		return Share{}, err
	}
	return s, nil
}

// Text writes number and value in hexadecimal, as shares are kept in the open.
func (s Share) Text() (string, error) {
	raw, err := s.Bytes()
	return strings.ToUpper(hex.EncodeToString(raw)), err
}

// ParseText is the inverse of [Share.Text]; it takes letters of either case.
func ParseText(text string) (Share, error) {
	raw, err := hex.DecodeString(text)
	if err != nil {
		return Share{}, ErrShare
	}
	return ParseShare(raw)
}

// Split divides a secret into count shares, numbered from 1, of which threshold
// are needed to join it. Random octets come from random, or from crypto/rand if it
// is nil.
func Split(secret []byte, count, threshold int, random io.Reader) ([]Share, error) {
	keys := moduli[len(secret)]
	switch {
	case keys == nil:
		return nil, ErrSecret
	case threshold < MinThreshold || threshold > count || count > MaxShares:
		return nil, ErrThreshold
	case random == nil:
		random = rand.Reader
	}
	n := len(secret) / limbOctets
	raw := make([]byte, (threshold-1)*len(secret))
	defer clear(raw)
	if _, err := io.ReadFull(random, raw); err != nil {
		return nil, fmt.Errorf("bels: read random octets: %w", err)
	}
	c := make(polynomial, threshold*n)
	defer clear(c)
	copy(c, load(secret))
	c.addModulusTimes(keys[0], n, load(raw))

	shares := make([]Share, count)
	for i := range shares {
		rest := append(polynomial(nil), c...).reduce(keys[i+1], n)
		shares[i] = Share{Number: i + 1, Value: rest.octets()}
	}
	return shares, nil
}

// Join gives the secret back from shares in any order. From fewer shares than the
// threshold, or altered ones, it gives another secret: nothing here tells, only
// what the secret opens does.
func Join(shares ...Share) ([]byte, error) {
	if err := check(shares); err != nil {
		return nil, err
	}
	octets := len(shares[0].Value)
	keys, n := moduli[octets], octets/limbOctets
	// Garner's algorithm: sum is right modulo each of the moduli so far, product is
	// that of them all.
	sum := make(polynomial, (len(shares)+1)*n+1)
	product := make(polynomial, (len(shares)+1)*n+1)
	defer clear(sum)
	product[0] = 1
	for i, s := range shares {
		m := keys[s.Number]
		digit := append(polynomial(nil), sum...).reduce(m, n)
		for j, limb := range load(s.Value) {
			digit[j] ^= limb
		}
		inverse := append(polynomial(nil), product...).reduce(m, n).inverse(m)
		used := product[:i*n+1]
		sum.addProduct(used, digit.times(inverse, m))
		next := make(polynomial, len(product))
		next.addModulusTimes(m, n, used)
		product = next
	}
	return sum.reduce(keys[0], n).octets(), nil
}

func check(shares []Share) error {
	if len(shares) == 0 || len(shares) > MaxShares {
		return ErrShares
	}
	seen := [MaxShares + 1]bool{}
	for _, s := range shares {
		if _, err := s.Bytes(); err != nil {
			return err
		}
		if seen[s.Number] || len(s.Value) != len(shares[0].Value) {
			return ErrShares
		}
		seen[s.Number] = true
	}
	return nil
}

func load(raw []byte) polynomial {
	p := make(polynomial, len(raw)/limbOctets)
	for i := range p {
		p[i] = binary.LittleEndian.Uint64(raw[limbOctets*i:])
	}
	return p
}

func (p polynomial) octets() []byte {
	raw := make([]byte, 0, limbOctets*len(p))
	for _, limb := range p {
		raw = binary.LittleEndian.AppendUint64(raw, limb)
	}
	return raw
}
