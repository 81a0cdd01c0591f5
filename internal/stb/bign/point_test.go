package bign

import (
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// refAffine reads a point for the reference.
func refAffine(c *Curve, a *affine) refPoint {
	raw := (&PublicKey{curve: c, point: *a}).Bytes()
	return refPoint{bigLE(raw[:len(raw)/2]), bigLE(raw[len(raw)/2:])}
}

// affineOf reads a reference point other than infinity.
func affineOf(c *Curve, s refPoint) (a affine) {
	c.field.setBytes(&a.x, putLE(s.x, c.field.octets()))
	c.field.setBytes(&a.y, putLE(s.y, c.field.octets()))
	return a
}

func scalarOf(c *Curve, x *big.Int) (z scalar) {
	c.order.setBytes(&z, putLE(x, c.PrivateKeySize()))
	return z
}

func requirePoint(t require.TestingT, c *Curve, want refPoint, got *point) {
	if want.x == nil {
		require.True(t, c.field.isZeroVarTime(&got.z), "infinity")
		return
	}
	require.False(t, c.field.isZeroVarTime(&got.z), "not infinity")
	var a affine
	c.field.toAffine(&a, got)
	s := refAffine(c, &a)
	require.Zero(t, want.x.Cmp(s.x))
	require.Zero(t, want.y.Cmp(s.y))
}

func TestSTB45_BaseMultiplesEqualReference(t *testing.T) {
	v := loadVectors(t)
	for _, c := range allCurves() {
		r := newReference(v.Curves[c.Name()])
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			k := drawScalar(t, c, "k")
			if !k.isZero() {
				checkBaseMultiple(t, c, r, bigOfLimbs(k[:]))
			}
		}))
	}
}

func checkBaseMultiple(t require.TestingT, c *Curve, r *reference, k *big.Int) {
	var a affine
	s := scalarOf(c, k)
	c.mulBase(&a, &s)
	want, got := r.mulBase(k), refAffine(c, &a)
	require.Zero(t, want.x.Cmp(got.x), "k = %v", k)
	require.Zero(t, want.y.Cmp(got.y), "k = %v", k)
}

// In the comb's last step the sum meets the entry for one scalar: where
// k - d 2^B = d 2^B - q for the last window, which begins at bit B.
func TestSTB45_BaseMultiplesAtTheEdges(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		edges := []*big.Int{}
		for i := range int64(16) {
			edges = append(edges, big.NewInt(i+1), new(big.Int).Sub(r.q, big.NewInt(i+1)))
		}
		begin := uint(combBits * (c.combWindows() - 1))
		bound := new(big.Int).Lsh(big.NewInt(1), begin)
		meetings := 0
		for d := int64(1); d < 1<<combBits; d += 2 {
			addend := new(big.Int).Lsh(big.NewInt(d), begin)
			sum := new(big.Int).Sub(addend, r.q)
			if sum.CmpAbs(bound) < 0 {
				meetings++
				edges = append(edges, sum.Add(sum, addend))
			}
		}
		require.Equal(t, 1, meetings)
		for _, k := range edges {
			checkBaseMultiple(t, c, r, k)
		}
	})
}

func TestSTB45_AdditionOfAnyTwoPoints(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		f := &c.field
		for i := range int64(4) {
			for j := int64(-4); j <= 4; j++ {
				if j == 0 {
					continue
				}
				left := r.mul(big.NewInt(i), r.base)
				right := r.mul(new(big.Int).Add(r.q, big.NewInt(j)), r.base)
				want := r.add(left, right)
				addend := affineOf(c, right)

				p := rescaled(c, left, 5)
				f.addAffineVarTime(&p, &addend)
				requirePoint(t, c, want, &p)

				p = rescaled(c, left, 5)
				scaled := rescaled(c, right, 7)
				var q cached
				f.cache(&q, &scaled)
				f.addCachedVarTime(&p, &q)
				requirePoint(t, c, want, &p)

				p = rescaled(c, left, 9)
				f.double(&p, &p)
				requirePoint(t, c, r.add(left, left), &p)
			}
		}
	})
}

// rescaled writes a point with the given z.
func rescaled(c *Curve, s refPoint, z uint64) (p point) {
	if s.x == nil {
		return point{}
	}
	f := &c.field
	a := affineOf(c, s)
	p.z = element{z}
	var power element
	f.sqr(&power, &p.z)
	f.mul(&p.x, &a.x, &power)
	f.mul(&power, &power, &p.z)
	f.mul(&p.y, &a.y, &power)
	return p
}

func TestSTB45_DoubleMultiplesEqualReference(t *testing.T) {
	v := loadVectors(t)
	for _, c := range allCurves() {
		r := newReference(v.Curves[c.Name()])
		t.Run(c.Name(), rapid.MakeCheck(func(t *rapid.T) {
			u, d := drawScalar(t, c, "u"), drawScalar(t, c, "d")
			var h half
			copy(h[:], rapid.SliceOfN(limb, c.field.n/2, c.field.n/2).Draw(t, "h"))
			h[c.field.n/2] = 1
			if d.isZero() {
				return
			}
			checkDoubleMultiple(t, c, r, bigOfLimbs(u[:]), &h, bigOfLimbs(d[:]))

			// The two halves cancel or nearly cancel.
			minus := new(big.Int).Mul(bigOfLimbs(h[:]), bigOfLimbs(d[:]))
			minus.Sub(r.q, minus.Mod(minus, r.q))
			off := big.NewInt(rapid.Int64Range(-2, 2).Draw(t, "off"))
			u = scalarOf(c, off.Mod(off.Add(off, minus), r.q))
			checkDoubleMultiple(t, c, r, bigOfLimbs(u[:]), &h, bigOfLimbs(d[:]))
		}))
	}
}

func checkDoubleMultiple(t require.TestingT, c *Curve, r *reference, u *big.Int, h *half, d *big.Int) {
	key := r.mulBase(d)
	a, s := affineOf(c, key), scalarOf(c, u)
	var got point
	c.mulBaseAndKey(&got, &s, h, &a)
	total := new(big.Int).Mul(bigOfLimbs(h[:]), d)
	total.Add(total, u)
	requirePoint(t, c, r.mulBase(total.Mod(total, r.q)), &got)
}

// Public keys that are small multiples of the base point make sums meet the
// table entries they are added to.
func TestSTB45_DoubleMultiplesOfNearbyKeys(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		shift := new(big.Int).Lsh(big.NewInt(1), uint(c.level))
		for _, d := range []int64{1, 2, 3, 5, -1, -2, -3} {
			for _, u := range []int64{0, 1, 2, 3, -1, -2} {
				for _, far := range []*big.Int{big.NewInt(0), shift} {
					key := new(big.Int).Mod(big.NewInt(d), r.q)
					factor := new(big.Int).Add(far, big.NewInt(u))
					h := half{1, 1}
					h[c.field.n/2] = 1
					checkDoubleMultiple(t, c, r, factor.Mod(factor, r.q), &h, key)
				}
			}
		}
	})
}
