package bign

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// drawScalar favours numbers near 0, q and the limbs at which carries happen.
func drawScalar(t *rapid.T, c *Curve, label string) (x scalar) {
	raw := rapid.SliceOfN(limb, c.field.n, c.field.n).Draw(t, label)
	copy(x[:], raw)
	c.order.subtractOrder(&x)
	if distance := rapid.Uint64Range(0, 64).Draw(t, label+" below q"); distance > 0 && distance <= 32 {
		small := scalar{distance}
		c.order.sub(&x, &scalar{}, &small)
	}
	return x
}

func TestSTB45_ScalarsEqualReference(t *testing.T) {
	for _, c := range allCurves() {
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			x, y := drawScalar(t, c, "x"), drawScalar(t, c, "y")
			var h half
			copy(h[:], rapid.SliceOfN(limb, c.field.n/2, c.field.n/2).Draw(t, "h"))
			h[c.field.n/2] = 1
			checkScalars(t, c, &x, &y, &h)
		}))
	}
}

func checkScalars(t require.TestingT, c *Curve, x, y *scalar, h *half) {
	o := &c.order
	q := bigOfLimbs(o.q[:])
	bx, by, bh := bigOfLimbs(x[:]), bigOfLimbs(y[:]), bigOfLimbs(h[:])
	check := func(operation string, z *scalar, want *big.Int) {
		require.Zero(t, bigOfLimbs(z[:]).Cmp(want.Mod(want, q)), operation)
	}
	var z scalar
	o.add(&z, x, y)
	check("add", &z, new(big.Int).Add(bx, by))
	o.sub(&z, x, y)
	check("sub", &z, new(big.Int).Sub(bx, by))
	o.mulHalf(&z, h, x)
	check("mulHalf", &z, new(big.Int).Mul(bh, bx))
	raw := make([]byte, 8*o.n)
	o.putBytes(raw, x)
	require.Zero(t, bigLE(raw).Cmp(bx))
	require.True(t, o.setBytes(&z, raw))
	require.Equal(t, *x, z)
	require.Equal(t, bx.Sign() == 0, x.isZero())
}

func TestSTB45_ScalarRange(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		size := c.PrivateKeySize()
		all := new(big.Int).Lsh(big.NewInt(1), uint(8*size))
		for _, tc := range []struct {
			value *big.Int
			below bool
		}{
			{big.NewInt(0), true},
			{new(big.Int).Sub(r.q, big.NewInt(1)), true},
			{r.q, false},
			{new(big.Int).Add(r.q, big.NewInt(1)), false},
			{new(big.Int).Sub(all, big.NewInt(1)), false},
		} {
			var z scalar
			raw := putLE(tc.value, size)
			require.Equal(t, tc.below, c.order.setBytes(&z, raw))
			c.order.setReduced(&z, raw)
			require.Zero(t, bigOfLimbs(z[:]).Cmp(new(big.Int).Mod(tc.value, r.q)))
		}
	})
}

func TestSTB45_NonAdjacentForm(t *testing.T) {
	for _, c := range allCurves() {
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			width := rapid.SampledFrom([]int{keyWidth, baseWidth}).Draw(t, "width")
			limbs := append(rapid.SliceOfN(limb, c.field.n/2, c.field.n/2).Draw(t, "limbs"), rapid.Uint64Range(0, 1).Draw(t, "top"))
			var d wnaf
			d.set(limbs, c.level+2, width)
			sum, last := new(big.Int), -width
			for i, digit := range d {
				if digit == 0 {
					continue
				}
				require.Equal(t, int16(1), digit&1, "odd")
				require.Less(t, max(digit, -digit), int16(1)<<(width-1))
				require.GreaterOrEqual(t, i-last, width, "zeros between digits")
				last = i
				sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(digit)), uint(i)))
			}
			require.Zero(t, sum.Cmp(bigOfLimbs(limbs)))
		}))
	}
}
