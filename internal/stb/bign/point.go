package bign

// point is a point of the curve in Jacobian coordinates: x/z^2, y/z^3. It is
// the point at infinity if z is zero.
type point struct{ x, y, z element }

// affine is a point of the curve other than the point at infinity.
type affine struct{ x, y element }

// cached is a point other than the point at infinity with the powers of z that
// an addition needs.
type cached struct {
	point
	zz, zzz element
}

var one = element{1}

// fromAffine sets r = a.
func (r *point) fromAffine(a *affine) {
	r.x, r.y, r.z = a.x, a.y, one
}

// double sets r = 2p. It is complete: the order of the curve is odd, so no
// point but infinity doubles to infinity, and z = 0 stays 0.
func (f *field) double(r, p *point) {
	var delta, gamma, beta, alpha, t element
	f.sqr(&delta, &p.z)
	f.sqr(&gamma, &p.y)
	f.mul(&beta, &p.x, &gamma)

	// The tangent's slope 3x^2 + a z^4 factors because a = -3.
	f.sub(&t, &p.x, &delta)
	f.add(&alpha, &p.x, &delta)
	f.mul(&alpha, &alpha, &t)
	f.mulSmall(&alpha, &alpha, 3)

	f.mul(&t, &p.y, &p.z)
	f.add(&r.z, &t, &t)

	f.mulSmall(&beta, &beta, 4)
	f.sqr(&t, &alpha)
	f.sub(&t, &t, &beta)
	f.sub(&r.x, &t, &beta)

	f.sub(&t, &beta, &r.x)
	f.mul(&t, &t, &alpha)
	f.sqr(&gamma, &gamma)
	f.mulSmall(&gamma, &gamma, 8)
	f.sub(&r.y, &t, &gamma)
}

// addAffine sets r = p + a for points of different x, neither at infinity. For
// points of the same x it sets r.z to zero.
func (f *field) addAffine(r, p *point, a *affine) {
	var zz, h, s, t element
	f.sqr(&zz, &p.z)
	f.mul(&h, &a.x, &zz)
	f.sub(&h, &h, &p.x)
	f.mul(&s, &a.y, &zz)
	f.mul(&s, &s, &p.z)
	f.sub(&s, &s, &p.y)
	f.mul(&r.z, &p.z, &h)

	f.chord(r, &p.x, &p.y, &h, &s, &zz, &t)
}

// addCached is addAffine for a point q with the powers of its z.
func (f *field) addCached(r, p *point, q *cached) {
	var x, y, h, s, t element
	f.sqr(&t, &p.z)
	f.mul(&h, &q.x, &t)
	f.mul(&x, &p.x, &q.zz)
	f.sub(&h, &h, &x)
	f.mul(&s, &q.y, &t)
	f.mul(&s, &s, &p.z)
	f.mul(&y, &p.y, &q.zzz)
	f.sub(&s, &s, &y)
	f.mul(&t, &p.z, &q.z)
	f.mul(&r.z, &t, &h)

	f.chord(r, &x, &y, &h, &s, &t, new(element))
}

// chord finishes an addition: x and y are the first point's coordinates over
// the common denominator, h and s the differences to the second's. It
// overwrites h, u and v.
func (f *field) chord(r *point, x, y, h, s, u, v *element) {
	f.sqr(u, h)
	f.mul(v, x, u) // x h^2
	f.mul(h, h, u) // h^3
	f.mul(u, y, h) // y h^3
	f.sqr(&r.x, s)
	f.sub(&r.x, &r.x, h)
	f.sub(&r.x, &r.x, v)
	f.sub(&r.x, &r.x, v)
	f.sub(v, v, &r.x)
	f.mul(v, v, s)
	f.sub(&r.y, v, u)
}

// toAffine sets a = p for a point other than infinity.
func (f *field) toAffine(a *affine, p *point) {
	var inverse, square element
	f.invert(&inverse, &p.z)
	f.sqr(&square, &inverse)
	f.mul(&a.x, &p.x, &square)
	f.mul(&square, &square, &inverse)
	f.mul(&a.y, &p.y, &square)
}

// cache sets c = p for a point other than infinity.
func (f *field) cache(c *cached, p *point) {
	c.point = *p
	f.sqr(&c.zz, &p.z)
	f.mul(&c.zzz, &c.zz, &p.z)
}

// addAffineVarTime adds a to p whatever the two are.
func (f *field) addAffineVarTime(p *point, a *affine) {
	if f.isZeroVarTime(&p.z) {
		p.fromAffine(a)
		return
	}
	var r point
	f.addAffine(&r, p, a)
	if f.isZeroVarTime(&r.z) {
		var same point
		same.fromAffine(a)
		f.doubleOrCancel(&r, p, &same)
	}
	*p = r
}

// addCachedVarTime adds q to p whatever p is.
func (f *field) addCachedVarTime(p *point, q *cached) {
	if f.isZeroVarTime(&p.z) {
		*p = q.point
		return
	}
	var r point
	f.addCached(&r, p, q)
	if f.isZeroVarTime(&r.z) {
		f.doubleOrCancel(&r, p, &q.point)
	}
	*p = r
}

// doubleOrCancel sets r = p + q for points of the same x: they are equal or
// opposite.
func (f *field) doubleOrCancel(r, p, q *point) {
	var s, t, zz element
	f.sqr(&zz, &q.z)
	f.mul(&zz, &zz, &q.z)
	f.mul(&s, &p.y, &zz)
	f.sqr(&zz, &p.z)
	f.mul(&zz, &zz, &p.z)
	f.mul(&t, &q.y, &zz)
	f.sub(&s, &s, &t)
	if f.isZeroVarTime(&s) {
		f.double(r, p)
		return
	}
	*r = point{}
}
