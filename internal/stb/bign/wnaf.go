package bign

import "math/bits"

// Verification multiplies by public numbers, in variable time: it writes them
// in non-adjacent form, with odd digits below 2^(w-1) and at least w-1 zeros
// between any two of them.
const (
	baseWidth = 10 // for the base point, whose multiples are computed once
	keyWidth  = 5  // for the public key

	baseMultiples = 1 << (baseWidth - 2)
	keyMultiples  = 1 << (keyWidth - 2)

	maxDigits = 64*maxLimbs/2 + 2
)

// wnafTables holds the odd multiples of G and of 2^l * G.
type wnafTables struct{ low, high [baseMultiples]affine }

func (c *Curve) makeWNAFTables() *wnafTables {
	f := &c.field
	base := c.base()
	var p point
	p.fromAffine(&base)
	points := f.appendOddMultiples(nil, &p, baseMultiples)
	for range c.level {
		f.double(&p, &p)
	}
	points = f.appendOddMultiples(points, &p, baseMultiples)

	var t wnafTables
	all := f.toAffineAll(points)
	copy(t.low[:], all)
	copy(t.high[:], all[baseMultiples:])
	return &t
}

// wnaf is a number below 2^(l+1) in non-adjacent form, lowest digit first.
type wnaf [maxDigits]int16

// set writes the number in limbs, of the given length in bits, with digits
// of the width w. The top bit must be zero.
func (d *wnaf) set(limbs []uint64, length, w int) {
	var carry uint64
	for i := 0; i < length; {
		word := limbs[i/64] >> (i % 64)
		if word&1 == carry {
			// Skip as many bits as equal the carry.
			i += min(bits.TrailingZeros64(word^-carry), 64-i%64)
			continue
		}
		if i%64+w > 64 && i/64+1 < len(limbs) {
			word |= limbs[i/64+1] << (64 - i%64)
		}
		taken := min(w, length-i)
		digit := word&(1<<taken-1) + carry
		carry = digit >> (w - 1)
		d[i] = int16(digit) - int16(carry<<w)
		i += taken
	}
}

// mulBaseAndKey sets p = u * G + v * Q for public numbers.
func (c *Curve) mulBaseAndKey(p *point, u *scalar, v *half, q *affine) {
	f := &c.field
	l, n := c.level, f.n
	var low, high, key wnaf
	var uLow, uHigh half
	copy(uLow[:n/2], u[:n/2])
	copy(uHigh[:n/2], u[n/2:n])
	low.set(uLow[:n/2+1], l+1, baseWidth)
	high.set(uHigh[:n/2+1], l+1, baseWidth)
	key.set(v[:n/2+1], l+2, keyWidth)

	var multiples [keyMultiples]cached
	f.oddMultiples(&multiples, q)
	base := c.wnafTables()
	*p = point{}
	for i := l + 1; i >= 0; i-- {
		f.double(p, p)
		if d := key[i]; d != 0 {
			f.addKeyDigit(p, &multiples, d)
		}
		if d := low[i]; d != 0 {
			f.addBaseDigit(p, &base.low, d)
		}
		if d := high[i]; d != 0 {
			f.addBaseDigit(p, &base.high, d)
		}
	}
}

// oddMultiples computes q, 3q, 5q, ...
func (f *field) oddMultiples(m *[keyMultiples]cached, q *affine) {
	var p, twice point
	var step cached
	p.fromAffine(q)
	f.double(&twice, &p)
	f.cache(&step, &twice)
	f.cache(&m[0], &p)
	for i := 1; i < len(m); i++ {
		f.addCachedVarTime(&p, &step)
		f.cache(&m[i], &p)
	}
}

func (f *field) addKeyDigit(p *point, m *[keyMultiples]cached, d int16) {
	if d > 0 {
		f.addCachedVarTime(p, &m[d/2])
		return
	}
	t := m[-d/2]
	f.negateIf(&t.y, ^uint64(0))
	f.addCachedVarTime(p, &t)
}

func (f *field) addBaseDigit(p *point, m *[baseMultiples]affine, d int16) {
	if d > 0 {
		f.addAffineVarTime(p, &m[d/2])
		return
	}
	t := m[-d/2]
	f.negateIf(&t.y, ^uint64(0))
	f.addAffineVarTime(p, &t)
}
