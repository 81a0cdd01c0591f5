package bpki

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

func TestSTB78_AnyAlteredOctetOfAContainerIsNoticed(t *testing.T) {
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	good, err := SealKey(key, []byte("zed"), Protection{})
	require.NoError(t, err)
	_, salt, iterations, err := parseContainer(good)
	require.NoError(t, err)
	derived := belt.PBKDF2([]byte("zed"), salt, iterations)

	full := 0
	for i := range good {
		for bit := range 8 {
			damaged := bytes.Clone(good)
			damaged[i] ^= 1 << bit
			wrapped, itsSalt, itsIterations, err := parseContainer(damaged)
			if err != nil {
				continue
			}
			if !bytes.Equal(itsSalt, salt) || itsIterations != iterations {
				// Another key altogether: the derivation takes long, so not for each.
				if full++; full == 1 && itsIterations == iterations {
					_, err = OpenKey(damaged, []byte("zed"))
					require.ErrorIs(t, err, ErrPassword)
				}
				continue
			}
			_, err = belt.UnwrapKey(&derived, &noHeader, wrapped)
			require.ErrorIs(t, err, belt.ErrIntegrity, "octet %d", i)
		}
	}
	require.Positive(t, full)
}

// The common public keys of shares of two lengths.
var (
	oidShare128 = oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 2, 1}
	oidShare256 = oid{1, 2, 112, 0, 2, 0, 34, 101, 60, 2, 3}
)

func privateKeyInfo(algorithm, secret []byte) []byte {
	return mustBuild(func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddBytes(algorithm)
		b.AddASN1OctetString(secret)
	})
}

// TestSTB78_ContainersOfOtherSecrets reads what a correct password may bring to light.
func TestSTB78_ContainersOfOtherSecrets(t *testing.T) {
	d := bytes.Repeat([]byte{0xFF}, 32)
	small := append([]byte{1}, make([]byte, 31)...)
	curve := bign.Curve256v1().OID()
	bign96 := oid{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 0}
	for name, tc := range map[string]struct {
		algorithm, secret []byte
		want              error
	}{
		"not below the order":    {named(oidBignPublicKey, curve), d, ErrKey},
		"zero":                   {named(oidBignPublicKey, curve), make([]byte, 32), ErrKey},
		"of another length":      {named(oidBignPublicKey, curve), small[:31], ErrKey},
		"no standard curve":      {named(oidBignPublicKey, bign96), small[:24], ErrAlgorithm},
		"key of a share":         {named(oidShare, oidShare256), small, ErrAlgorithm},
		"no parameters":          {algorithm(oidBignPublicKey), small, ErrMalformed},
		"the curve as algorithm": {named(curve, oidBignPublicKey), small, ErrAlgorithm},
	} {
		_, err := parseKey(privateKeyInfo(tc.algorithm, tc.secret))
		require.ErrorIs(t, err, tc.want, name)
	}
	_, err := parseKey(append(privateKeyInfo(named(oidBignPublicKey, curve), small), 0))
	require.ErrorIs(t, err, ErrMalformed)
	for name, tc := range map[string]struct {
		secret []byte
		want   error
	}{
		"good":               {append([]byte{16}, make([]byte, 16)...), nil},
		"number 0":           {make([]byte, 17), ErrMalformed},
		"number 17":          {append([]byte{17}, make([]byte, 16)...), ErrMalformed},
		"empty":              {nil, ErrMalformed},
		"of another length":  {append([]byte{1}, make([]byte, 17)...), ErrMalformed},
		"of another key":     {append([]byte{1}, make([]byte, 32)...), ErrAlgorithm},
		"the length of none": {[]byte{1}, ErrMalformed},
	} {
		_, err := parseShare(privateKeyInfo(named(oidShare, oidShare128), tc.secret))
		require.ErrorIs(t, err, tc.want, name)
	}
	_, err = parseShare(privateKeyInfo(named(oidBignPublicKey, curve), small))
	require.ErrorIs(t, err, ErrAlgorithm)
}

func FuzzContainer(f *testing.F) {
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(f, err)
	good, err := SealKey(key, []byte("zed"), Protection{})
	require.NoError(f, err)
	f.Add(good)
	f.Add([]byte{0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, der []byte) {
		wrapped, salt, iterations, err := parseContainer(der)
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, iterations, MinIterations)
		require.LessOrEqual(t, iterations, MaxIterations)
		again, err := marshalContainer(wrapped, salt, iterations)
		require.NoError(t, err)
		require.Equal(t, der, again)
	})
}

func FuzzPrivateKeyInfo(f *testing.F) {
	f.Add(privateKeyInfo(named(oidShare, oidShare128), make([]byte, 17)))
	f.Fuzz(func(t *testing.T, der []byte) {
		id, parameters, secret, err := readPrivateKeyInfo(der)
		if err != nil {
			return
		}
		require.Equal(t, der, privateKeyInfo(named(id, parameters), secret))
	})
}
