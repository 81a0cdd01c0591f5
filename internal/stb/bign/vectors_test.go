package bign

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/stb/belt"
)

// octets is a field of the standard's tables, written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	*o = raw
	return err
}

type curveVector struct {
	P, A, B, Seed, Q octets
	XG               octets `json:"xG"`
	YG               octets `json:"yG"`
	OID              string
	Level            int `json:"l"`
}

type vectors struct {
	HashOID octets `json:"oid_der_belt_hash"`
	Curves  map[string]curveVector
	KeyPair struct{ D, Q octets }             `json:"G1_keypair"`
	Sign    struct{ Msg, H, K, R, S octets }  `json:"G2_sign"`
	Verify  struct{ Msg, S, H, R octets }     `json:"G3_verify"`
	GenK    []struct{ H, T, Theta, K octets } `json:"genk"`
}

func loadJSON(t testing.TB, file string, v any) {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, v))
}

func loadVectors(t testing.TB) (v vectors) {
	t.Helper()
	loadJSON(t, "bign.json", &v)
	return v
}

func allCurves() []*Curve { return []*Curve{Curve256v1(), Curve384v1(), Curve512v1()} }

func TestSTB45_KeyPair(t *testing.T) {
	v := loadVectors(t)
	k, err := NewPrivateKey(Curve256v1(), v.KeyPair.D)
	require.NoError(t, err)
	require.Equal(t, []byte(v.KeyPair.D), k.Bytes())
	require.Equal(t, []byte(v.KeyPair.Q), k.public.Bytes())
}

func TestSTB45_SignWithGivenOneTimeKey(t *testing.T) {
	v := loadVectors(t)
	c := Curve256v1()
	h := belt.Sum256(v.Sign.Msg)
	require.Equal(t, []byte(v.Sign.H), h[:])
	k, err := NewPrivateKey(c, v.KeyPair.D)
	require.NoError(t, err)

	var oneTime scalar
	require.True(t, c.order.setBytes(&oneTime, v.Sign.K))
	var r affine
	c.mulBase(&r, &oneTime)
	require.Equal(t, []byte(v.Sign.R), (&PublicKey{curve: c, point: r}).Bytes())

	signature := k.signWith(&oneTime, v.HashOID, h[:])
	require.Equal(t, []byte(v.Sign.S), signature)
	require.NoError(t, k.public.Verify(v.HashOID, h[:], signature))
}

func TestSTB45_Verify(t *testing.T) {
	v := loadVectors(t)
	k, err := NewPublicKey(Curve256v1(), v.KeyPair.Q)
	require.NoError(t, err)
	h := belt.Sum256(v.Verify.Msg)
	require.Equal(t, []byte(v.Verify.H), h[:])
	require.NoError(t, k.Verify(v.HashOID, h[:], v.Verify.S))

	c := Curve256v1()
	var s1, digest scalar
	c.order.setReduced(&digest, h[:])
	require.True(t, c.order.setBytes(&s1, v.Verify.S[c.level/8:]))
	c.order.add(&s1, &s1, &digest)
	s0 := c.order.newHalf(v.Verify.S)
	var r point
	c.mulBaseAndKey(&r, &s1, &s0, &k.point)
	requirePoint(t, c, refPoint{bigLE(v.Verify.R[:32]), bigLE(v.Verify.R[32:])}, &r)
}

func TestSTB45_OneTimeKeys(t *testing.T) {
	v := loadVectors(t)
	c := Curve256v1()
	k, err := NewPrivateKey(c, v.KeyPair.D)
	require.NoError(t, err)
	require.NotEmpty(t, v.GenK)
	for _, tc := range v.GenK {
		theta := c.theta(v.HashOID, &k.d, tc.T)
		require.Equal(t, []byte(tc.Theta), theta[:])
		oneTime := c.oneTimeKey(&theta, tc.H)
		got := make([]byte, c.PrivateKeySize())
		c.order.putBytes(got, &oneTime)
		require.Equal(t, []byte(tc.K), got)
	}
}
