package bign

import (
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
