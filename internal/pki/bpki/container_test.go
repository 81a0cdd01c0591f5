package bpki_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/stb/bels"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

func TestSTB78_ContainerOfAnotherProgram(t *testing.T) {
	v := loadVectors(t).Container
	key, err := bpki.OpenKey(v.DER, []byte(v.Password))
	require.NoError(t, err)
	require.Equal(t, []byte(v.Key), key.Bytes())
	public, ok := key.Public().(*bign.PublicKey)
	require.True(t, ok)
	require.Equal(t, []byte(v.Public), public.Bytes())

	again, err := bpki.SealKey(key, []byte(v.Password), bpki.Protection{Iterations: v.Iterations, Random: bytes.NewReader(v.Salt)})
	require.NoError(t, err)
	require.Equal(t, []byte(v.DER), again)
}

func TestSTB78_KeysComeBackOnEveryCurve(t *testing.T) {
	h := loadVectors(t).H
	for i, c := range curves() {
		key, err := bign.NewPrivateKey(c, h[:c.PrivateKeySize()])
		require.NoError(t, err)
		p := bpki.Protection{Iterations: 10_001 + i, Random: bytes.NewReader(h[32+8*i:])}
		container, err := bpki.SealKey(key, h[:8:8], p)
		require.ErrorIs(t, err, bpki.ErrPasswordText)
		require.Nil(t, container)
		container, err = bpki.SealKey(key, []byte("пароль Ў"), p)
		require.NoError(t, err)
		require.LessOrEqual(t, len(container), 200)
		got, err := bpki.OpenKey(container, []byte("пароль Ў"))
		require.NoError(t, err)
		require.True(t, key.Equal(got))
	}
}

func TestSTB78_WrongPasswords(t *testing.T) {
	container := loadVectors(t).Container.DER
	for _, password := range []string{"", "Zed", "zed\x00", "zed\x00\x00", "\xFF", strings.Repeat("zed", 1<<16)} {
		_, err := bpki.OpenKey(container, []byte(password))
		require.ErrorIs(t, err, bpki.ErrPassword, "%q", password)
	}
}

func TestSTB78_SharesComeBack(t *testing.T) {
	h := loadVectors(t).H
	for _, s := range []bels.Share{{Number: 1, Value: h[:16]}, {Number: 2, Value: h[:24]}, {Number: 16, Value: h[:32]}} {
		container, err := bpki.SealShare(s, []byte("zed"), bpki.Protection{Random: bytes.NewReader(h[40:])})
		require.NoError(t, err)
		got, err := bpki.OpenShare(container, []byte("zed"))
		require.NoError(t, err)
		require.Equal(t, s.Number, got.Number)
		require.Equal(t, s.Value, got.Value)
	}
	for _, s := range []bels.Share{{Number: 0, Value: h[:16]}, {Number: 17, Value: h[:16]}, {Number: 1, Value: h[:17]}, {Number: 1}} {
		_, err := bpki.SealShare(s, []byte("zed"), bpki.Protection{})
		require.ErrorIs(t, err, bpki.ErrMalformed)
	}
}

func TestSTB78_KeyUnderASharedSecret(t *testing.T) {
	key, secret := newKey(t, bign.Curve256v1()), make([]byte, 16)
	_, err := rand.Read(secret)
	require.NoError(t, err)
	container, err := bpki.SealKey(key, bpki.SecretPassword(secret), bpki.Protection{})
	require.NoError(t, err)
	shares, err := bels.Split(secret, 3, 2, nil)
	require.NoError(t, err)
	joined, err := bels.Join(shares[2], shares[0])
	require.NoError(t, err)
	got, err := bpki.OpenKey(container, bpki.SecretPassword(joined))
	require.NoError(t, err)
	require.True(t, key.Equal(got))
	one, err := bels.Join(shares[1])
	require.NoError(t, err)
	_, err = bpki.OpenKey(container, bpki.SecretPassword(one))
	require.ErrorIs(t, err, bpki.ErrPassword)
}

