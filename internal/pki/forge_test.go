package pki

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
)

// forge builds a request piece by piece, so that each piece can be wrong. It is
// signed with its own key unless told otherwise.
type forge struct {
	version    int64
	name       []NameAttribute
	spki       []byte
	attributes [][]byte
	algorithm  []byte
	sign       func(info []byte) []byte
}

func newForge(t *testing.T) *forge {
	t.Helper()
	key, err := GenerateKey(KeyBign256, rand.Reader)
	require.NoError(t, err)
	spki, err := MarshalPublicKey(key.Public())
	require.NoError(t, err)
	f := &forge{spki: spki, name: []NameAttribute{{Type: OIDCommonName, Value: "Test"}}}
	f.algorithm = parametersNull.identifier(oidBignWithHBelt).Raw
	f.sign = func(info []byte) []byte {
		_, sig, err := Sign(key, info)
		require.NoError(t, err)
		return sig
	}
	return f
}

func (f *forge) build(t *testing.T) []byte {
	t.Helper()
	name, err := NewName(UTF8String, f.name...)
	require.NoError(t, err)
	info, err := build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(f.version)
			b.AddBytes(name.Raw)
			b.AddBytes(f.spki)
			b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) {
				for _, a := range f.attributes {
					b.AddBytes(a)
				}
			})
		})
	})
	require.NoError(t, err)
	der, err := Assemble(info, Algorithm{Raw: f.algorithm}, f.sign(info))
	require.NoError(t, err)
	return der
}

func attributeOf(t *testing.T, oid OID, f func(b *cryptobyte.Builder)) []byte {
	t.Helper()
	a, err := attribute(oid, f)
	require.NoError(t, err)
	return a
}

func period(from, to time.Time) func(b *cryptobyte.Builder) {
	return func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			addTime(b, from)
			addTime(b, to)
		})
	}
}

func spkiWith(parameters []byte, raw []byte) []byte {
	return value(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidBignPublicKey)
				b.AddBytes(parameters)
			})
			b.AddASN1BitString(raw)
		})
	})
}
