package bign

import (
	"bytes"
	"crypto"
	"crypto/subtle"
	"fmt"
	"io"
)

// PrivateKey is a number d in 1..q-1 that signs, with its public key. Make one
// with [GenerateKey] or [NewPrivateKey]. It is read-only, safe for concurrent
// use and implements [crypto.Signer].
type PrivateKey struct {
	public PublicKey
	d      scalar
	theta  [thetaSize]byte // for the hash function paired with the curve
}

var _ crypto.Signer = (*PrivateKey)(nil)

// GenerateKey draws a private key from random, or from crypto/rand if random
// is nil.
func GenerateKey(c *Curve, random io.Reader) (*PrivateKey, error) {
	d, err := c.randomScalar(random)
	if err != nil {
		return nil, err
	}
	return c.newPrivateKey(d), nil
}

// NewPrivateKey reads the l/4 octets of a private key, little-endian, and
// computes its public key. It fails with [ErrKeyLength] or [ErrKeyRange].
func NewPrivateKey(c *Curve, d []byte) (*PrivateKey, error) {
	if len(d) != c.PrivateKeySize() {
		return nil, ErrKeyLength
	}
	var k scalar
	if !c.order.setBytes(&k, d) || k.isZero() {
		return nil, ErrKeyRange
	}
	return c.newPrivateKey(k), nil
}

// newPrivateKey computes what belongs to the number d in 1..q-1.
func (c *Curve) newPrivateKey(d scalar) *PrivateKey {
	k := &PrivateKey{public: PublicKey{curve: c}, d: d}
	c.mulBase(&k.public.point, &k.d)
	c.field.normalize(&k.public.point.x)
	c.field.normalize(&k.public.point.y)
	k.theta = c.theta(c.pairedHash, &k.d, nil)
	return k
}

// Bytes returns the key as l/4 octets, the inverse of [NewPrivateKey].
func (k *PrivateKey) Bytes() []byte {
	d := make([]byte, k.public.curve.PrivateKeySize())
	k.public.curve.order.putBytes(d, &k.d)
	return d
}

// Curve returns the curve of the key.
func (k *PrivateKey) Curve() *Curve { return k.public.curve }

// Public returns the key's *[PublicKey].
func (k *PrivateKey) Public() crypto.PublicKey { return &k.public }

// Equal says in constant time whether x is a *PrivateKey with the same number
// for the same curve.
func (k *PrivateKey) Equal(x crypto.PrivateKey) bool {
	other, ok := x.(*PrivateKey)
	return ok && other != nil && k.public.curve == other.public.curve &&
		subtle.ConstantTimeCompare(k.Bytes(), other.Bytes()) == 1
}

// Format writes the name of the curve for every verb, so that no log shows the
// key.
func (k *PrivateKey) Format(s fmt.State, _ rune) {
	_, _ = io.WriteString(s, "private key of "+k.public.curve.name)
}

// SignerOpts names the hash function that made a digest.
type SignerOpts struct {
	// HashOID is the DER of the hash function's object identifier, tag and
	// length included.
	HashOID []byte
}

// HashFunc returns 0: package crypto knows no STB hash function.
func (SignerOpts) HashFunc() crypto.Hash { return 0 }

// Sign signs digest as [PrivateKey.SignDigest] does with the HashOID of opts,
// which must be [SignerOpts]. The first argument is not used, as signatures
// are deterministic.
func (k *PrivateKey) Sign(_ io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	switch o := opts.(type) {
	case SignerOpts:
		return k.SignDigest(o.HashOID, digest)
	case *SignerOpts:
		if o != nil {
			return k.SignDigest(o.HashOID, digest)
		}
	}
	return nil, ErrSignerOpts
}

// thetaFor returns the key of the generator of one-time keys.
func (k *PrivateKey) thetaFor(hashOID []byte) [thetaSize]byte {
	if bytes.Equal(hashOID, k.public.curve.pairedHash) {
		return k.theta
	}
	return k.public.curve.theta(hashOID, &k.d, nil)
}
