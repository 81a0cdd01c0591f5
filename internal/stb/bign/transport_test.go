package bign

import (
	"bytes"
	"math/big"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

type tokenVector struct{ X, I, K, R, Theta, Y octets }

type tokenVectors struct{ Wrap, Unwrap tokenVector }

func loadTokens(t testing.TB) (v tokenVectors) {
	t.Helper()
	loadJSON(t, "transport.json", &v)
	return v
}

func TestSTB45_KeyTokenIsMade(t *testing.T) {
	v, pair := loadTokens(t).Wrap, loadVectors(t).KeyPair
	k, err := NewPublicKey(Curve256v1(), pair.Q)
	require.NoError(t, err)
	var oneTime scalar
	require.True(t, k.curve.order.setBytes(&oneTime, v.K))

	var shared affine
	k.curve.mulPoint(&shared, &oneTime, &k.point)
	theta := k.curve.transportKey(&shared)
	require.Equal(t, []byte(v.Theta), theta[:])
	token, err := k.wrapWith(&oneTime, v.X, (*[belt.BlockOctets]byte)(v.I))
	require.NoError(t, err)
	require.Equal(t, []byte(v.Y), token)
	public, err := k.WrapKey(v.X, (*[belt.BlockOctets]byte)(v.I), bytes.NewReader(v.K))
	require.NoError(t, err)
	require.Equal(t, []byte(v.Y), public)
}

func TestSTB45_KeyTokenIsOpened(t *testing.T) {
	v, pair := loadTokens(t).Unwrap, loadVectors(t).KeyPair
	k, err := NewPrivateKey(Curve256v1(), pair.D)
	require.NoError(t, err)

	var r affine
	require.True(t, k.Curve().field.setBytes(&r.x, v.R[:32]))
	require.True(t, k.Curve().lift(&r))
	require.Equal(t, []byte(v.R), (&PublicKey{curve: k.Curve(), point: r}).Bytes())
	x, err := k.UnwrapKey(v.Y, (*[belt.BlockOctets]byte)(v.I))
	require.NoError(t, err)
	require.Equal(t, []byte(v.X), x)
}

func TestSTB45_MultiplesOfAnyPoint(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		one := big.NewInt(1)
		q := r.mulBase(big.NewInt(0xC0FFEE))
		point := affineOf(c, q)
		scalars := []*big.Int{one, big.NewInt(2), big.NewInt(63), big.NewInt(64), new(big.Int).Sub(r.q, one)}
		// The last addition of a few scalars below q meets its own digit.
		for i := range int64(130) {
			scalars = append(scalars, new(big.Int).Sub(r.q, big.NewInt(1+i)))
		}
		for _, d := range scalars {
			var k scalar
			require.True(t, c.order.setBytes(&k, putLE(d, r.octets())))
			var got affine
			c.mulPoint(&got, &k, &point)
			want := r.mulBase(new(big.Int).Mod(new(big.Int).Mul(d, big.NewInt(0xC0FFEE)), r.q))
			require.Equal(t, want, refAffine(c, &got), "%v", d)
		}
	})
}

func TestSTB45_MultiplesOfRandomPoints(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		rapid.Check(t, func(t *rapid.T) {
			draw := func(name string) *big.Int {
				raw := rapid.SliceOfN(rapid.Byte(), r.octets(), r.octets()).Draw(t, name)
				d := bigLE(raw)
				d.Mod(d, new(big.Int).Sub(r.q, big.NewInt(1)))
				return d.Add(d, big.NewInt(1))
			}
			d, e := draw("d"), draw("e")
			var k scalar
			require.True(t, c.order.setBytes(&k, putLE(d, r.octets())))
			q := affineOf(c, r.mulBase(e))
			var got affine
			c.mulPoint(&got, &k, &q)
			d.Mul(d, e).Mod(d, r.q)
			require.Equal(t, r.mulBase(d), refAffine(c, &got))
		})
	})
}

func TestSTB45_SquareRoots(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		rapid.Check(t, func(t *rapid.T) {
			raw := rapid.SliceOfN(rapid.Byte(), r.octets(), r.octets()).Draw(t, "x")
			want := r.mod(bigLE(raw))
			var x, root element
			require.True(t, c.field.setBytes(&x, putLE(want, r.octets())))
			found := c.field.sqrt(&root, &x)
			require.Equal(t, big.Jacobi(want, r.p) >= 0, found)
			if found {
				c.field.sqr(&root, &root)
				got := make([]byte, r.octets())
				c.field.putBytes(got, &root)
				require.Equal(t, putLE(want, r.octets()), got)
			}
		})
	})
}

func TestSTB45_TokensComeBackAndAlteredOnesDoNot(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, _ *reference) {
		k, other := newKey(t, c), newKey(t, c)
		rapid.Check(t, func(t *rapid.T) {
			x := rapid.SliceOfN(rapid.Byte(), 16, 64).Draw(t, "x")
			header := (*[belt.BlockOctets]byte)(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "header"))
			token, err := k.public.WrapKey(x, header, nil)
			require.NoError(t, err)
			require.Len(t, token, c.PrivateKeySize()+len(x)+belt.BlockOctets)
			got, err := k.UnwrapKey(token, header)
			require.NoError(t, err)
			require.Equal(t, x, got)

			_, err = other.UnwrapKey(token, header)
			require.ErrorIs(t, err, ErrToken)
			token[rapid.IntRange(0, len(token)-1).Draw(t, "octet")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
			_, err = k.UnwrapKey(token, header)
			require.ErrorIs(t, err, ErrToken)
		})
	})
}

func TestSTB45_TokensOfWrongLengths(t *testing.T) {
	header := new([belt.BlockOctets]byte)
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		k := newKey(t, c)
		for _, n := range []int{0, 1, c.PrivateKeySize() - 1, c.PrivateKeySize(), c.PrivateKeySize() + 31, 1 << 20} {
			_, err := k.UnwrapKey(make([]byte, n), header)
			require.ErrorIs(t, err, ErrToken, "%d octets", n)
		}
		_, err := k.UnwrapKey(append(putLE(r.p, r.octets()), make([]byte, 48)...), header)
		require.ErrorIs(t, err, ErrToken)
		for _, n := range []int{0, 15, 1 << 20} {
			_, err := k.public.WrapKey(make([]byte, n), header, nil)
			require.ErrorIs(t, err, ErrTransportedKey)
		}
		_, err = k.public.WrapKey(make([]byte, 32), header, iotest.ErrReader(bytes.ErrTooLarge))
		require.ErrorIs(t, err, bytes.ErrTooLarge)
		_, err = k.public.WrapKey(make([]byte, 32), header, bytes.NewReader(make([]byte, 1<<14)))
		require.ErrorIs(t, err, ErrKeyRange)
	})
}
