package bign

// Multiples of the base point by secret scalars. An odd scalar k is written
// with odd signed digits, k = sum of d[i] * 2^(combBits*i) with
// |d[i]| < 2^combBits: no digit is zero, so every step adds one table entry
// and the sum is never at infinity.
const (
	combBits    = 6
	combEntries = 1 << (combBits - 1)
)

// combWindows is the number of digits.
func (c *Curve) combWindows() int { return (64*c.field.n + combBits - 1) / combBits }

// makeCombTable computes (2j+1) * 2^(combBits*i) * G for every window i and
// every j below combEntries, as x and y of n limbs each.
func (c *Curve) makeCombTable() []uint64 {
	f := &c.field
	base := c.base()
	var p point
	p.fromAffine(&base)
	points := make([]point, 0, c.combWindows()*combEntries)
	for range c.combWindows() {
		points = f.appendOddMultiples(points, &p, combEntries)
		for range combBits {
			f.double(&p, &p)
		}
	}
	return f.newTable(points)
}

// newTable lays points out for selectEntry.
func (f *field) newTable(points []point) []uint64 {
	table := make([]uint64, 0, len(points)*2*f.n)
	for _, a := range f.toAffineAll(points) {
		f.normalize(&a.x)
		f.normalize(&a.y)
		table = append(append(table, a.x[:f.n]...), a.y[:f.n]...)
	}
	return table
}

// appendOddMultiples appends p, 3p, 5p, ... to dst.
func (f *field) appendOddMultiples(dst []point, p *point, count int) []point {
	var twice point
	var step cached
	f.double(&twice, p)
	f.cache(&step, &twice)
	next := *p
	for range count {
		dst = append(dst, next)
		f.addCachedVarTime(&next, &step)
	}
	return dst
}

// toAffineAll converts points other than infinity with a single inversion.
func (f *field) toAffineAll(points []point) []affine {
	products := make([]element, len(points))
	product := one
	for i := range points {
		products[i] = product
		f.mul(&product, &product, &points[i].z)
	}
	var inverse, zInverse, square element
	f.invert(&inverse, &product)
	out := make([]affine, len(points))
	for i := len(points) - 1; i >= 0; i-- {
		p := &points[i]
		f.mul(&zInverse, &inverse, &products[i])
		f.mul(&inverse, &inverse, &p.z)
		f.sqr(&square, &zInverse)
		f.mul(&out[i].x, &p.x, &square)
		f.mul(&square, &square, &zInverse)
		f.mul(&out[i].y, &p.y, &square)
	}
	return out
}

// mulBase sets a = k * G for k other than zero. Its steps and memory accesses
// do not depend on k.
func (c *Curve) mulBase(a *affine, k *scalar) {
	f := &c.field
	odd, even := c.order.makeOdd(k)
	digits := c.newDigits(&odd)

	table := c.combTable()
	stride := combEntries * 2 * f.n
	var p, sum, twice point
	var entry affine
	f.selectEntry(&entry, table[:stride], digits.window(0))
	p.fromAffine(&entry)
	last := c.combWindows() - 1
	for i := 1; i < last; i++ {
		// The sum so far is s * G with |s| < 2^(combBits*i), the entry e * G with
		// 2^(combBits*i) <= |e| < q/2: they differ in x.
		f.selectEntry(&entry, table[i*stride:(i+1)*stride], digits.window(i))
		f.addAffine(&p, &p, &entry)
	}
	// The last entry may wrap around q and meet the sum, for one scalar.
	f.selectEntry(&entry, table[last*stride:], digits.window(last))
	f.addAffine(&sum, &p, &entry)
	f.double(&twice, &p)
	sum.choose(&twice, f.zeroMask(&sum.z))

	f.toAffine(a, &sum)
	f.negateIf(&a.y, even)
}

// makeOdd returns k or q - k, of which exactly one is odd and whose multiples are
// opposite; even is all ones if it took q - k, else zero.
func (o *order) makeOdd(k *scalar) (odd scalar, even uint64) {
	even = (k[0] & 1) - 1
	odd = *k
	var negated scalar
	o.sub(&negated, &negated, k)
	odd.choose(&negated, even)
	return odd, even
}

func (r *point) choose(p *point, mask uint64) {
	r.x.choose(&p.x, mask)
	r.y.choose(&p.y, mask)
	r.z.choose(&p.z, mask)
}

// digits holds (k-1)/2 + 2^(bits-1) for an odd k: reading its bit b as 2b-1
// gives k again, and so its windows are the digits.
type digits [maxLimbs + 1]uint64

func (c *Curve) newDigits(odd *scalar) (d digits) {
	n := c.field.n
	for i := range n {
		d[i] = odd[i] >> 1
		if i+1 < n {
			d[i] |= odd[i+1] << 63
		}
	}
	top := c.combWindows()*combBits - 1
	d[top/64] |= 1 << (top % 64)
	return d
}

// window returns the bits of digit i.
func (d *digits) window(i int) uint64 {
	bit := combBits * i
	w := d[bit/64] >> (bit % 64)
	if bit%64 > 64-combBits && bit/64+1 < len(d) {
		w |= d[bit/64+1] << (64 - bit%64)
	}
	return w & (1<<combBits - 1)
}

// selectEntry sets a to the multiple in table that the window stands for,
// reading the whole table. The digit is 2w - (2^combBits - 1).
func (f *field) selectEntry(a *affine, table []uint64, w uint64) {
	negative := (w >> (combBits - 1)) - 1
	index := (w ^ negative) & (combEntries - 1)
	if f.n == 4 {
		select4(a, table, index)
	} else {
		f.selectN(a, table, index)
	}
	f.negateIf(&a.y, negative)
}

// equalMask is all ones if x = y and zero otherwise, for x and y below 2^63.
func equalMask(x, y uint64) uint64 { return -(((x ^ y) - 1) >> 63) }

func (f *field) selectN(a *affine, table []uint64, index uint64) {
	*a = affine{}
	for j := range uint64(combEntries) {
		mask := equalMask(j, index)
		row := table[int(j)*2*f.n:][:2*f.n]
		for i := range f.n {
			a.x[i] |= row[i] & mask
			a.y[i] |= row[f.n+i] & mask
		}
	}
}
