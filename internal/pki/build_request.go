package pki

import (
	"crypto"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// ValidityForm is where a request carries the period asked for.
type ValidityForm int

// The forms of a requested period.
const (
	// ValidityAttribute is the attribute certificateValidity of STB 34.101.78.
	ValidityAttribute ValidityForm = iota
	// ValidityUsagePeriod is the extension privateKeyUsagePeriod.
	ValidityUsagePeriod
	// ValidityKeyAttributes is the obsolete extension keyAttributes.
	ValidityKeyAttributes
)

// RequestTemplate is what a request to be made says.
type RequestTemplate struct {
	Subject    Name
	Extensions []Extension
	// Validity is the period to ask for, nil for none.
	Validity     *Validity
	ValidityForm ValidityForm
	// Microsoft puts the extensions under Microsoft's attribute instead of PKCS#9's.
	Microsoft bool
}

// BuildRequest makes a certification request signed with its own key and reads it back.
func BuildRequest(t RequestTemplate, signer crypto.Signer) (*Request, error) {
	spki, err := alg.MarshalPublicKey(signer.Public())
	if err != nil {
		return nil, err
	}
	attributes, err := t.attributes()
	if err != nil {
		return nil, err
	}
	info, err := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(0)
			b.AddBytes(t.Subject.Raw)
			b.AddBytes(spki)
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { der.AddSetOf(b, attributes) })
		})
	})
	if err != nil {
		return nil, err
	}
	encoded, err := SignTBS(info, signer)
	if err != nil {
		return nil, err
	}
	return ParseRequest(encoded)
}

func (t RequestTemplate) attributes() ([][]byte, error) {
	extensions := append([]Extension{}, t.Extensions...)
	var out [][]byte
	if t.Validity != nil {
		switch t.ValidityForm {
		case ValidityAttribute:
			a, err := BuildAttribute(OIDCertificateValidity, func(b *cryptobyte.Builder) {
				der.AddSequence(b, func(b *cryptobyte.Builder) {
					der.AddTime(b, t.Validity.NotBefore)
					der.AddTime(b, t.Validity.NotAfter)
				})
			})
			if err != nil {
				return nil, err
			}
			out = append(out, a)
		case ValidityUsagePeriod:
			extensions = append(extensions, Extension{OID: OIDPrivateKeyUsagePeriod, Value: der.Value(t.Validity.usagePeriod)})
		case ValidityKeyAttributes:
			extensions = append(extensions, Extension{OID: OIDKeyAttributes, Value: der.Value(func(b *cryptobyte.Builder) {
				der.AddSequence(b, t.Validity.usagePeriod)
			})})
		}
	}
	if len(extensions) == 0 {
		return out, nil
	}
	oid := OIDExtensionRequest
	if t.Microsoft {
		oid = OIDMSExtensionRequest
	}
	a, err := BuildAttribute(oid, func(b *cryptobyte.Builder) { addExtensions(b, extensions) })
	return append(out, a), err
}

func (v *Validity) usagePeriod(b *cryptobyte.Builder) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		for i, at := range []time.Time{v.NotBefore, v.NotAfter} {
			b.AddASN1(der.ContextTag(uint8(i)), func(b *cryptobyte.Builder) {
				b.AddBytes([]byte(at.UTC().Format(generalizedLayout)))
			})
		}
	})
}

// BuildAttribute writes an attribute with one value.
func BuildAttribute(oid OID, f func(b *cryptobyte.Builder)) ([]byte, error) {
	return der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(oid)
			b.AddASN1(asn1.SET, f)
		})
	})
}
