package bign

import "math/bits"

// The unrolled arithmetic modulo p = 2^256 - 189, which carries nearly all of
// the load. Each function does what the field method of its name says.

// c4 is the c of bign-curve256v1.
const c4 = 189

func add4(z, x, y *element) {
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

func sub4(z, x, y *element) {
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

func mul4(z, x, y *element) {
	var k uint64
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]

	y0 := y[0]
	h0, w0 := bits.Mul64(x0, y0)
	h1, l1 := bits.Mul64(x1, y0)
	h2, l2 := bits.Mul64(x2, y0)
	h3, l3 := bits.Mul64(x3, y0)
	w1, k := bits.Add64(l1, h0, 0)
	w2, k := bits.Add64(l2, h1, k)
	w3, k := bits.Add64(l3, h2, k)
	w4 := h3 + k

	y1 := y[1]
	h0, l0 := bits.Mul64(x0, y1)
	h1, l1 = bits.Mul64(x1, y1)
	h2, l2 = bits.Mul64(x2, y1)
	h3, l3 = bits.Mul64(x3, y1)
	w1, k = bits.Add64(w1, l0, 0)
	w2, k = bits.Add64(w2, l1, k)
	w3, k = bits.Add64(w3, l2, k)
	w4, k = bits.Add64(w4, l3, k)
	w5 := h3 + k
	w2, k = bits.Add64(w2, h0, 0)
	w3, k = bits.Add64(w3, h1, k)
	w4, k = bits.Add64(w4, h2, k)
	w5 += k

	y2 := y[2]
	h0, l0 = bits.Mul64(x0, y2)
	h1, l1 = bits.Mul64(x1, y2)
	h2, l2 = bits.Mul64(x2, y2)
	h3, l3 = bits.Mul64(x3, y2)
	w2, k = bits.Add64(w2, l0, 0)
	w3, k = bits.Add64(w3, l1, k)
	w4, k = bits.Add64(w4, l2, k)
	w5, k = bits.Add64(w5, l3, k)
	w6 := h3 + k
	w3, k = bits.Add64(w3, h0, 0)
	w4, k = bits.Add64(w4, h1, k)
	w5, k = bits.Add64(w5, h2, k)
	w6 += k

	y3 := y[3]
	h0, l0 = bits.Mul64(x0, y3)
	h1, l1 = bits.Mul64(x1, y3)
	h2, l2 = bits.Mul64(x2, y3)
	h3, l3 = bits.Mul64(x3, y3)
	w3, k = bits.Add64(w3, l0, 0)
	w4, k = bits.Add64(w4, l1, k)
	w5, k = bits.Add64(w5, l2, k)
	w6, k = bits.Add64(w6, l3, k)
	w7 := h3 + k
	w4, k = bits.Add64(w4, h0, 0)
	w5, k = bits.Add64(w5, h1, k)
	w6, k = bits.Add64(w6, h2, k)
	w7 += k
	z[0], z[1], z[2], z[3] = w0, w1, w2, w3
	reduce4(z, w4, w5, w6, w7)
}

// sqr4 adds the products of different limbs once, doubles them, and adds the
// squares.
func sqr4(z, x *element) {
	x0, x1, x2, x3 := x[0], x[1], x[2], x[3]

	w2, w1 := bits.Mul64(x0, x1)
	h, l := bits.Mul64(x0, x2)
	w2, k := bits.Add64(w2, l, 0)
	w4, w3 := bits.Mul64(x0, x3)
	w3, k = bits.Add64(w3, h, k)
	w4 += k
	h, l = bits.Mul64(x1, x2)
	w3, k = bits.Add64(w3, l, 0)
	h2, l2 := bits.Mul64(x1, x3)
	w4, k = bits.Add64(w4, h, k)
	w5 := h2 + k
	w4, k = bits.Add64(w4, l2, 0)
	w6, l := bits.Mul64(x2, x3)
	w5, k = bits.Add64(w5, l, k)
	w6 += k

	w7 := w6 >> 63
	w6 = w6<<1 | w5>>63
	w5 = w5<<1 | w4>>63
	w4 = w4<<1 | w3>>63
	w3 = w3<<1 | w2>>63
	w2 = w2<<1 | w1>>63
	w1 <<= 1

	h0, w0 := bits.Mul64(x0, x0)
	h1, l1 := bits.Mul64(x1, x1)
	h2, l2 = bits.Mul64(x2, x2)
	h3, l3 := bits.Mul64(x3, x3)
	w1, k = bits.Add64(w1, h0, 0)
	w2, k = bits.Add64(w2, l1, k)
	w3, k = bits.Add64(w3, h1, k)
	w4, k = bits.Add64(w4, l2, k)
	w5, k = bits.Add64(w5, h2, k)
	w6, k = bits.Add64(w6, l3, k)
	w7 += h3 + k
	z[0], z[1], z[2], z[3] = w0, w1, w2, w3
	reduce4(z, w4, w5, w6, w7)
}

// reduce4 sets z = z + (w4, w5, w6, w7) * 2^256.
func reduce4(z *element, w4, w5, w6, w7 uint64) {
	h0, l0 := bits.Mul64(w4, c4)
	h1, l1 := bits.Mul64(w5, c4)
	h2, l2 := bits.Mul64(w6, c4)
	h3, l3 := bits.Mul64(w7, c4)
	l1, k := bits.Add64(l1, h0, 0)
	l2, k = bits.Add64(l2, h1, k)
	l3, k = bits.Add64(l3, h2, k)
	h3 += k

	t0, k := bits.Add64(z[0], l0, 0)
	t1, k := bits.Add64(z[1], l1, k)
	t2, k := bits.Add64(z[2], l2, k)
	t3, k := bits.Add64(z[3], l3, k)

	t0, m := bits.Add64(t0, (h3+k)*c4, 0)
	t1, m = bits.Add64(t1, 0, m)
	t2, m = bits.Add64(t2, 0, m)
	t3, m = bits.Add64(t3, 0, m)
	z[0], z[1], z[2], z[3] = t0+c4&-m, t1, t2, t3
}

// mulSmall4 sets z = k * x.
func mulSmall4(z, x *element, k uint64) {
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
