package bign

import (
	"encoding/binary"
	"math/bits"
)

// scalar is a number below the order q in little-endian limbs, of which the
// first n are used.
type scalar [maxLimbs]uint64

// order is the arithmetic modulo q = 2^(64n) - deficit. Every method takes the
// same steps whatever the operands are.
type order struct {
	n       int
	q       scalar
	deficit []uint64 // n/2 + 1 limbs
}

func newOrder(n int, deficit *element) order {
	o := order{n: n, deficit: deficit[:n/2+1]}
	var borrow uint64
	for i := range n {
		o.q[i], borrow = bits.Sub64(0, deficit[i], borrow)
	}
	return o
}

// setBytes reads a little-endian number of n limbs and says whether it is
// below q.
func (o *order) setBytes(z *scalar, raw []byte) bool {
	for i := range o.n {
		z[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	t := *z
	return o.subtractOrder(&t) == 0
}

// setReduced reads a little-endian number of n limbs modulo q; as q is more
// than half of 2^(64n), one subtraction suffices.
func (o *order) setReduced(z *scalar, raw []byte) {
	o.setBytes(z, raw)
	o.subtractOrder(z)
}

func (o *order) putBytes(dst []byte, x *scalar) {
	for i := range o.n {
		binary.LittleEndian.PutUint64(dst[8*i:], x[i])
	}
}

// isZero says whether x = 0; callers reveal the answer, but no limb.
func (x *scalar) isZero() bool {
	var all uint64
	for _, limb := range x {
		all |= limb
	}
	return all == 0
}

// subtractOrder sets z = z - q if z is not below q, and returns all ones if it
// was so, else zero.
func (o *order) subtractOrder(z *scalar) uint64 {
	var t scalar
	var borrow uint64
	for i := range o.n {
		t[i], borrow = bits.Sub64(z[i], o.q[i], borrow)
	}
	z.choose(&t, borrow-1)
	return borrow - 1
}

// choose sets z = x if mask is all ones and leaves z if it is zero.
func (z *scalar) choose(x *scalar, mask uint64) { (*element)(z).choose((*element)(x), mask) }

// sub sets z = x - y.
func (o *order) sub(z, x, y *scalar) {
	var borrow, carry uint64
	for i := range o.n {
		z[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	mask := -borrow
	for i := range o.n {
		z[i], carry = bits.Add64(z[i], o.q[i]&mask, carry)
	}
}

// add sets z = x + y.
func (o *order) add(z, x, y *scalar) {
	var zero, t scalar
	o.sub(&t, &zero, y)
	// For y = 0 the difference is 0 as well.
	o.sub(z, x, &t)
}

// half is the number S0 + 2^l of a signature: n/2 limbs and a one above them.
type half [maxLimbs/2 + 1]uint64

func (o *order) newHalf(s0 []byte) (h half) {
	for i := range o.n / 2 {
		h[i] = binary.LittleEndian.Uint64(s0[8*i:])
	}
	h[o.n/2] = 1
	return h
}

// mulHalf sets z = h * x.
func (o *order) mulHalf(z *scalar, h *half, x *scalar) {
	var wide [2 * maxLimbs]uint64
	short := o.n/2 + 1
	mulLimbs(wide[:o.n+short], x[:o.n], h[:short])

	// With hi below 2^(l+1) and the deficit below 2^(l+2), the first fold
	// leaves hi below 2^4, the second at most 1, the third 0.
	for range 3 {
		var product [2 * maxLimbs]uint64
		mulLimbs(product[:2*short], wide[o.n:o.n+short], o.deficit)
		clear(wide[o.n:])
		var carry uint64
		for i := range 2 * short {
			wide[i], carry = bits.Add64(wide[i], product[i], carry)
		}
	}
	*z = scalar{}
	copy(z[:o.n], wide[:o.n])
	o.subtractOrder(z)
}

// mulLimbs sets z = x * y; z has as many limbs as x and y together.
func mulLimbs(z, x, y []uint64) {
	clear(z)
	for i, xi := range x {
		var carry uint64
		row := z[i : i+len(y)+1]
		for j, yj := range y {
			hi, lo := bits.Mul64(xi, yj)
			var over uint64
			lo, over = bits.Add64(lo, carry, 0)
			hi += over
			row[j], over = bits.Add64(row[j], lo, 0)
			carry = hi + over
		}
		row[len(y)] = carry
	}
}
