package bign

import (
	"crypto/subtle"
	"encoding/binary"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

const (
	thetaSize = belt.Size
	maxOctets = 8 * maxLimbs
	maxBlocks = maxOctets / belt.BlockOctets
)

// theta is belt-hash(hashOID || d || t), the key of belt-genk.
func (c *Curve) theta(hashOID []byte, d *scalar, t []byte) [thetaSize]byte {
	data := make([]byte, 0, len(hashOID)+maxOctets+len(t))
	data = append(data, hashOID...)
	data = data[:len(data)+c.PrivateKeySize()]
	c.order.putBytes(data[len(hashOID):], d)
	return belt.GuardedSum256(append(data, t...))
}

// oneTimeKey is belt-genk of STB 34.101.45: it derives the one-time private
// key of a signature from theta and the digest.
func (c *Curve) oneTimeKey(theta *[thetaSize]byte, digest []byte) (k scalar) {
	var r [maxBlocks][belt.BlockOctets]byte
	n := c.level / 64
	for i := range n {
		copy(r[i][:], digest[belt.BlockOctets*i:])
	}
	cipher := belt.NewGuardedCipher(theta)
	for i := 1; ; i++ {
		s := r[0]
		for j := 1; j < n-1; j++ {
			subtle.XORBytes(s[:], s[:], r[j][:])
		}
		copy(r[:n-2], r[1:n-1])
		next := &r[n-2]
		cipher.Encrypt(next, &s)
		subtle.XORBytes(next[:], next[:], r[n-1][:])
		low := binary.LittleEndian.Uint64(next[:])
		binary.LittleEndian.PutUint64(next[:], low^uint64(i))
		r[n-1] = s
		if i%(2*n) == 0 && c.joinBlocks(&k, r[:n]) {
			return k
		}
	}
}

// joinBlocks reads a scalar and says whether it is in 1..q-1. What it reveals
// of a refused one concerns no signature.
func (c *Curve) joinBlocks(k *scalar, r [][belt.BlockOctets]byte) bool {
	var raw [maxOctets]byte
	for i := range r {
		copy(raw[belt.BlockOctets*i:], r[i][:])
	}
	return c.order.setBytes(k, raw[:]) && !k.isZero()
}
