package bign

// sqrt sets z to a square root of x and says whether x has one, as
// x^((p+1)/4); the exponent is 2^(64n-2) - (c-1)/4, and every curve's p is 3
// modulo 4. Its time depends on the answer only.
func (f *field) sqrt(z, x *element) bool {
	var t, square element
	f.powOnes(&t, x, 64*f.n-2-lowBits)
	low := 1<<lowBits - (f.c-1)/4
	for i := lowBits - 1; i >= 0; i-- {
		f.sqr(&t, &t)
		if low>>i&1 == 1 { // a bit of the public exponent
			f.mul(&t, &t, x)
		}
	}
	f.sqr(&square, &t)
	f.sub(&square, &square, x)
	*z = t
	return f.isZeroVarTime(&square)
}

// lift sets the y of a point of the curve to its x and says whether there is
// one; of the two points it takes either.
func (c *Curve) lift(a *affine) bool {
	var right element
	c.rightSide(&right, &a.x)
	return c.field.sqrt(&a.y, &right)
}
