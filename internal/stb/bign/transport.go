package bign

import (
	"crypto/rand"
	"fmt"
	"io"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// WrapKey is the key transport bign-keytransport of STB 34.101.45, 7.2: it makes
// a token from which only the holder of the private key gets x, a key of 16 octets
// at least. The header is 16 zero octets where the standard of the message names
// none. The one-time key is drawn from random, or from crypto/rand if random is
// nil. The token has l/4 + 16 octets more than x.
func (k *PublicKey) WrapKey(x []byte, header *[belt.BlockOctets]byte, random io.Reader) ([]byte, error) {
	oneTime, err := k.curve.randomScalar(random)
	if err != nil {
		return nil, err
	}
	return k.wrapWith(&oneTime, x, header)
}

// maxAttempts bounds the search for a number below q; a sound source needs a
// second attempt once in 2^127.
const maxAttempts = 64

// randomScalar draws a number in 1..q-1.
func (c *Curve) randomScalar(random io.Reader) (k scalar, err error) {
	if random == nil {
		random = rand.Reader
	}
	raw := make([]byte, c.PrivateKeySize())
	defer clear(raw)
	for range maxAttempts {
		if _, err := io.ReadFull(random, raw); err != nil {
			return k, fmt.Errorf("bign: read random octets: %w", err)
		}
		if c.order.setBytes(&k, raw) && !k.isZero() {
			return k, nil
		}
	}
	return k, fmt.Errorf("bign: random octets never make a key: %w", ErrKeyRange)
}

// wrapWith makes a token with a given one-time key.
func (k *PublicKey) wrapWith(oneTime *scalar, x []byte, header *[belt.BlockOctets]byte) ([]byte, error) {
	c := k.curve
	var r, shared affine
	c.mulBase(&r, oneTime)
	c.mulPoint(&shared, oneTime, &k.point)
	theta := c.transportKey(&shared)
	wrapped, err := belt.WrapKey(&theta, header, x)
	if err != nil {
		return nil, ErrTransportedKey
	}
	token := make([]byte, c.field.octets(), c.field.octets()+len(wrapped))
	c.field.putBytes(token, &r.x)
	return append(token, wrapped...), nil
}

// transportKey is the first 256 bits of the shared point.
func (c *Curve) transportKey(shared *affine) (theta [belt.KeyOctets]byte) {
	var x [maxOctets]byte
	c.field.putBytes(x[:], &shared.x)
	copy(theta[:], x[:])
	return theta
}

// UnwrapKey is the inverse of [PublicKey.WrapKey]. It fails with [ErrToken] for
// every token that was not made for this key and header, and tells no more. It
// runs in constant time for tokens of one length that begin with a point of the
// curve, which is public.
func (k *PrivateKey) UnwrapKey(token []byte, header *[belt.BlockOctets]byte) ([]byte, error) {
	c := k.public.curve
	size := c.field.octets()
	if len(token) < size {
		return nil, ErrToken
	}
	var r, shared affine
	if !c.field.setBytes(&r.x, token[:size]) || !c.lift(&r) {
		return nil, ErrToken
	}
	c.mulPoint(&shared, &k.d, &r)
	theta := c.transportKey(&shared)
	x, err := belt.UnwrapKey(&theta, header, token[size:])
	if err != nil {
		return nil, ErrToken
	}
	return x, nil
}