func TestSTB78_ContainersAreMadeWithinBounds(t *testing.T) {
	key := newKey(t, bign.Curve256v1())
	for _, n := range []int{-1, 1, bpki.MinIterations - 1, bpki.MaxIterations + 1} {
		_, err := bpki.SealKey(key, []byte("zed"), bpki.Protection{Iterations: n})
		require.ErrorIs(t, err, bpki.ErrIterations)
	}
	for _, password := range []string{"", "\xFF", "zed\x00", "\x00"} {
		_, err := bpki.SealKey(key, []byte(password), bpki.Protection{})
		require.ErrorIs(t, err, bpki.ErrPasswordText)
	}
	broken := errors.New("no randomness")
	_, err := bpki.SealKey(key, []byte("zed"), bpki.Protection{Random: iotest.ErrReader(broken)})
	require.ErrorIs(t, err, broken)
}

// replace writes other octets of the same length into a container.
func replace(t *testing.T, der []byte, old, put string) []byte {
	t.Helper()
	require.Len(t, put, len(old))
	require.Equal(t, 1, bytes.Count(der, []byte(old)), "%x", old)
	return bytes.Replace(der, []byte(old), []byte(put), 1)
}

func TestSTB78_HostileContainersAreRefusedBeforeWork(t *testing.T) {
	good := []byte(loadVectors(t).Container.DER)
	longer := func(n byte) []byte { return append([]byte{0x30, 0x82, n, 0}, make([]byte, int(n)<<8)...) }
	for name, tc := range map[string]struct {
		der  []byte
		want error
	}{
		"empty":                      {nil, bpki.ErrMalformed},
		"cut off":                    {good[:len(good)-1], bpki.ErrMalformed},
		"octet after it":             {append(bytes.Clone(good), 0), bpki.ErrMalformed},
		"too large":                  {longer(4), bpki.ErrTooLarge},
		"zeros":                      {longer(3), bpki.ErrMalformed},
		"length not minimal":         {append([]byte{0x30, 0x82, 0, 0x9d}, good[3:]...), bpki.ErrMalformed},
		"indefinite length":          {append(append([]byte{0x30, 0x80}, good[3:]...), 0, 0), bpki.ErrMalformed},
		"few iterations":             {replace(t, good, "\x02\x02\x27\x10", "\x02\x02\x27\x0F"), bpki.ErrIterations},
		"negative iterations":        {replace(t, good, "\x02\x02\x27\x10", "\x02\x02\xA7\x10"), bpki.ErrIterations},
		"iterations not minimal":     {replace(t, good, "\x02\x02\x27\x10", "\x02\x02\x00\x10"), bpki.ErrMalformed},
		"PBES1":                      {replace(t, good, "\xf7\x0d\x01\x05\x0d", "\xf7\x0d\x01\x05\x0a"), bpki.ErrAlgorithm},
		"scrypt":                     {replace(t, good, "\xf7\x0d\x01\x05\x0c", "\xf7\x0d\x01\x05\x0b"), bpki.ErrAlgorithm},
		"another function":           {replace(t, good, "\x65\x2f\x0c\x05\x00", "\x65\x2f\x0b\x05\x00"), bpki.ErrAlgorithm},
		"another cipher":             {replace(t, good, "\x65\x1f\x49\x05\x00", "\x65\x1f\x48\x05\x00"), bpki.ErrAlgorithm},
		"parameters of the wrap":     {replace(t, good, "\x65\x1f\x49\x05\x00", "\x65\x1f\x49\x04\x00"), bpki.ErrAlgorithm},
		"parameters of the function": {replace(t, good, "\x65\x2f\x0c\x05\x00", "\x65\x2f\x0c\x04\x00"), bpki.ErrAlgorithm},
	} {
		_, err := bpki.OpenKey(tc.der, []byte("zed"))
		require.ErrorIs(t, err, tc.want, name)
		_, err = bpki.OpenShare(tc.der, []byte("zed"))
		require.ErrorIs(t, err, tc.want, name)
	}
}
