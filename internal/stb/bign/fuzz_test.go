package bign

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

// fuzzCurves returns a choice of a curve and its reference by number.
func fuzzCurves(v *vectors) func(which byte) (*Curve, *reference) {
	references := map[*Curve]*reference{}
	for _, c := range allCurves() {
		references[c] = newReference(v.Curves[c.Name()])
	}
	return func(which byte) (*Curve, *reference) {
		c := allCurves()[int(which)%len(allCurves())]
		return c, references[c]
	}
}

// fill cuts or repeats data to a length, so that fuzzing need not find it.
func fill(data []byte, size int) []byte {
	out := make([]byte, size)
	for done := 0; len(data) > 0 && done < size; {
		done += copy(out[done:], data)
	}
	return out
}

// FuzzVerify gives verification arbitrary octets: it must not panic, and it
// must agree with the reference.
func FuzzVerify(f *testing.F) {
	v := loadVectors(f)
	curve := fuzzCurves(&v)
	f.Add(byte(0), []byte(v.KeyPair.Q), []byte(v.HashOID), []byte(v.Verify.H), []byte(v.Verify.S))
	for i, c := range allCurves() {
		k, err := NewPrivateKey(c, fill([]byte{1, 2, 3}, c.PrivateKeySize()))
		require.NoError(f, err)
		digest := fill([]byte{4, 5}, c.PrivateKeySize())
		signature, err := k.SignDigest(c.pairedHash, digest)
		require.NoError(f, err)
		f.Add(byte(i), k.public.Bytes(), c.pairedHash, digest, signature)
	}
	f.Add(byte(1), []byte{}, []byte{6}, []byte{}, []byte{0})
	f.Fuzz(func(t *testing.T, which byte, public, hashOID, digest, signature []byte) {
		c, r := curve(which)
		k, err := NewPublicKey(c, public)
		if err != nil {
			require.Nil(t, k)
			return
		}
		require.Equal(t, public, k.Bytes())
		err = k.Verify(hashOID, digest, signature)
		if errors.Is(err, ErrHashOID) || errors.Is(err, ErrDigestLength) || len(signature) != c.SignatureSize() {
			require.Error(t, err)
			return
		}
		require.Equal(t, r.verify(public, hashOID, digest, signature), err == nil)
	})
}

// FuzzSign compares keys and signatures with the reference.
func FuzzSign(f *testing.F) {
	v := loadVectors(f)
	curve := fuzzCurves(&v)
	f.Add(byte(0), []byte(v.KeyPair.D), []byte(v.Sign.H))
	f.Add(byte(1), []byte{1}, []byte{})
	f.Add(byte(2), []byte{0xFF, 0x7F}, []byte{0xFF})
	f.Fuzz(func(t *testing.T, which byte, d, digest []byte) {
		c, r := curve(which)
		d, digest = fill(d, c.PrivateKeySize()), fill(digest, c.PrivateKeySize())
		k, err := NewPrivateKey(c, d)
		number := bigLE(d)
		require.Equal(t, number.Sign() > 0 && number.Cmp(r.q) < 0, err == nil)
		if err != nil {
			require.ErrorIs(t, err, ErrKeyRange)
			return
		}
		require.Equal(t, r.publicKey(number), k.public.Bytes())
		signature, err := k.SignDigest(c.pairedHash, digest)
		require.NoError(t, err)
		require.Equal(t, r.sign(c.pairedHash, number, digest), signature)
		require.NoError(t, k.public.Verify(c.pairedHash, digest, signature))
	})
}

// FuzzNewPublicKey compares the check of points with the reference.
func FuzzNewPublicKey(f *testing.F) {
	v := loadVectors(f)
	curve := fuzzCurves(&v)
	f.Add(byte(0), []byte(v.KeyPair.Q))
	f.Add(byte(0), []byte(v.Sign.R))
	f.Add(byte(2), []byte{0xFF})
	f.Fuzz(func(t *testing.T, which byte, raw []byte) {
		c, r := curve(which)
		raw = fill(raw, c.PublicKeySize())
		x, y := bigLE(raw[:len(raw)/2]), bigLE(raw[len(raw)/2:])
		_, err := NewPublicKey(c, raw)
		switch {
		case x.Cmp(r.p) >= 0 || y.Cmp(r.p) >= 0:
			require.ErrorIs(t, err, ErrKeyRange)
		case !r.contains(refPoint{x, y}):
			require.ErrorIs(t, err, ErrPointNotOnCurve)
		default:
			require.NoError(t, err)
		}
	})
}

// FuzzArithmetic compares field and scalar arithmetic with math/big.
func FuzzArithmetic(f *testing.F) {
	v := loadVectors(f)
	curve := fuzzCurves(&v)
	f.Add(byte(0), []byte{1}, []byte{2}, uint16(3))
	f.Add(byte(1), []byte{0xFF}, []byte{0xFF}, uint16(1023))
	f.Add(byte(2), []byte(v.Curves["bign-curve512v1"].P), []byte(v.Curves["bign-curve512v1"].Q), uint16(8))
	f.Fuzz(func(t *testing.T, which byte, x, y []byte, k uint16) {
		c, _ := curve(which)
		var a, b element
		var u, w scalar
		rawX, rawY := fill(x, c.PrivateKeySize()), fill(y, c.PrivateKeySize())
		c.field.setBytes(&a, rawX)
		c.field.setBytes(&b, rawY)
		checkField(t, &c.field, &a, &b, uint64(k%1024))
		c.order.setReduced(&u, rawX)
		c.order.setReduced(&w, rawY)
		h := c.order.newHalf(rawY[:c.level/8])
		checkScalars(t, c, &u, &w, &h)
	})
}
