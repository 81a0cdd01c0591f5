package pki

import (
	"crypto"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// AttributeTemplate is what an attribute certificate to be made says.
type AttributeTemplate struct {
	SerialNumber        *big.Int
	Holder              *Certificate
	NotBefore, NotAfter time.Time
	// Attributes are written as UTF8String.
	Attributes []NameAttribute
}

// BuildAttributeCertificate makes an attribute certificate of version 2, its
// holder named by issuer and serial number.
func BuildAttributeCertificate(t AttributeTemplate, issuer Name, signer crypto.Signer) (*AttributeCertificate, error) {
	if err := checkSerial(t.SerialNumber); err != nil {
		return nil, err
	}
	algorithm, err := alg.SignatureAlgorithm(signer.Public())
	if err != nil {
		return nil, err
	}
	tbs, err := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
					addDirectoryName(b, t.Holder.IssuerName)
					b.AddASN1BigInt(t.Holder.SerialNumber)
				})
			})
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { addDirectoryName(b, issuer) })
			b.AddBytes(algorithm.Raw)
			b.AddASN1BigInt(t.SerialNumber)
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1GeneralizedTime(t.NotBefore.UTC())
				b.AddASN1GeneralizedTime(t.NotAfter.UTC())
			})
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				for _, a := range t.Attributes {
					der.AddSequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(a.Type)
						b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { der.AddText(b, der.UTF8String, a.Value) })
					})
				}
			})
		})
	})
	if err != nil {
		return nil, err
	}
	encoded, err := SignTBS(tbs, signer)
	if err != nil {
		return nil, err
	}
	return ParseAttributeCertificate(encoded)
}

// addDirectoryName writes GeneralNames with one directoryName.
func addDirectoryName(b *cryptobyte.Builder, n Name) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		b.AddASN1(der.ExplicitTag(4), func(b *cryptobyte.Builder) { b.AddBytes(n.Raw) })
	})
}
