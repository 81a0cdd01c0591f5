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
				if full++; full%40 == 1 && itsIterations == iterations {
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

// TestSTB78_ContainersOfOtherSecrets opens well-protected nonsense.
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
		container, err := seal(tc.algorithm, tc.secret, []byte("zed"), Protection{})
		require.NoError(t, err, name)
		_, err = OpenKey(container, []byte("zed"))
		require.ErrorIs(t, err, tc.want, name)
	}
	container, err := seal(named(oidShare, oidShare128), make([]byte, 33), []byte("zed"), Protection{})
	require.NoError(t, err)
	_, err = OpenShare(container, []byte("zed"))
	require.ErrorIs(t, err, ErrMalformed)
	container, err = seal(named(oidShare, oidShare128), append([]byte{1}, make([]byte, 32)...), []byte("zed"), Protection{})
	require.NoError(t, err)
	_, err = OpenShare(container, []byte("zed"))
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
	f.Add(mustBuild(func(b *cryptobyte.Builder) {
		b.AddASN1Int64(0)
		b.AddBytes(named(oidShare, oidShare128))
		b.AddASN1OctetString(make([]byte, 17))
	}))
	f.Fuzz(func(t *testing.T, der []byte) {
		id, parameters, secret, err := readPrivateKeyInfo(der)
		if err != nil {
			return
		}
		again, err := build(func(b *cryptobyte.Builder) {
			b.AddASN1Int64(0)
			b.AddBytes(named(id, parameters))
			b.AddASN1OctetString(secret)
		})
		require.NoError(t, err)
		require.Equal(t, der, again)
	})
}
