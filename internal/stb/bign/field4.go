package bign

import "math/bits"

// The arithmetic that points are made of, unrolled modulo p = 2^256 - 189, the
// field which carries nearly all of the load. The methods hand the larger fields
// on to loops; as the work for the small one is in place, it costs a single
// call.

// c4 is the c of bign-curve256v1.
const c4 = 189

// add sets z = x + y.
func (f *field) add(z, x, y *element) {
	if f.n != 4 {
		f.addN(z, x, y)
		return
	}
	t0, k := bits.Add64(x[0], y[0], 0)
	t1, k := bits.Add64(x[1], y[1], k)
	t2, k := bits.Add64(x[2], y[2], k)
	t3, k := bits.Add64(x[3], y[3], k)

	t0, k = bits.Add64(t0, c4&-k, 0)
	t1, k = bits.Add64(t1, 0, k)
	t2, k = bits.Add64(t2, 0, k)
	t3, k = bits.Add64(t3, 0, k)
	z[0], z[1], z[2], z[3] = t0+c4&-k, t1, t2, t3
}

// sub sets z = x - y.
func (f *field) sub(z, x, y *element) {
	if f.n != 4 {
		f.subN(z, x, y)
		return
	}
	t0, k := bits.Sub64(x[0], y[0], 0)
	t1, k := bits.Sub64(x[1], y[1], k)
	t2, k := bits.Sub64(x[2], y[2], k)
	t3, k := bits.Sub64(x[3], y[3], k)

	t0, k = bits.Sub64(t0, c4&-k, 0)
	t1, k = bits.Sub64(t1, 0, k)
	t2, k = bits.Sub64(t2, 0, k)
	t3, k = bits.Sub64(t3, 0, k)
	z[0], z[1], z[2], z[3] = t0-c4&-k, t1, t2, t3
}

// row4 multiplies four limbs by y; limb i of the product has the halves l[i]
// and h[i].
func row4(x0, x1, x2, x3, y uint64) (l0, l1, l2, l3, h0, h1, h2, h3 uint64) {
	h0, l0 = bits.Mul64(x0, y)
	h1, l1 = bits.Mul64(x1, y)
	h2, l2 = bits.Mul64(x2, y)
	h3, l3 = bits.Mul64(x3, y)
	return
}

// sum4 adds four limbs and four limbs.
func sum4(x0, x1, x2, x3, y0, y1, y2, y3 uint64) (s0, s1, s2, s3, carry uint64) {
	s0, carry = bits.Add64(x0, y0, 0)
	s1, carry = bits.Add64(x1, y1, carry)
	s2, carry = bits.Add64(x2, y2, carry)
	s3, carry = bits.Add64(x3, y3, carry)
	return
}

// mul sets z = x * y.
func (f *field) mul(z, x, y *element) {
	if f.n != 4 {
		f.mulN(z, x, y)
		return
	}
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]

	w0, w1, w2, w3, h0, h1, h2, h3 := row4(x0, x1, x2, x3, y[0])
	w1, w2, w3, w4, _ := sum4(w1, w2, w3, 0, h0, h1, h2, h3)

	l0, l1, l2, l3, h0, h1, h2, h3 := row4(x0, x1, x2, x3, y[1])
	w1, w2, w3, w4, w5 := sum4(w1, w2, w3, w4, l0, l1, l2, l3)
	w2, w3, w4, w5, _ = sum4(w2, w3, w4, w5, h0, h1, h2, h3)

	l0, l1, l2, l3, h0, h1, h2, h3 = row4(x0, x1, x2, x3, y[2])
	w2, w3, w4, w5, w6 := sum4(w2, w3, w4, w5, l0, l1, l2, l3)
	w3, w4, w5, w6, _ = sum4(w3, w4, w5, w6, h0, h1, h2, h3)

	l0, l1, l2, l3, h0, h1, h2, h3 = row4(x0, x1, x2, x3, y[3])
	w3, w4, w5, w6, w7 := sum4(w3, w4, w5, w6, l0, l1, l2, l3)
	w4, w5, w6, w7, _ = sum4(w4, w5, w6, w7, h0, h1, h2, h3)

	// The upper half counts c-fold.
	l0, l1, l2, l3, h0, h1, h2, h3 = row4(w4, w5, w6, w7, c4)
	w0, w1, w2, w3, carry := sum4(w0, w1, w2, w3, l0, l1, l2, l3)
	w1, w2, w3, w4, _ = sum4(w1, w2, w3, carry, h0, h1, h2, h3)
	w0, w1, w2, w3, carry = sum4(w0, w1, w2, w3, w4*c4, 0, 0, 0)
	z[0], z[1], z[2], z[3] = w0+c4&-carry, w1, w2, w3
}

