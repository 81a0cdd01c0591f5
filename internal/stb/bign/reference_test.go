package bign

import (
	"bytes"
	"encoding/binary"
	"math/big"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// reference is bign written down plainly with math/big, to compare with. It
// takes its numbers from the standard's table, not from the package.
type reference struct {
	level      int
	p, a, b, q *big.Int
	base       refPoint
	powers     []refPoint // 2^i times the base point, to save time
}

// refPoint is at infinity if x is nil.
type refPoint struct{ x, y *big.Int }

func newReference(v curveVector) *reference {
	r := &reference{
		level: v.Level,
		p:     bigLE(v.P), a: bigLE(v.A), b: bigLE(v.B), q: bigLE(v.Q),
		base: refPoint{bigLE(v.XG), bigLE(v.YG)},
	}
	power := r.base
	for range r.q.BitLen() {
		r.powers = append(r.powers, power)
		power = r.add(power, power)
	}
	return r
}

// bigLE reads a little-endian number.
func bigLE(raw []byte) *big.Int {
	raw = bytes.Clone(raw)
	reverse(raw)
	return new(big.Int).SetBytes(raw)
}

// putLE writes x as a little-endian number of size octets.
func putLE(x *big.Int, size int) []byte {
	raw := x.FillBytes(make([]byte, size))
	reverse(raw)
	return raw
}

func reverse(raw []byte) {
	for i, j := 0, len(raw)-1; i < j; i, j = i+1, j-1 {
		raw[i], raw[j] = raw[j], raw[i]
	}
}

func (r *reference) octets() int { return r.level / 4 }

func (r *reference) mod(x *big.Int) *big.Int { return x.Mod(x, r.p) }

func (r *reference) contains(s refPoint) bool {
	left := new(big.Int).Mul(s.y, s.y)
	right := new(big.Int).Exp(s.x, big.NewInt(3), nil)
	right.Add(right, new(big.Int).Mul(r.a, s.x)).Add(right, r.b)
	return r.mod(left.Sub(left, right)).Sign() == 0
}

func (r *reference) add(s, t refPoint) refPoint {
	if s.x == nil {
		return t
	}
	if t.x == nil {
		return s
	}
	var slope, below *big.Int
	if s.x.Cmp(t.x) != 0 {
		slope = new(big.Int).Sub(t.y, s.y)
		below = new(big.Int).Sub(t.x, s.x)
	} else if s.y.Cmp(t.y) == 0 {
		slope = new(big.Int).Mul(s.x, s.x)
		slope.Mul(slope, big.NewInt(3)).Add(slope, r.a)
		below = new(big.Int).Lsh(s.y, 1)
	} else {
		return refPoint{}
	}
	slope.Mul(slope, below.ModInverse(r.mod(below), r.p))
	r.mod(slope)
	x := new(big.Int).Mul(slope, slope)
	r.mod(x.Sub(x, s.x).Sub(x, t.x))
	y := new(big.Int).Sub(s.x, x)
	r.mod(y.Mul(y, slope).Sub(y, s.y))
	return refPoint{x, y}
}

func (r *reference) mul(k *big.Int, s refPoint) (sum refPoint) {
	for i := k.BitLen() - 1; i >= 0; i-- {
		sum = r.add(sum, sum)
		if k.Bit(i) == 1 {
			sum = r.add(sum, s)
		}
	}
	return sum
}

// mulBase is mul of the base point.
func (r *reference) mulBase(k *big.Int) (sum refPoint) {
	for i, power := range r.powers {
		if k.Bit(i) == 1 {
			sum = r.add(sum, power)
		}
	}
	return sum
}

func (r *reference) publicKey(d *big.Int) []byte {
	s := r.mulBase(d)
	return append(putLE(s.x, r.octets()), putLE(s.y, r.octets())...)
}

// oneTimeKey is belt-genk in the standard's words.
func (r *reference) oneTimeKey(hashOID []byte, d *big.Int, digest []byte) *big.Int {
	theta := belt.Sum256(append(bytes.Clone(hashOID), putLE(d, r.octets())...))
	cipher := belt.NewCipher(&theta)
	n := r.level / 64
	blocks := make([][16]byte, n)
	for i := range blocks {
		copy(blocks[i][:], digest[16*i:])
	}
	for i := 1; ; i++ {
		var s, next [16]byte
		for _, block := range blocks[:n-1] {
			xor(&s, &block)
		}
		cipher.Encrypt(&next, &s)
		xor(&next, &blocks[n-1])
		var count [16]byte
		binary.LittleEndian.PutUint64(count[:], uint64(i))
		xor(&next, &count)
		blocks = append(append(blocks[1:n-1:n-1], next), s)
		if i%(2*n) == 0 {
			var raw []byte
			for _, block := range blocks {
				raw = append(raw, block[:]...)
			}
			if k := bigLE(raw); k.Sign() > 0 && k.Cmp(r.q) < 0 {
				return k
			}
		}
	}
}

func xor(x, y *[16]byte) {
	for i := range x {
		x[i] ^= y[i]
	}
}

func (r *reference) commitment(hashOID []byte, x *big.Int, digest []byte) []byte {
	data := append(bytes.Clone(hashOID), putLE(x, r.octets())...)
	sum := belt.Sum256(append(data, digest...))
	return sum[:r.level/8]
}

func (r *reference) challenge(s0 []byte) *big.Int {
	v := new(big.Int).Lsh(big.NewInt(1), uint(r.level))
	return v.Add(v, bigLE(s0))
}

func (r *reference) sign(hashOID []byte, d *big.Int, digest []byte) []byte {
	k := r.oneTimeKey(hashOID, d, digest)
	s0 := r.commitment(hashOID, r.mulBase(k).x, digest)
	s1 := new(big.Int).Mul(r.challenge(s0), d)
	s1.Sub(k, s1).Sub(s1, bigLE(digest)).Mod(s1, r.q)
	return append(s0, putLE(s1, r.octets())...)
}

// verify takes a public key, digest and signature of the right lengths.
func (r *reference) verify(public, hashOID, digest, signature []byte) bool {
	q := refPoint{bigLE(public[:r.octets()]), bigLE(public[r.octets():])}
	s0, s1 := signature[:r.level/8], bigLE(signature[r.level/8:])
	if q.x.Cmp(r.p) >= 0 || q.y.Cmp(r.p) >= 0 || !r.contains(q) || s1.Cmp(r.q) >= 0 {
		return false
	}
	u := new(big.Int).Add(s1, bigLE(digest))
	sum := r.add(r.mulBase(u.Mod(u, r.q)), r.mul(r.challenge(s0), q))
	return sum.x != nil && bytes.Equal(s0, r.commitment(hashOID, sum.x, digest))
}
