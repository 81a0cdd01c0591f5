package bign

import (
	"encoding/asn1"
	"slices"
	"sync"
)

// Curve is one of the three standard curves. It is read-only and safe for
// concurrent use; compare curves by pointer.
type Curve struct {
	name  string
	oid   asn1.ObjectIdentifier
	level int
	// pairedHash is the DER of the hash function that goes with the curve.
	pairedHash []byte

	field field
	order order
	b, yG element

	combTable  func() []uint64
	wnafTables func() *wnafTables
}

func newCurve(p params) *Curve {
	n := p.level / 32
	c := &Curve{
		name:       p.name,
		oid:        p.oid,
		level:      p.level,
		pairedHash: p.pairedHash,
		field:      field{n: n, c: p.c},
		order:      newOrder(n, &p.deficit),
		b:          p.b,
		yG:         p.yG,
	}
	c.combTable = sync.OnceValue(c.makeCombTable)
	c.wnafTables = sync.OnceValue(c.makeWNAFTables)
	return c
}

// Curve256v1 returns bign-curve256v1, security level 128.
func Curve256v1() *Curve { return curve256v1() }

// Curve384v1 returns bign-curve384v1, security level 192.
func Curve384v1() *Curve { return curve384v1() }

// Curve512v1 returns bign-curve512v1, security level 256.
func Curve512v1() *Curve { return curve512v1() }

// CurveByOID returns the curve which oid names as the parameters of a
// bign-pubkey algorithm, and whether there is one.
func CurveByOID(oid asn1.ObjectIdentifier) (*Curve, bool) {
	switch {
	case oid.Equal(params256v1.oid):
		return Curve256v1(), true
	case oid.Equal(params384v1.oid):
		return Curve384v1(), true
	case oid.Equal(params512v1.oid):
		return Curve512v1(), true
	default:
		return nil, false
	}
}

// Name returns the name the standard gives the curve, like "bign-curve256v1".
func (c *Curve) Name() string { return c.name }

// OID returns the curve's object identifier.
func (c *Curve) OID() asn1.ObjectIdentifier { return slices.Clone(c.oid) }

// Level returns the security level l in bits: 128, 192 or 256.
func (c *Curve) Level() int { return c.level }

// PrivateKeySize returns the length of a private key in octets, which is also
// the length of a digest that can be signed.
func (c *Curve) PrivateKeySize() int { return c.level / 4 }

// PublicKeySize returns the length of a public key in octets.
func (c *Curve) PublicKeySize() int { return c.level / 2 }

// SignatureSize returns the length of a signature in octets.
func (c *Curve) SignatureSize() int { return c.level * 3 / 8 }

// base returns the base point.
func (c *Curve) base() affine { return affine{y: c.yG} }

// contains says whether a lies on the curve.
func (c *Curve) contains(a *affine) bool {
	f := &c.field
	var left, right element
	f.sqr(&left, &a.y)
	c.rightSide(&right, &a.x)
	f.sub(&left, &left, &right)
	return f.isZeroVarTime(&left)
}

// rightSide sets z = x^3 - 3x + b.
func (c *Curve) rightSide(z, x *element) {
	f := &c.field
	var cube, t element
	f.sqr(&cube, x)
	f.mul(&cube, &cube, x)
	f.mulSmall(&t, x, 3)
	f.sub(&cube, &cube, &t)
	f.add(z, &cube, &c.b)
}
