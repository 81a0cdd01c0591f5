package cms

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

var reference = pkitest.Reference()

// forge builds a request piece by piece, so that each piece can be wrong. It is
// signed with its own key unless told otherwise.
type forge struct {
	version    int64
	name       []pki.NameAttribute
	spki       []byte
	attributes [][]byte
	algorithm  []byte
	sign       func(info []byte) []byte
}

func newForge(t *testing.T) *forge {
	t.Helper()
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(t, err)
	spki, err := alg.MarshalPublicKey(key.Public())
	require.NoError(t, err)
	f := &forge{spki: spki, name: []pki.NameAttribute{{Type: pki.OIDCommonName, Value: "Test"}}}
	f.algorithm = pkitest.Identifier(t, pkitest.OIDBignWithHBelt, pkitest.Null()).Raw
	f.sign = func(info []byte) []byte {
		_, sig, err := alg.Sign(key, info)
		require.NoError(t, err)
		return sig
	}
	return f
}

func (f *forge) build(t *testing.T) []byte {
	t.Helper()
	name, err := pki.NewName(der.UTF8String, f.name...)
	require.NoError(t, err)
	info, err := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(f.version)
			b.AddBytes(name.Raw)
			b.AddBytes(f.spki)
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
				for _, a := range f.attributes {
					b.AddBytes(a)
				}
			})
		})
	})
	require.NoError(t, err)
	encoded, err := pki.Assemble(info, alg.Identifier{Raw: f.algorithm}, f.sign(info))
	require.NoError(t, err)
	return encoded
}

func attributeOf(t *testing.T, oid der.OID, f func(b *cryptobyte.Builder)) []byte {
	t.Helper()
	a, err := pki.BuildAttribute(oid, f)
	require.NoError(t, err)
	return a
}

func period(from, to time.Time) func(b *cryptobyte.Builder) {
	return func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			der.AddTime(b, from)
			der.AddTime(b, to)
		})
	}
}
