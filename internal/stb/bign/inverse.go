package bign

// lowBits is how many low bits of p - 2 the inversion treats singly; above
// them all bits are ones, as c is below 2^10.
const lowBits = 10

// invert sets z = 1/x, or 0 for x = 0, by Fermat's theorem: x^(p-2).
func (f *field) invert(z, x *element) {
	var t element
	f.powOnes(&t, x, 64*f.n-lowBits)
	low := 1<<lowBits - f.c - 2
	for i := lowBits - 1; i >= 0; i-- {
		f.sqr(&t, &t)
		if low>>i&1 == 1 { // a bit of the public prime
			f.mul(&t, &t, x)
		}
	}
	*z = t
}

// powOnes sets z = x^(2^k - 1), going through the binary digits of k.
func (f *field) powOnes(z, x *element, k int) {
	if k == 1 {
		*z = *x
		return
	}
	var half, t element
	f.powOnes(&half, x, k/2)
	f.sqrTimes(&t, &half, k/2)
	f.mul(&t, &t, &half)
	if k%2 == 1 {
		f.sqr(&t, &t)
		f.mul(&t, &t, x)
	}
	*z = t
}