// sqr sets z = x * x. It adds the products of different limbs once, doubles
// them, and adds the squares.
func (f *field) sqr(z, x *element) {
	if f.n != 4 {
		f.mulN(z, x, x)
		return
	}
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]

	h01, w1 := bits.Mul64(x0, x1)
	h02, l02 := bits.Mul64(x0, x2)
	h03, l03 := bits.Mul64(x0, x3)
	h12, l12 := bits.Mul64(x1, x2)
	h13, l13 := bits.Mul64(x1, x3)
	h23, l23 := bits.Mul64(x2, x3)
	w2, w3, w4, w5, _ := sum4(h01, h02, h03, h13, l02, l03, l13, 0)
	w3, w4, w5, w6, _ := sum4(w3, w4, w5, h23, l12, h12, l23, 0)

	w7 := w6 >> 63
	w6 = w6<<1 | w5>>63
	w5 = w5<<1 | w4>>63
	w4 = w4<<1 | w3>>63
	w3 = w3<<1 | w2>>63
	w2 = w2<<1 | w1>>63
	w1 <<= 1

	h0, w0 := bits.Mul64(x0, x0)
	h1, l1 := bits.Mul64(x1, x1)
	h2, l2 := bits.Mul64(x2, x2)
	h3, l3 := bits.Mul64(x3, x3)
	w1, carry := bits.Add64(w1, h0, 0)
	w2, carry = bits.Add64(w2, l1, carry)
	w3, carry = bits.Add64(w3, h1, carry)
	w4, carry = bits.Add64(w4, l2, carry)
	w5, carry = bits.Add64(w5, h2, carry)
	w6, carry = bits.Add64(w6, l3, carry)
	w7 += h3 + carry

	l0, l1, l2, l3, h0, h1, h2, h3 := row4(w4, w5, w6, w7, c4)
	w0, w1, w2, w3, carry = sum4(w0, w1, w2, w3, l0, l1, l2, l3)
	w1, w2, w3, w4, _ = sum4(w1, w2, w3, carry, h0, h1, h2, h3)
	w0, w1, w2, w3, carry = sum4(w0, w1, w2, w3, w4*c4, 0, 0, 0)
	z[0], z[1], z[2], z[3] = w0+c4&-carry, w1, w2, w3
}

// mulSmall sets z = k * x for k below 2^10.
func (f *field) mulSmall(z, x *element, k uint64) {
	if f.n != 4 {
		f.mulSmallN(z, x, k)
		return
	}
	h0, l0 := bits.Mul64(x[0], k)
	h1, l1 := bits.Mul64(x[1], k)
	h2, l2 := bits.Mul64(x[2], k)
	h3, l3 := bits.Mul64(x[3], k)
	t1, m := bits.Add64(l1, h0, 0)
	t2, m := bits.Add64(l2, h1, m)
	t3, m := bits.Add64(l3, h2, m)

	t0, m := bits.Add64(l0, (h3+m)*c4, 0)
	t1, m = bits.Add64(t1, 0, m)
	t2, m = bits.Add64(t2, 0, m)
	t3, m = bits.Add64(t3, 0, m)
	z[0], z[1], z[2], z[3] = t0+c4&-m, t1, t2, t3
}

// select4 is selectN for four limbs.
func select4(a *affine, table []uint64, index uint64) {
	var x0, x1, x2, x3, y0, y1, y2, y3 uint64
	for j := uint64(0); len(table) >= 8; j++ {
		row := (*[8]uint64)(table)
		mask := equalMask(j, index)
		x0 |= row[0] & mask
		x1 |= row[1] & mask
		x2 |= row[2] & mask
		x3 |= row[3] & mask
		y0 |= row[4] & mask
		y1 |= row[5] & mask
		y2 |= row[6] & mask
		y3 |= row[7] & mask
		table = table[8:]
	}
	a.x = element{x0, x1, x2, x3}
	a.y = element{y0, y1, y2, y3}
}
