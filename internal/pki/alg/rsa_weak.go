package alg

import (
	"crypto"
	"crypto/rsa"
	"math/big"
	"sync"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// CheckStrength refuses keys whose private half can be computed although they
// are long enough (CA/Browser Forum Baseline Requirements, 6.1.1.3): RSA keys
// with small factors, with primes close together, or of the generator of
// CVE-2017-15361 (ROCA). Only keys that are to be certified need it.
func CheckStrength(pub crypto.PublicKey) error {
	key, ok := pub.(*rsa.PublicKey)
	if !ok {
		return nil
	}
	switch {
	case hasSmallFactor(key.N):
		return fault.New(fault.WeakKey, "an RSA key with a small factor")
	case hasROCA(key.N):
		return fault.New(fault.WeakKey, "an RSA key of a generator known to be weak (CVE-2017-15361)")
	case closePrimes(key.N):
		return fault.New(fault.WeakKey, "an RSA key whose primes are close together")
	default:
		return nil
	}
}

// smallPrimes bounds the factors that are looked for.
const smallPrimes = 1 << 16

// primorial is the product of all odd primes below smallPrimes.
var primorial = sync.OnceValue(func() *big.Int {
	composite := make([]bool, smallPrimes)
	factors := []*big.Int{}
	for p := 3; p < smallPrimes; p += 2 {
		if composite[p] {
			continue
		}
		factors = append(factors, big.NewInt(int64(p)))
		for m := p * p; m < smallPrimes; m += 2 * p {
			composite[m] = true
		}
	}
	// Multiplying in pairs keeps the factors of equal size, which is fast.
	for len(factors) > 1 {
		next := make([]*big.Int, 0, (len(factors)+1)/2)
		for i := 0; i+1 < len(factors); i += 2 {
			next = append(next, new(big.Int).Mul(factors[i], factors[i+1]))
		}
		if len(factors)%2 == 1 {
			next = append(next, factors[len(factors)-1])
		}
		factors = next
	}
	return factors[0]
})

func hasSmallFactor(n *big.Int) bool {
	if n.Bit(0) == 0 {
		return true
	}
	rest := new(big.Int).Mod(primorial(), n)
	return new(big.Int).GCD(nil, nil, rest, n).Cmp(big.NewInt(1)) != 0
}

// rocaPrimes are the primes modulo which the moduli of the weak generator are
// powers of 65537.
var rocaPrimes = []int64{11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157}

// rocaPowers are the powers of 65537 modulo each of the primes.
var rocaPowers = sync.OnceValue(func() []map[int64]bool {
	out := make([]map[int64]bool, len(rocaPrimes))
	for i, p := range rocaPrimes {
		out[i] = map[int64]bool{}
		for x := int64(1); !out[i][x]; x = x * 65537 % p {
			out[i][x] = true
		}
	}
	return out
})

func hasROCA(n *big.Int) bool {
	for i, p := range rocaPrimes {
		if !rocaPowers()[i][new(big.Int).Mod(n, big.NewInt(p)).Int64()] {
			return false
		}
	}
	return true
}

// fermatRounds find primes whose difference is up to some hundreds of times the
// fourth root of the modulus; careless generators stay far below.
const fermatRounds = 100

// closePrimes tries to write n as a² - b² (Fermat).
func closePrimes(n *big.Int) bool {
	a := new(big.Int).Sqrt(n)
	square := new(big.Int).Mul(a, a)
	if square.Cmp(n) == 0 {
		return true
	}
	one := big.NewInt(1)
	for range fermatRounds {
		a.Add(a, one)
		rest := new(big.Int).Sub(square.Mul(a, a), n)
		b := new(big.Int).Sqrt(rest)
		if new(big.Int).Mul(b, b).Cmp(rest) == 0 {
			return true
		}
	}
	return false
}
