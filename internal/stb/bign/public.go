package bign

import "crypto"

// PublicKey is a point of a curve that signatures are verified with. Make one
// with [NewPublicKey]. It is read-only and safe for concurrent use.
type PublicKey struct {
	curve *Curve
	point affine
}

// NewPublicKey reads the l/2 octets x || y of a public key, both coordinates
// little-endian, as SubjectPublicKeyInfo carries them. It fails with
// [ErrKeyLength], [ErrKeyRange] or [ErrPointNotOnCurve]; as the order of the
// curves is prime, every point that passes is a valid key.
func NewPublicKey(c *Curve, raw []byte) (*PublicKey, error) {
	if len(raw) != c.PublicKeySize() {
		return nil, ErrKeyLength
	}
	k := &PublicKey{curve: c}
	half := len(raw) / 2
	if !c.field.setBytes(&k.point.x, raw[:half]) || !c.field.setBytes(&k.point.y, raw[half:]) {
		return nil, ErrKeyRange
	}
	if !c.contains(&k.point) {
		return nil, ErrPointNotOnCurve
	}
	return k, nil
}

// Bytes returns the key as x || y, the inverse of [NewPublicKey].
func (k *PublicKey) Bytes() []byte {
	raw := make([]byte, k.curve.PublicKeySize())
	k.curve.field.putBytes(raw, &k.point.x)
	k.curve.field.putBytes(raw[len(raw)/2:], &k.point.y)
	return raw
}

// Curve returns the curve of the key.
func (k *PublicKey) Curve() *Curve { return k.curve }

// Equal says whether x is a *PublicKey with the same point of the same curve.
func (k *PublicKey) Equal(x crypto.PublicKey) bool {
	other, ok := x.(*PublicKey)
	return ok && other != nil && k.curve == other.curve && k.point == other.point
}
