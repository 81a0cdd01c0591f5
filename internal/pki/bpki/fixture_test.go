package bpki_test

import (
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// octets is a field of a table, written in hexadecimal.
type octets []byte

func (o *octets) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	*o = raw
	return err
}

type vectors struct {
	Container struct {
		Password               string
		DER, Salt, Key, Public octets
		Iterations             int
	}
	Pair    struct{ Key, Public octets }
	Request struct {
		DER  octets
		Info string
	}
	H octets
}

func loadVectors(t testing.TB) (v vectors) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &v))
	return v
}

func curves() []*bign.Curve {
	return []*bign.Curve{bign.Curve256v1(), bign.Curve384v1(), bign.Curve512v1()}
}

func newKey(t testing.TB, c *bign.Curve) *bign.PrivateKey {
	t.Helper()
	key, err := bign.GenerateKey(c, nil)
	require.NoError(t, err)
	return key
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// holder is a sample employee with a certificate for a key on the curve.
func holder(t testing.TB, c *bign.Curve) bpki.Holder {
	t.Helper()
	ca, err := testca.New(testca.Options{Algorithm: pki.KeyAlgorithm(c.Name()), From: now.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key := newKey(t, c)
	return bpki.Holder{Certificate: issue(t, ca, testca.ProfileExtensions, key), Key: key}
}

func issue(t testing.TB, ca *testca.CA, p testca.Profile, key *bign.PrivateKey) *bpki.Certificate {
	t.Helper()
	s := testca.SampleEmployee()
	if p == testca.ProfileIndividual {
		s = testca.SampleIndividual()
	}
	cert, err := ca.Issue(p, s, key.Public(), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0))
	require.NoError(t, err)
	read, err := bpki.ParseCertificate(cert.Raw)
	require.NoError(t, err)
	return read
}
