package bign

// mulPoint sets a = k * q for k other than zero and a public point q. Its steps
// and memory accesses do not depend on k; the digits are those of mulBase.
func (c *Curve) mulPoint(a *affine, k *scalar, q *affine) {
	f := &c.field
	odd, even := c.order.makeOdd(k)
	digits := c.newDigits(&odd)
	var p, sum, twice point
	p.fromAffine(q)
	table := f.newTable(f.appendOddMultiples(make([]point, 0, combEntries), &p, combEntries))

	// After a step the sum is s * q with an odd s > 0, as the topmost digit is
	// positive; 2^combBits * s is even and meets no odd digit below q.
	var entry affine
	last := c.combWindows() - 1
	f.selectEntry(&entry, table, digits.window(last))
	p.fromAffine(&entry)
	for i := last - 1; i >= 0; i-- {
		for range combBits {
			f.double(&p, &p)
		}
		f.selectEntry(&entry, table, digits.window(i))
		if i > 0 {
			f.addAffine(&p, &p, &entry)
		}
	}
	// The last addition may wrap around q and meet the digit, for one scalar.
	f.addAffine(&sum, &p, &entry)
	f.double(&twice, &p)
	sum.choose(&twice, f.zeroMask(&sum.z))

	f.toAffine(a, &sum)
	f.negateIf(&a.y, even)
}
