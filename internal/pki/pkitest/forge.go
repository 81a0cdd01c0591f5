package pkitest

import (
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// Object identifiers that forged documents name.
var (
	OIDBelt            = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 31, 81}
	OIDBignPublicKey   = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 2, 1}
	OIDBignWithHSpec   = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 11}
	OIDBignWithHBelt   = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 12}
	OIDBignWithBash512 = der.OID{1, 2, 112, 0, 2, 0, 34, 101, 45, 15}
	OIDECDSASHA256     = der.OID{1, 2, 840, 10045, 4, 3, 2}
	OIDP256            = der.OID{1, 2, 840, 10045, 3, 1, 7}
	OIDRSA             = der.OID{1, 2, 840, 113549, 1, 1, 1}
	OIDSHA256          = der.OID{2, 16, 840, 1, 101, 3, 4, 2, 1}
)

// Identifier makes an AlgorithmIdentifier with the parameters given in DER, none for nil.
func Identifier(t testing.TB, oid der.OID, parameters []byte) alg.Identifier {
	t.Helper()
	a, err := alg.ParseIdentifier(der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddBytes(parameters)
		})
	}))
	require.NoError(t, err)
	return a
}

// Null are the parameters NULL.
func Null() []byte { return []byte{5, 0} }

// BignKey makes a SubjectPublicKeyInfo of bign with any parameters and octets.
func BignKey(parameters, raw []byte) []byte {
	return der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(OIDBignPublicKey)
				b.AddBytes(parameters)
			})
			b.AddASN1BitString(raw)
		})
	})
}

// AddExtensions writes extensions, sound or not.
func AddExtensions(b *cryptobyte.Builder, list []pki.Extension) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		for _, e := range list {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(e.OID)
				if e.Critical {
					b.AddASN1Boolean(true)
				}
				b.AddASN1OctetString(e.Value)
			})
		}
	})
}

// AddDirectoryName writes GeneralNames with one directoryName.
func AddDirectoryName(b *cryptobyte.Builder, n pki.Name) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		b.AddASN1(der.ExplicitTag(4), func(b *cryptobyte.Builder) { b.AddBytes(n.Raw) })
	})
}

// AddRDN writes a relative distinguished name of one attribute, whose value may
// have any tag and any octets.
func AddRDN(b *cryptobyte.Builder, t der.OID, tag der.StringType, raw []byte) {
	b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(t)
			b.AddASN1(asn1.Tag(tag), func(b *cryptobyte.Builder) { b.AddBytes(raw) })
		})
	})
}
