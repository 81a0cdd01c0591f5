package bign

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"math/big"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func newKey(t testing.TB, c *Curve) *PrivateKey {
	t.Helper()
	k, err := GenerateKey(c, nil)
	require.NoError(t, err)
	return k
}

func TestSTB45_PublicKeysAreValidated(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		good := r.publicKey(big.NewInt(1))
		size := len(good) / 2
		with := func(x, y []byte) []byte { return append(bytes.Clone(x), y...) }
		prime := putLE(r.p, size)
		for name, tc := range map[string]struct {
			raw  []byte
			want error
		}{
			"base point":     {good, nil},
			"empty":          {nil, ErrKeyLength},
			"truncated":      {good[:len(good)-1], ErrKeyLength},
			"trailing octet": {append(bytes.Clone(good), 0), ErrKeyLength},
			"prefix 04":      {append([]byte{4}, good...), ErrKeyLength},
			"all zeros":      {make([]byte, len(good)), ErrPointNotOnCurve},
			"all ones":       {bytes.Repeat([]byte{0xFF}, len(good)), ErrKeyRange},
			"x = p for 0":    {with(prime, good[size:]), ErrKeyRange},
			"y = p":          {with(good[:size], prime), ErrKeyRange},
			"swapped":        {with(good[size:], good[:size]), ErrPointNotOnCurve},
		} {
			k, err := NewPublicKey(c, tc.raw)
			require.ErrorIs(t, err, tc.want, name)
			if tc.want == nil {
				require.Equal(t, tc.raw, k.Bytes())
				require.Same(t, c, k.Curve())
			} else {
				require.Nil(t, k, name)
			}
		}
	})
}

func TestSTB45_PrivateKeysAreValidated(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		size := c.PrivateKeySize()
		last := new(big.Int).Sub(r.q, big.NewInt(1))
		for name, tc := range map[string]struct {
			raw  []byte
			want error
		}{
			"one":      {putLE(big.NewInt(1), size), nil},
			"q - 1":    {putLE(last, size), nil},
			"zero":     {make([]byte, size), ErrKeyRange},
			"q":        {putLE(r.q, size), ErrKeyRange},
			"all ones": {bytes.Repeat([]byte{0xFF}, size), ErrKeyRange},
			"empty":    {nil, ErrKeyLength},
			"short":    {make([]byte, size-1), ErrKeyLength},
			"long":     {make([]byte, size+1), ErrKeyLength},
		} {
			k, err := NewPrivateKey(c, tc.raw)
			require.ErrorIs(t, err, tc.want, name)
			if tc.want != nil {
				require.Nil(t, k, name)
				continue
			}
			require.Equal(t, tc.raw, k.Bytes())
			require.Same(t, c, k.Curve())
			require.Equal(t, r.publicKey(bigLE(tc.raw)), k.Public().(*PublicKey).Bytes())
		}
	})
}

func TestSTB45_GenerateKey(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		k, err := GenerateKey(c, rand.Reader)
		require.NoError(t, err)
		require.Equal(t, r.publicKey(bigLE(k.Bytes())), k.public.Bytes())
		require.False(t, k.Equal(newKey(t, c)))

		// A number that is not below q is drawn again.
		ones := bytes.Repeat([]byte{0xFF}, c.PrivateKeySize())
		k, err = GenerateKey(c, bytes.NewReader(append(ones, k.Bytes()...)))
		require.NoError(t, err)
		require.NotEqual(t, ones, k.Bytes())

		_, err = GenerateKey(c, bytes.NewReader(nil))
		require.ErrorIs(t, err, io.EOF)
		broken := errors.New("broken")
		_, err = GenerateKey(c, iotest.ErrReader(broken))
		require.ErrorIs(t, err, broken)
		_, err = GenerateKey(c, zeros{})
		require.ErrorIs(t, err, ErrKeyRange, "a dead source ends the search")
	})
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func TestSTB45_KeyEquality(t *testing.T) {
	a, b := newKey(t, Curve256v1()), newKey(t, Curve256v1())
	other := newKey(t, Curve384v1())
	again, err := NewPrivateKey(a.Curve(), a.Bytes())
	require.NoError(t, err)
	read, err := NewPublicKey(a.Curve(), a.public.Bytes())
	require.NoError(t, err)

	require.True(t, a.Equal(again))
	require.False(t, a.Equal(b))
	require.False(t, a.Equal(other))
	require.False(t, a.Equal(nil))
	require.False(t, a.Equal((*PrivateKey)(nil)))
	require.True(t, read.Equal(a.Public()))
	require.False(t, read.Equal(b.Public()))
	require.False(t, read.Equal(other.Public()))
	require.False(t, read.Equal(a))
	require.False(t, read.Equal((*PublicKey)(nil)))
}

func TestSTB45_Signer(t *testing.T) {
	for _, c := range allCurves() {
		var signer crypto.Signer = newKey(t, c)
		digest := make([]byte, c.PrivateKeySize())
		opts := SignerOpts{HashOID: c.pairedHash}
		require.Zero(t, opts.HashFunc())
		a, err := signer.Sign(nil, digest, opts)
		require.NoError(t, err)
		b, err := signer.Sign(rand.Reader, digest, &opts)
		require.NoError(t, err)
		require.Equal(t, a, b, "deterministic")
		require.NoError(t, signer.Public().(*PublicKey).Verify(c.pairedHash, digest, a))

		for _, bad := range []crypto.SignerOpts{nil, crypto.SHA256, (*SignerOpts)(nil)} {
			_, err = signer.Sign(nil, digest, bad)
			require.ErrorIs(t, err, ErrSignerOpts)
		}
	}
}

func TestSTB45_PrivateKeysAreNotPrinted(t *testing.T) {
	k := newKey(t, Curve256v1())
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
		require.Equal(t, "private key of bign-curve256v1", fmt.Sprintf(verb, k), verb)
	}
}
