package bign

import (
	"math/big"
	"math/bits"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var fields = map[string]*field{
	"256": {n: 4, c: 189},
	"384": {n: 6, c: 317},
	"512": {n: 8, c: 569},
}

// bigPrime is the modulus of f for the reference arithmetic.
func bigPrime(f *field) *big.Int {
	p := new(big.Int).Lsh(big.NewInt(1), uint(64*f.n))
	return p.Sub(p, new(big.Int).SetUint64(f.c))
}

// bigOf is the number in the limbs of x, reduced or not.
func bigOf(x *element) *big.Int { return bigOfLimbs(x[:]) }

func bigOfLimbs(x []uint64) *big.Int {
	v := new(big.Int)
	for i := len(x) - 1; i >= 0; i-- {
		v.Lsh(v, 64).Or(v, new(big.Int).SetUint64(x[i]))
	}
	return v
}

// limb favours the values at which carries happen.
var limb = rapid.OneOf(rapid.Uint64(), rapid.SampledFrom([]uint64{
	0, 1, 188, 189, 190, 316, 317, 318, 568, 569, 570, 1 << 63,
	1<<64 - 1, 1<<64 - 188, 1<<64 - 189, 1<<64 - 190, 1<<64 - 317, 1<<64 - 318, 1<<64 - 569, 1<<64 - 570,
}))

func drawElement(t *rapid.T, f *field, label string) *element {
	var x element
	copy(x[:], rapid.SliceOfN(limb, f.n, f.n).Draw(t, label))
	return &x
}

func TestSTB45_FieldEqualsReference(t *testing.T) {
	for name, f := range fields {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			checkField(t, f, drawElement(t, f, "x"), drawElement(t, f, "y"), rapid.Uint64Range(0, 1023).Draw(t, "k"))
		}))
	}
}

// checkField compares every operation with math/big.
func checkField(t require.TestingT, f *field, x, y *element, k uint64) {
	p, bx, by := bigPrime(f), bigOf(x), bigOf(y)
	check := func(operation string, z *element, want *big.Int) {
		require.Zero(t, new(big.Int).Mod(bigOf(z), p).Cmp(want.Mod(want, p)), operation)
		for _, limb := range z[f.n:] {
			require.Zero(t, limb, operation)
		}
	}
	var z element
	f.add(&z, x, y)
	check("add", &z, new(big.Int).Add(bx, by))
	f.sub(&z, x, y)
	check("sub", &z, new(big.Int).Sub(bx, by))
	f.mul(&z, x, y)
	check("mul", &z, new(big.Int).Mul(bx, by))
	f.sqr(&z, x)
	check("sqr", &z, new(big.Int).Mul(bx, bx))
	f.mulSmall(&z, x, k)
	check("mulSmall", &z, new(big.Int).Mul(bx, new(big.Int).SetUint64(k)))
	f.invert(&z, x)
	check("invert", &z, new(big.Int).Exp(bx, new(big.Int).Sub(p, big.NewInt(2)), p))
	z = *x
	f.negateIf(&z, 0)
	require.Equal(t, *x, z)
	f.negateIf(&z, ^uint64(0))
	check("negate", &z, new(big.Int).Neg(bx))
	z = *x
	f.normalize(&z)
	require.Zero(t, bigOf(&z).Cmp(new(big.Int).Mod(bx, p)), "normalize")
	f.sub(&z, x, x)
	require.True(t, f.isZeroVarTime(&z))
	require.Equal(t, new(big.Int).Mod(bx, p).Sign() == 0, f.isZeroVarTime(x))
}

func TestSTB45_FieldAtItsEdges(t *testing.T) {
	for name, f := range fields {
		t.Run(name, func(t *testing.T) {
			p := f.prime()
			require.Zero(t, bigOf(&p).Cmp(bigPrime(f)))
			var edges []element
			for _, delta := range []uint64{0, 1, 2, f.c - 1, f.c, f.c + 1} {
				for _, base := range []element{{}, p} {
					edges = append(edges, plus(f, base, delta), minus(f, base, delta))
				}
			}
			for _, x := range edges {
				for _, y := range edges {
					checkField(t, f, &x, &y, 1023)
				}
			}
		})
	}
}

// plus and minus wrap around at 2^(64n).
func plus(f *field, x element, d uint64) element {
	for i := range f.n {
		x[i], d = bits.Add64(x[i], d, 0)
	}
	return x
}

func minus(f *field, x element, d uint64) element {
	for i := range f.n {
		x[i], d = bits.Sub64(x[i], d, 0)
	}
	return x
}

func TestSTB45_FieldOctets(t *testing.T) {
	for name, f := range fields {
		t.Run(name, func(t *testing.T) {
			p := f.prime()
			raw := make([]byte, f.octets())
			var z element
			last := minus(f, p, 1)
			f.putBytes(raw, &last)
			require.True(t, f.setBytes(&z, raw))
			require.Equal(t, last, z)
			f.putBytes(raw, &p)
			require.Equal(t, make([]byte, f.octets()), raw)
			raw[0]++
			require.True(t, f.setBytes(&z, raw))
			for i := range raw {
				raw[i] = 0xFF
			}
			require.False(t, f.setBytes(&z, raw))
		})
	}
}

func BenchmarkField(b *testing.B) {
	for _, name := range []string{"256", "384", "512"} {
		f := fields[name]
		x := element{3, 5, 7, 11}
		b.Run("mul"+name, func(b *testing.B) {
			for b.Loop() {
				f.mul(&x, &x, &x)
			}
		})
		b.Run("sqr"+name, func(b *testing.B) {
			for b.Loop() {
				f.sqr(&x, &x)
			}
		})
		b.Run("add"+name, func(b *testing.B) {
			for b.Loop() {
				f.add(&x, &x, &x)
			}
		})
		b.Run("invert"+name, func(b *testing.B) {
			for b.Loop() {
				f.invert(&x, &x)
			}
		})
	}
}
