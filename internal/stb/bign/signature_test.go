package bign

import (
	"bytes"
	"errors"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func drawKey(t *rapid.T, c *Curve) *PrivateKey {
	raw := rapid.SliceOfN(rapid.Byte(), c.PrivateKeySize(), c.PrivateKeySize()).Draw(t, "d")
	raw[len(raw)-1] &= 0x7F // below q
	raw[0] |= 1             // not zero
	k, err := NewPrivateKey(c, raw)
	require.NoError(t, err)
	return k
}

func drawDigest(t *rapid.T, c *Curve) []byte {
	return rapid.SliceOfN(rapid.Byte(), c.PrivateKeySize(), c.PrivateKeySize()).Draw(t, "digest")
}

func flipBit(t *rapid.T, raw []byte, label string) []byte {
	flipped := append([]byte(nil), raw...)
	bit := rapid.IntRange(0, 8*len(raw)-1).Draw(t, label)
	flipped[bit/8] ^= 1 << (bit % 8)
	return flipped
}

func TestSTB45_SignaturesVerifyAndFlippedBitsDoNot(t *testing.T) {
	for _, c := range allCurves() {
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			k, digest := drawKey(t, c), drawDigest(t, c)
			signature, err := k.SignDigest(c.pairedHash, digest)
			require.NoError(t, err)
			require.NoError(t, k.public.Verify(c.pairedHash, digest, signature))

			require.ErrorIs(t, k.public.Verify(c.pairedHash, digest, flipBit(t, signature, "signature bit")), ErrVerification)
			require.ErrorIs(t, k.public.Verify(c.pairedHash, flipBit(t, digest, "digest bit"), signature), ErrVerification)
			require.Error(t, k.public.Verify(flipBit(t, c.pairedHash, "hash bit"), digest, signature))
			_, err = NewPublicKey(c, flipBit(t, k.public.Bytes(), "key bit"))
			require.Error(t, err, "one coordinate changed: off the curve or out of range")
			other := drawKey(t, c)
			if !other.Equal(k) {
				require.ErrorIs(t, other.public.Verify(c.pairedHash, digest, signature), ErrVerification)
			}
		}))
	}
}

func TestSTB45_SignaturesEqualReference(t *testing.T) {
	v := loadVectors(t)
	for _, c := range allCurves() {
		r := newReference(v.Curves[c.Name()])
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			k, digest := drawKey(t, c), drawDigest(t, c)
			other := rapid.SampledFrom(allCurves()).Draw(t, "hash")
			got, err := k.SignDigest(other.pairedHash, digest)
			require.NoError(t, err)
			require.Equal(t, r.sign(other.pairedHash, bigLE(k.Bytes()), digest), got)
		}))
	}
}

func TestSTB45_MalformedInputIsRefused(t *testing.T) {
	for _, c := range allCurves() {
		k := newKey(t, c)
		digest := bytes.Repeat([]byte{7}, c.PrivateKeySize())
		good, err := k.SignDigest(c.pairedHash, digest)
		require.NoError(t, err)
		for _, tc := range []struct {
			name                       string
			hashOID, digest, signature []byte
			want                       error
		}{
			{"good", c.pairedHash, digest, good, nil},
			{"no hash", nil, digest, good, ErrHashOID},
			{"only a header", []byte{6, 0}, digest, good, ErrHashOID},
			{"hash without its header", c.pairedHash[2:], digest, good, ErrHashOID},
			{"hash with a trailing octet", append(bytes.Clone(c.pairedHash), 0), digest, good, ErrHashOID},
			{"no digest", c.pairedHash, nil, good, ErrDigestLength},
			{"short digest", c.pairedHash, digest[1:], good, ErrDigestLength},
			{"long digest", c.pairedHash, append(bytes.Clone(digest), 0), good, ErrDigestLength},
			{"no signature", c.pairedHash, digest, nil, ErrVerification},
			{"short signature", c.pairedHash, digest, good[1:], ErrVerification},
			{"long signature", c.pairedHash, digest, append(bytes.Clone(good), 0), ErrVerification},
			{"zeros", c.pairedHash, digest, make([]byte, len(good)), ErrVerification},
			{"ones", c.pairedHash, digest, bytes.Repeat([]byte{0xFF}, len(good)), ErrVerification},
		} {
			require.ErrorIs(t, k.public.Verify(tc.hashOID, tc.digest, tc.signature), tc.want, tc.name)
			if errors.Is(tc.want, ErrHashOID) || errors.Is(tc.want, ErrDigestLength) {
				_, err := k.SignDigest(tc.hashOID, tc.digest)
				require.ErrorIs(t, err, tc.want, tc.name)
			}
		}
	}
}

// With S1 = -(S0 + 2^l) d - H the point to hash is at infinity.
func TestSTB45_PointAtInfinityIsRefused(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		k := newKey(t, c)
		digest := bytes.Repeat([]byte{9}, c.PrivateKeySize())
		s0 := make([]byte, c.level/8)
		s1 := new(big.Int).Mul(r.challenge(s0), bigLE(k.Bytes()))
		s1.Add(s1, bigLE(digest)).Neg(s1).Mod(s1, r.q)
		forged := append(s0, putLE(s1, c.PrivateKeySize())...)
		require.ErrorIs(t, k.public.Verify(c.pairedHash, digest, forged), ErrVerification)
		require.False(t, r.verify(k.public.Bytes(), c.pairedHash, digest, forged))
	})
}

// S1 + q would be a second signature of the same message. To have an S1 that
// leaves room for it, choose S1 and find the private key: S0 depends on the
// one-time key and the digest only.
func TestSTB45_SecondHalfMustBeBelowTheOrder(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		digest := bytes.Repeat([]byte{3}, c.PrivateKeySize())
		oneTime, s1 := big.NewInt(77), big.NewInt(5)
		s0 := r.commitment(c.pairedHash, r.mulBase(oneTime).x, digest)
		d := new(big.Int).Sub(oneTime, bigLE(digest))
		d.Sub(d, s1).Mul(d, new(big.Int).ModInverse(r.challenge(s0), r.q)).Mod(d, r.q)
		public, err := NewPublicKey(c, r.publicKey(d))
		require.NoError(t, err)

		signature := append(bytes.Clone(s0), putLE(s1, c.PrivateKeySize())...)
		require.NoError(t, public.Verify(c.pairedHash, digest, signature))
		signature = append(s0, putLE(s1.Add(s1, r.q), c.PrivateKeySize())...)
		require.ErrorIs(t, public.Verify(c.pairedHash, digest, signature), ErrVerification)
	})
}

func TestSTB45_VerificationAllocatesNothing(t *testing.T) {
	for _, c := range allCurves() {
		k := newKey(t, c)
		digest := make([]byte, c.PrivateKeySize())
		signature, err := k.SignDigest(c.pairedHash, digest)
		require.NoError(t, err)
		bad := bytes.Clone(signature)
		bad[0] ^= 1
		require.Zero(t, testing.AllocsPerRun(20, func() {
			if k.public.Verify(c.pairedHash, digest, signature) != nil || k.public.Verify(c.pairedHash, digest, bad) == nil {
				panic("wrong verdict")
			}
		}), c.Name())
		require.Equal(t, 1.0, testing.AllocsPerRun(20, func() {
			_, _ = k.SignDigest(c.pairedHash, digest)
		}), "the signature alone")
	}
}
