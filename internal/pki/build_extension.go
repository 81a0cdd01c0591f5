package pki

import (
	"crypto/x509"
	"math/bits"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// SubjectKeyIDExtension writes the subject key identifier.
func SubjectKeyIDExtension(id []byte) Extension {
	return Extension{OID: OIDSubjectKeyID, Value: der.Value(func(b *cryptobyte.Builder) { b.AddASN1OctetString(id) })}
}

// AuthorityKeyIDExtension writes the key identifier of the issuer.
func AuthorityKeyIDExtension(id []byte) Extension {
	return Extension{OID: OIDAuthorityKeyID, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1(der.ContextTag(0), func(b *cryptobyte.Builder) { b.AddBytes(id) })
		})
	})}
}

// KeyUsageExtension writes what the key may be used for; it is critical.
func KeyUsageExtension(usage x509.KeyUsage) Extension {
	return Extension{OID: OIDKeyUsage, Critical: true, Value: der.Value(func(b *cryptobyte.Builder) {
		raw := []byte{bits.Reverse8(byte(usage)), bits.Reverse8(byte(usage >> 8))}
		if raw[1] == 0 {
			raw = raw[:1]
		}
		// DER wants no trailing zero bits in a named bit list.
		unused := byte(bits.TrailingZeros8(raw[len(raw)-1]))
		if usage == 0 {
			raw, unused = nil, 0
		}
		b.AddASN1(asn1.BIT_STRING, func(b *cryptobyte.Builder) {
			b.AddUint8(unused)
			b.AddBytes(raw)
		})
	})}
}

// ExtKeyUsageExtension writes the purposes of the key.
func ExtKeyUsageExtension(purposes ...OID) Extension {
	return Extension{OID: OIDExtKeyUsage, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			for _, p := range purposes {
				b.AddASN1ObjectIdentifier(p)
			}
		})
	})}
}

// BasicConstraintsExtension writes whether the certificate is a CA's, with the
// number of CA certificates that may follow, -1 for no limit; it is critical.
func BasicConstraintsExtension(ca bool, maxPath int) Extension {
	return Extension{OID: OIDBasicConstraints, Critical: true, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			if !ca {
				return
			}
			b.AddASN1Boolean(true)
			if maxPath >= 0 {
				b.AddASN1Int64(int64(maxPath))
			}
		})
	})}
}

// PoliciesExtension writes certificate policies without qualifiers.
func PoliciesExtension(policies ...OID) Extension {
	return Extension{OID: OIDPolicies, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			for _, p := range policies {
				der.AddSequence(b, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(p) })
			}
		})
	})}
}

func addURI(b *cryptobyte.Builder, uri string) {
	b.AddASN1(der.ContextTag(6), func(b *cryptobyte.Builder) { b.AddBytes([]byte(uri)) })
}

// CRLDistributionExtension writes where the issuer's revocation list is fetched.
func CRLDistributionExtension(urls ...string) Extension {
	return Extension{OID: OIDCRLDistribution, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			for _, u := range urls {
				der.AddSequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
						b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { addURI(b, u) })
					})
				})
			}
		})
	})}
}

// AuthorityInfoExtension writes where the issuer's certificate and the OCSP
// responder are; an empty address is left out.
func AuthorityInfoExtension(issuer, ocsp string) Extension {
	return Extension{OID: OIDAuthorityInfo, Value: der.Value(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			for _, m := range []struct {
				method OID
				url    string
			}{{oidAIAIssuers, issuer}, {oidAIAOCSP, ocsp}} {
				if m.url == "" {
					continue
				}
				der.AddSequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(m.method)
					addURI(b, m.url)
				})
			}
		})
	})}
}

// DirectoryAltNameExtension writes a subject alternative name that is a
// distinguished name, as individuals' Belarusian names are.
func DirectoryAltNameExtension(n Name) Extension {
	return Extension{OID: OIDSubjectAltName, Value: der.Value(func(b *cryptobyte.Builder) { addDirectoryName(b, n) })}
}

// TextExtension writes an extension whose value is one character string, as
// personal number, UNP and position are in the certificates of GosSUOK.
func TextExtension(oid OID, t der.StringType, text string) (Extension, error) {
	encoded, err := der.Build(func(b *cryptobyte.Builder) { der.AddText(b, t, text) })
	return Extension{OID: oid, Value: encoded}, err
}
