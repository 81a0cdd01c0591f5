package alg_test

import (
	"crypto/rand"
	"crypto/rsa"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// nextPrime is the first prime from n on.
func nextPrime(n *big.Int) *big.Int {
	p := new(big.Int).SetBit(n, 0, 1)
	for !p.ProbablyPrime(20) {
		p.Add(p, big.NewInt(2))
	}
	return p
}

func prime(t *testing.T, bits int) *big.Int {
	t.Helper()
	p, err := rand.Prime(rand.Reader, bits)
	require.NoError(t, err)
	return p
}

// roca makes a prime as the weak generator does: k·M + (65537^a mod M) with M
// the product of the first primes.
func roca(t *testing.T) *big.Int {
	t.Helper()
	m := big.NewInt(1)
	for p, n := int64(2), 0; n < 126; p++ {
		if big.NewInt(p).ProbablyPrime(10) {
			m.Mul(m, big.NewInt(p))
			n++
		}
	}
	for {
		a, err := rand.Int(rand.Reader, m)
		require.NoError(t, err)
		k, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(1024-m.BitLen())))
		require.NoError(t, err)
		p := new(big.Int).Exp(big.NewInt(65537), a, m)
		p.Add(p, k.Mul(k, m))
		if p.BitLen() == 1024 && p.ProbablyPrime(20) {
			return p
		}
	}
}

func TestS3_RSAKeysThatCanBeBrokenAreWeak(t *testing.T) {
	p := prime(t, 1024)
	far := new(big.Int).Lsh(big.NewInt(1), 540)
	for name, n := range map[string]*big.Int{
		"twin primes":    new(big.Int).Mul(p, nextPrime(new(big.Int).Add(p, big.NewInt(2)))),
		"close primes":   new(big.Int).Mul(p, nextPrime(new(big.Int).Add(p, new(big.Int).Lsh(big.NewInt(1), 512)))),
		"a square":       new(big.Int).Mul(p, p),
		"small factor":   new(big.Int).Mul(prime(t, 2040), big.NewInt(251)),
		"small factor 2": new(big.Int).Mul(prime(t, 2032), big.NewInt(65521)),
		"even":           new(big.Int).Lsh(prime(t, 2047), 1),
		"ROCA":           new(big.Int).Exp(roca(t), big.NewInt(2), nil),
	} {
		require.Equal(t, fault.WeakKey, fault.CodeOf(alg.CheckStrength(&rsa.PublicKey{N: n, E: 65537})), name)
	}
	require.NoError(t, alg.CheckStrength(&rsa.PublicKey{N: new(big.Int).Mul(p, nextPrime(new(big.Int).Add(p, far))), E: 65537}), "far enough")
	for _, kind := range []alg.KeyAlgorithm{alg.KeyRSA2048, alg.KeyECDSAP256, alg.KeyBign256} {
		key, err := alg.GenerateKey(kind, rand.Reader)
		require.NoError(t, err)
		require.NoError(t, alg.CheckStrength(key.Public()))
	}
}

func TestS3_OneModulusIsOneKey(t *testing.T) {
	n := new(big.Int).Mul(prime(t, 1024), prime(t, 1024))
	a, b := &rsa.PublicKey{N: n, E: 65537}, &rsa.PublicKey{N: n, E: 3}
	require.False(t, alg.SameKey(a, b))
	require.True(t, alg.SameSecret(a, b))
	x, err := alg.KeyID(a)
	require.NoError(t, err)
	y, err := alg.KeyID(b)
	require.NoError(t, err)
	require.Equal(t, x, y)
	other := &rsa.PublicKey{N: new(big.Int).Add(n, big.NewInt(2)), E: 65537}
	require.False(t, alg.SameSecret(a, other))
	require.False(t, alg.SameSecret(nil, nil))
}
