package bign

import (
	"encoding/binary"
	"math/bits"
)

// maxLimbs is the number of 64-bit limbs of the largest field.
const maxLimbs = 8

// element is a residue modulo p in little-endian limbs, of which the field
// uses the first n; the others stay zero. It is any of the numbers below
// 2^(64n) with that residue, so equality needs reduction first.
type element [maxLimbs]uint64

// field is the arithmetic modulo p = 2^(64n) - c. Every method takes the same
// steps whatever the operands are, unless its name ends in VarTime. Results
// may overwrite operands.
type field struct {
	n int    // limbs: 4, 6 or 8
	c uint64 // below 2^10
}

// octets is the length of an encoded element.
func (f *field) octets() int { return 8 * f.n }

// prime returns p.
func (f *field) prime() (p element) {
	for i := range f.n {
		p[i] = ^uint64(0)
	}
	p[0] -= f.c - 1
	return p
}

// addN is add for any number of limbs.
func (f *field) addN(z, x, y *element) {
	var carry uint64
	for i := range f.n {
		z[i], carry = bits.Add64(x[i], y[i], carry)
	}
	f.fold(z, carry)
}

// fold adds carry * 2^(64n) to z, for a carry below 2^52.
func (f *field) fold(z *element, carry uint64) {
	carry *= f.c
	for i := range f.n {
		z[i], carry = bits.Add64(z[i], carry, 0)
	}
	// A second carry leaves less than 2^63 in the number, so this cannot
	// overflow.
	z[0] += f.c & -carry
}

// subN is sub for any number of limbs.
func (f *field) subN(z, x, y *element) {
	var borrow uint64
	for i := range f.n {
		z[i], borrow = bits.Sub64(x[i], y[i], borrow)
	}
	borrow = f.c & -borrow
	for i := range f.n {
		z[i], borrow = bits.Sub64(z[i], borrow, 0)
	}
	// After a second borrow the number is within c of 2^(64n).
	z[0] -= f.c & -borrow
}

// mulSmallN is mulSmall for any number of limbs.
func (f *field) mulSmallN(z, x *element, k uint64) {
	var carry uint64
	for i := range f.n {
		hi, lo := bits.Mul64(x[i], k)
		var over uint64
		z[i], over = bits.Add64(lo, carry, 0)
		carry = hi + over
	}
	f.fold(z, carry)
}

// mulN is mul for 6 and 8 limbs.
func (f *field) mulN(z, x, y *element) {
	var wide [2 * maxLimbs]uint64
	f.mulWide(&wide, x, y)
	f.reduce(z, &wide)
}

// sqrTimes sets z = x^(2^k).
func (f *field) sqrTimes(z, x *element, k int) {
	*z = *x
	for range k {
		f.sqr(z, z)
	}
}

// reduce sets z to the residue of a number of 2n limbs.
func (f *field) reduce(z *element, wide *[2 * maxLimbs]uint64) {
	var carry uint64
	for i := range f.n {
		hi, lo := bits.Mul64(wide[f.n+i], f.c)
		var over uint64
		lo, over = bits.Add64(lo, carry, 0)
		hi += over
		z[i], over = bits.Add64(lo, wide[i], 0)
		carry = hi + over
	}
	f.fold(z, carry)
}

// normalize makes z the residue below p.
func (f *field) normalize(z *element) {
	p := f.prime()
	var t element
	var borrow uint64
	for i := range f.n {
		t[i], borrow = bits.Sub64(z[i], p[i], borrow)
	}
	z.choose(&t, borrow-1)
}

// choose sets z = x if mask is all ones and leaves z if it is zero.
func (z *element) choose(x *element, mask uint64) {
	for i := range z {
		z[i] ^= mask & (z[i] ^ x[i])
	}
}

// zeroMask is all ones if x = 0 and zero otherwise.
func (f *field) zeroMask(x *element) uint64 {
	t := *x
	f.normalize(&t)
	var any uint64
	for _, limb := range t {
		any |= limb
	}
	return ((any | -any) >> 63) - 1
}

// isZeroVarTime says whether x = 0, looking at one limb in nearly all cases.
func (f *field) isZeroVarTime(x *element) bool {
	if x[0] != 0 && x[0] != -f.c {
		return false
	}
	return f.zeroMask(x) != 0
}

// negateIf sets z = -z if mask is all ones and leaves z if it is zero.
func (f *field) negateIf(z *element, mask uint64) {
	var zero, t element
	f.sub(&t, &zero, z)
	z.choose(&t, mask)
}

// setBytes reads a little-endian number of octets() octets and says whether it
// is below p.
func (f *field) setBytes(z *element, raw []byte) bool {
	*z = element{}
	for i := range f.n {
		z[i] = binary.LittleEndian.Uint64(raw[8*i:])
	}
	t := *z
	f.normalize(&t)
	return t == *z
}

// putBytes writes x as a little-endian number below p.
func (f *field) putBytes(dst []byte, x *element) {
	t := *x
	f.normalize(&t)
	for i := range f.n {
		binary.LittleEndian.PutUint64(dst[8*i:], t[i])
	}
}
