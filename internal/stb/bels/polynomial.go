package bels

import "math/bits"

// polynomial has its coefficients, numbers modulo 2, in little-endian limbs. The
// methods take steps that depend on public things only: lengths and moduli.
type polynomial []uint64

const limbOctets = 8

// reduce brings p modulo x^(64n) + m(x), with n at least 2 and m of a degree below 32.
func (p polynomial) reduce(m uint32, n int) polynomial {
	for j := len(p) - 1; j >= n; j-- {
		p[j-n:].addShifted(p[j], m)
		p[j] = 0
	}
	return p[:n]
}

// addShifted adds the product of one limb and m.
func (p polynomial) addShifted(limb uint64, m uint32) {
	for ; m != 0; m &= m - 1 { // the bits of a public modulus
		shift := bits.TrailingZeros32(m)
		p[0] ^= limb << shift
		p[1] ^= limb >> (64 - shift)
	}
}

// addModulusTimes adds (x^(64n) + m(x)) * k.
func (p polynomial) addModulusTimes(m uint32, n int, k polynomial) {
	for i, limb := range k {
		p[i+n] ^= limb
		p[i:].addShifted(limb, m)
	}
}

// addProduct adds q * r, looking at no bit of r but through a mask; q is public or secret as well.
func (p polynomial) addProduct(q, r polynomial) {
	for i := range len(r) * 64 {
		mask := -(r[i/64] >> (i % 64) & 1)
		shift := i % 64
		for j, limb := range q {
			limb &= mask
			p[i/64+j] ^= limb << shift
			p[i/64+j+1] ^= limb >> 1 >> (63 - shift)
		}
	}
}

// times is q * r modulo x^(64n) + m(x), both of n limbs.
func (q polynomial) times(r polynomial, m uint32) polynomial {
	n := len(q)
	product := make(polynomial, 2*n+1)
	product.addProduct(q, r)
	return product.reduce(m, n)
}

// inverse is 1/q modulo the irreducible x^(64n) + m(x), as q^(2^(64n) - 2).
func (q polynomial) inverse(m uint32) polynomial {
	square := q.times(q, m)
	result := square
	for range 64*len(q) - 2 {
		square = square.times(square, m)
		result = result.times(square, m)
	}
	return result
}
