package bign

import (
	"crypto/subtle"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// checkInput refuses what cannot be signed or verified on the curve.
func (c *Curve) checkInput(hashOID, digest []byte) error {
	const tagOID, header = 0x06, 2
	if len(hashOID) <= header || hashOID[0] != tagOID || int(hashOID[1]) != len(hashOID)-header {
		return ErrHashOID
	}
	if len(digest) != c.PrivateKeySize() {
		return ErrDigestLength
	}
	return nil
}

// commitment is the first half of a signature: the first l bits of
// belt-hash(hashOID || x || digest), where x is that of the one-time point.
func (c *Curve) commitment(hashOID []byte, x *element, digest []byte) [belt.Size]byte {
	var raw [maxOctets]byte
	c.field.putBytes(raw[:], x)
	var h belt.Digest
	h.Reset()
	_, _ = h.Write(hashOID)
	_, _ = h.Write(raw[:c.field.octets()])
	_, _ = h.Write(digest)
	return h.Sum256()
}

// SignDigest signs the digest of a message, l/4 octets made by the hash
// function whose object identifier has the DER hashOID. The one-time key comes
// from belt-genk, so equal input gives equal signatures. The result has 3l/8
// octets, as BIT STRING and OCTET STRING carry them.
func (k *PrivateKey) SignDigest(hashOID, digest []byte) ([]byte, error) {
	c := k.public.curve
	if err := c.checkInput(hashOID, digest); err != nil {
		return nil, err
	}
	theta := k.thetaFor(hashOID)
	oneTime := c.oneTimeKey(&theta, digest)
	return k.signWith(&oneTime, hashOID, digest), nil
}

// signWith signs with a given one-time key.
func (k *PrivateKey) signWith(oneTime *scalar, hashOID, digest []byte) []byte {
	c := k.public.curve
	o := &c.order
	var r affine
	c.mulBase(&r, oneTime)
	s0 := c.commitment(hashOID, &r.x, digest)

	var s1, t scalar
	h := o.newHalf(s0[:])
	o.mulHalf(&t, &h, &k.d)
	o.sub(&s1, oneTime, &t)
	o.setReduced(&t, digest)
	o.sub(&s1, &s1, &t)

	signature := make([]byte, c.SignatureSize())
	copy(signature, s0[:c.level/8])
	o.putBytes(signature[c.level/8:], &s1)
	return signature
}

// Verify checks the signature of a message's digest; the arguments are those
// of [PrivateKey.SignDigest]. It fails with [ErrVerification] for every
// signature that is not valid, and with [ErrDigestLength] or [ErrHashOID] for
// a digest that no signature can belong to. It allocates nothing; its time
// depends on the arguments, which are public.
func (k *PublicKey) Verify(hashOID, digest, signature []byte) error {
	c := k.curve
	if err := c.checkInput(hashOID, digest); err != nil {
		return err
	}
	if len(signature) != c.SignatureSize() {
		return ErrVerification
	}
	o := &c.order
	s0, raw1 := signature[:c.level/8], signature[c.level/8:]
	var u, t scalar
	if !o.setBytes(&u, raw1) {
		return ErrVerification
	}
	o.setReduced(&t, digest)
	o.add(&u, &u, &t)
	v := o.newHalf(s0)

	var p point
	c.mulBaseAndKey(&p, &u, &v, &k.point)
	if c.field.isZeroVarTime(&p.z) {
		return ErrVerification
	}
	var r affine
	c.field.toAffine(&r, &p)
	want := c.commitment(hashOID, &r.x, digest)
	if subtle.ConstantTimeCompare(want[:len(s0)], s0) != 1 {
		return ErrVerification
	}
	return nil
}
