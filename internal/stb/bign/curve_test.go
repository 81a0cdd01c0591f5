package bign

import (
	"encoding/asn1"
	"encoding/hex"
	"math/big"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

func forEachCurve(t *testing.T, check func(t *testing.T, c *Curve, r *reference)) {
	t.Helper()
	v := loadVectors(t)
	for _, c := range allCurves() {
		t.Run(c.Name(), func(t *testing.T) { check(t, c, newReference(v.Curves[c.Name()])) })
	}
}

func TestSTB45_CurvesAreThoseOfTheStandard(t *testing.T) {
	v := loadVectors(t)
	require.Len(t, v.Curves, len(allCurves()))
	for _, c := range allCurves() {
		want, ok := v.Curves[c.Name()]
		require.True(t, ok)
		p := c.field.prime()
		require.Zero(t, bigOf(&p).Cmp(bigLE(want.P)))
		require.Zero(t, new(big.Int).Sub(bigLE(want.P), big.NewInt(3)).Cmp(bigLE(want.A)))
		require.Zero(t, bigOf(&c.b).Cmp(bigLE(want.B)))
		require.Zero(t, bigLE(want.XG).Sign())
		require.Zero(t, bigOf(&c.yG).Cmp(bigLE(want.YG)))
		require.Zero(t, bigOfLimbs(c.order.q[:]).Cmp(bigLE(want.Q)))
		require.Equal(t, want.OID, c.OID().String())
		require.Equal(t, want.Level, c.Level())
		require.Equal(t, []int{want.Level / 4, want.Level / 2, want.Level * 3 / 8},
			[]int{c.PrivateKeySize(), c.PublicKeySize(), c.SignatureSize()})
	}
}

// The coefficient comes from a seed, so nobody chose a weak curve.
func TestSTB45_CoefficientComesFromTheSeed(t *testing.T) {
	for _, v := range loadVectors(t).Curves {
		prefix := append(append([]byte(nil), v.P...), v.A...)
		next := putLE(new(big.Int).Add(bigLE(v.Seed), big.NewInt(1)), len(v.Seed))
		first := belt.Sum256(append(append([]byte(nil), prefix...), v.Seed...))
		second := belt.Sum256(append(append([]byte(nil), prefix...), next...))
		b := bigLE(append(first[:], second[:]...))
		require.Zero(t, b.Mod(b, bigLE(v.P)).Cmp(bigLE(v.B)), v.OID)
	}
}

func TestSTB45_BasePoint(t *testing.T) {
	forEachCurve(t, func(t *testing.T, c *Curve, r *reference) {
		base := c.base()
		require.True(t, c.contains(&base))
		require.True(t, r.contains(r.base))
		require.True(t, r.q.ProbablyPrime(20))
		require.Nil(t, r.mul(r.q, r.base).x, "q G is at infinity")
		exponent := new(big.Int).Add(r.p, big.NewInt(1))
		root := new(big.Int).Exp(r.b, exponent.Rsh(exponent, 2), r.p)
		require.Zero(t, root.Cmp(r.base.y))
	})
}

func TestSTB45_ObjectIdentifiers(t *testing.T) {
	var oids map[string]struct{ OID, DER string }
	loadJSON(t, "oids.json", &oids)
	paired := map[string]string{
		"bign-curve256v1": "belt-hash", "bign-curve384v1": "bash384", "bign-curve512v1": "bash512",
	}
	for _, c := range allCurves() {
		der, err := asn1.Marshal(c.OID())
		require.NoError(t, err)
		require.Equal(t, oids[c.Name()].DER, strings.ToUpper(hex.EncodeToString(der)))
		require.Equal(t, oids[paired[c.Name()]].DER, strings.ToUpper(hex.EncodeToString(c.pairedHash)))

		found, ok := CurveByOID(c.OID())
		require.True(t, ok)
		require.Same(t, c, found)
		c.OID()[0] = 9
		require.Equal(t, 1, c.OID()[0], "the curve keeps its own")
	}
	_, ok := CurveByOID(asn1.ObjectIdentifier{1, 2, 112, 0, 2, 0, 34, 101, 45, 3, 4})
	require.False(t, ok)
	_, ok = CurveByOID(nil)
	require.False(t, ok)
}
