package bign

import "math/bits"

// mulWide sets wide = x * y in the fields of 384 and 512 bits, row by row.
func (f *field) mulWide(wide *[2 * maxLimbs]uint64, x, y *element) {
	if f.n == 6 {
		for i := range 6 {
			addRow6((*[7]uint64)(wide[i:]), x, y[i])
		}
		return
	}
	for i := range 8 {
		addRow8((*[9]uint64)(wide[i:]), x, y[i])
	}
}

// addRow6 adds x * y, for 6 limbs of x, to the 6 limbs of row and stores the
// carry above them.
func addRow6(row *[7]uint64, x *element, y uint64) {
	h0, l0 := bits.Mul64(x[0], y)
	h1, l1 := bits.Mul64(x[1], y)
	h2, l2 := bits.Mul64(x[2], y)
	h3, l3 := bits.Mul64(x[3], y)
	h4, l4 := bits.Mul64(x[4], y)
	h5, l5 := bits.Mul64(x[5], y)

	r0, k := bits.Add64(row[0], l0, 0)
	r1, k := bits.Add64(row[1], l1, k)
	r2, k := bits.Add64(row[2], l2, k)
	r3, k := bits.Add64(row[3], l3, k)
	r4, k := bits.Add64(row[4], l4, k)
	r5, k := bits.Add64(row[5], l5, k)
	r6 := h5 + k

	r1, k = bits.Add64(r1, h0, 0)
	r2, k = bits.Add64(r2, h1, k)
	r3, k = bits.Add64(r3, h2, k)
	r4, k = bits.Add64(r4, h3, k)
	r5, k = bits.Add64(r5, h4, k)
	row[0], row[1], row[2] = r0, r1, r2
	row[3], row[4], row[5], row[6] = r3, r4, r5, r6+k
}

// addRow8 adds x * y, for 8 limbs of x, to the 8 limbs of row and stores the
// carry above them.
func addRow8(row *[9]uint64, x *element, y uint64) {
	h0, l0 := bits.Mul64(x[0], y)
	h1, l1 := bits.Mul64(x[1], y)
	h2, l2 := bits.Mul64(x[2], y)
	h3, l3 := bits.Mul64(x[3], y)
	h4, l4 := bits.Mul64(x[4], y)
	h5, l5 := bits.Mul64(x[5], y)
	h6, l6 := bits.Mul64(x[6], y)
	h7, l7 := bits.Mul64(x[7], y)

	r0, k := bits.Add64(row[0], l0, 0)
	r1, k := bits.Add64(row[1], l1, k)
	r2, k := bits.Add64(row[2], l2, k)
	r3, k := bits.Add64(row[3], l3, k)
	r4, k := bits.Add64(row[4], l4, k)
	r5, k := bits.Add64(row[5], l5, k)
	r6, k := bits.Add64(row[6], l6, k)
	r7, k := bits.Add64(row[7], l7, k)
	r8 := h7 + k

	r1, k = bits.Add64(r1, h0, 0)
	r2, k = bits.Add64(r2, h1, k)
	r3, k = bits.Add64(r3, h2, k)
	r4, k = bits.Add64(r4, h3, k)
	r5, k = bits.Add64(r5, h4, k)
	r6, k = bits.Add64(r6, h5, k)
	r7, k = bits.Add64(r7, h6, k)
	row[0], row[1], row[2], row[3] = r0, r1, r2, r3
	row[4], row[5], row[6], row[7], row[8] = r4, r5, r6, r7, r8+k
}
