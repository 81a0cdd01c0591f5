package path_test

import (
	"crypto/rand"
	"math/big"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// largeList is how many entries the list of an issuer has that has issued for years.
const largeList = 100_000

// large is an issuer with such a list, a person who is not on it, one who is, and the list.
type large struct {
	ca             *testca.CA
	valid, revoked *pki.Certificate
	list           []byte
}

func largeIssuer(t testing.TB) large {
	t.Helper()
	ca, err := testca.New(testca.Options{From: reference.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	l := large{ca: ca}
	for _, c := range []**pki.Certificate{&l.valid, &l.revoked} {
		key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
		require.NoError(t, err)
		*c, err = ca.Issue(testca.ProfileIndividual, testca.SampleIndividual(), key.Public(), reference.AddDate(0, -1, 0), reference.AddDate(1, 0, 0))
		require.NoError(t, err)
	}
	entries := make([]pki.Revoked, largeList)
	for i := range entries {
		entries[i] = pki.Revoked{SerialNumber: new(big.Int).Lsh(big.NewInt(int64(i)+1), 96), At: reference.Add(-time.Hour), Reason: pki.ReasonSuperseded}
	}
	entries[largeList/2].SerialNumber = l.revoked.SerialNumber
	list, err := ca.CRL(reference.Add(-time.Minute), entries...)
	require.NoError(t, err)
	l.list = list.Raw
	return l
}

func (l large) validator(t testing.TB) *path.Validator {
	t.Helper()
	list, err := pki.ParseCRL(l.list)
	require.NoError(t, err)
	trust := l.ca.Trust()
	trust.CRLs = []*pki.CRL{list}
	return path.NewValidator(trust, path.Options{Revocation: path.RevocationLeaf})
}

// entryCost is what an entry of a list may take in memory, in octets: its own some forty in the list included.
const entryCost = 300

func TestA1_AListOfAHundredThousandIsLookedUp(t *testing.T) {
	l := largeIssuer(t)
	before := inUse()
	v := l.validator(t)
	kept := inUse() - before
	require.Less(t, kept/largeList, int64(entryCost), "octets an entry")
	t.Logf("%d octets of DER, %d octets kept: %d an entry", len(l.list), kept, kept/largeList)
	_, err := v.Validate(l.valid, reference)
	require.NoError(t, err)
	_, err = v.Validate(l.revoked, reference)
	require.Equal(t, fault.Revoked, fault.CodeOf(err))
	runtime.KeepAlive(v)
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// A list is parsed, and its signature verified, once; what a check costs then
// is the path's signatures (Whole) and the look-up in the list (LookUp).
func BenchmarkLargeList(b *testing.B) {
	l := largeIssuer(b)
	b.Run("Parse", func(b *testing.B) {
		for b.Loop() {
			if _, err := pki.ParseCRL(l.list); err != nil {
				b.Fatal(err)
			}
		}
	})
	v := l.validator(b)
	list := v.Trust().CRLs[0]
	b.Run("LookUp", func(b *testing.B) {
		for b.Loop() {
			if _, ok := list.Revokes(l.revoked.SerialNumber, reference); !ok {
				b.Fatal("not found")
			}
		}
	})
	for name, c := range map[string]*pki.Certificate{"Whole/valid": l.valid, "Whole/revoked": l.revoked} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, _ = v.Validate(c, reference)
			}
		})
	}
}
