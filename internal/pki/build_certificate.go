package pki

import (
	"crypto"
	"crypto/rand"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Template is what a certificate to be made says. Key identifiers are
// extensions like all others: add them with SubjectKeyIDExtension and
// AuthorityKeyIDExtension.
type Template struct {
	// SerialNumber is positive and has at most 20 octets.
	SerialNumber        *big.Int
	Subject             Name
	NotBefore, NotAfter time.Time
	PublicKey           crypto.PublicKey
	Extensions          []Extension
}

// Issuer is who signs: the name in the issuer field and the key that decides the algorithm.
type Issuer struct {
	Name      Name
	PublicKey crypto.PublicKey
}

// IssuerOf takes name and key from a CA's certificate.
func IssuerOf(c *Certificate) Issuer { return Issuer{Name: c.SubjectName, PublicKey: c.PublicKey} }

// NewSerial draws a positive serial number of sixteen octets.
func NewSerial() (*big.Int, error) {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	raw[0] = raw[0]&0x7f | 0x40
	return new(big.Int).SetBytes(raw), nil
}

func checkSerial(n *big.Int) error {
	if n == nil || n.Sign() <= 0 || n.BitLen() > maxSerialOctets*8-1 {
		return refuse(CodeMalformed, "a serial number is positive and has at most %d octets", maxSerialOctets)
	}
	return nil
}

// BuildTBS writes the TBSCertificate that the issuer is to sign; Assemble joins
// it with the signature. Equal input gives equal octets, so that what is stored
// before signing is what is signed.
func BuildTBS(t Template, issuer Issuer) ([]byte, error) {
	if err := checkSerial(t.SerialNumber); err != nil {
		return nil, err
	}
	if !t.NotBefore.Before(t.NotAfter) {
		return nil, refuse(CodeMalformed, "a certificate ends after it begins")
	}
	algorithm, err := SignatureAlgorithm(issuer.PublicKey)
	if err != nil {
		return nil, err
	}
	spki, err := MarshalPublicKey(t.PublicKey)
	if err != nil {
		return nil, err
	}
	return build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) { b.AddASN1Int64(2) })
			b.AddASN1BigInt(t.SerialNumber)
			b.AddBytes(algorithm.Raw)
			b.AddBytes(issuer.Name.Raw)
			addSequence(b, func(b *cryptobyte.Builder) {
				addTime(b, t.NotBefore)
				addTime(b, t.NotAfter)
			})
			b.AddBytes(t.Subject.Raw)
			b.AddBytes(spki)
			if len(t.Extensions) > 0 {
				b.AddASN1(explicitTag(3), func(b *cryptobyte.Builder) { addExtensions(b, t.Extensions) })
			}
		})
	})
}

func addExtensions(b *cryptobyte.Builder, list []Extension) {
	addSequence(b, func(b *cryptobyte.Builder) {
		for _, e := range list {
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(e.OID)
				if e.Critical {
					b.AddASN1Boolean(true)
				}
				b.AddASN1OctetString(e.Value)
			})
		}
	})
}

// SignTBS signs what a Build function wrote and assembles the document.
func SignTBS(tbs []byte, signer crypto.Signer) ([]byte, error) {
	algorithm, signature, err := Sign(signer, tbs)
	if err != nil {
		return nil, err
	}
	return Assemble(tbs, algorithm, signature)
}

// BuildCertificate makes a certificate in one step and reads it back.
func BuildCertificate(t Template, issuer Name, signer crypto.Signer) (*Certificate, error) {
	tbs, err := BuildTBS(t, Issuer{Name: issuer, PublicKey: signer.Public()})
	if err != nil {
		return nil, err
	}
	der, err := SignTBS(tbs, signer)
	if err != nil {
		return nil, err
	}
	return ParseCertificate(der)
}

// CRLTemplate is what a revocation list to be made says.
type CRLTemplate struct {
	Number                 *big.Int
	ThisUpdate, NextUpdate time.Time
	Entries                []Revoked
	// AuthorityKeyID is the key identifier of the issuer's certificate, nil to leave it out.
	AuthorityKeyID []byte
}

// BuildTBSCRL writes the TBSCertList that the issuer is to sign.
func BuildTBSCRL(t CRLTemplate, issuer Issuer) ([]byte, error) {
	algorithm, err := SignatureAlgorithm(issuer.PublicKey)
	if err != nil {
		return nil, err
	}
	if t.Number == nil || t.Number.Sign() < 0 || !t.ThisUpdate.Before(t.NextUpdate) {
		return nil, refuse(CodeMalformed, "a revocation list has a number and ends after it begins")
	}
	number, err := build(func(b *cryptobyte.Builder) { b.AddASN1BigInt(t.Number) })
	if err != nil {
		return nil, err
	}
	extensions := []Extension{{OID: OIDCRLNumber, Value: number}}
	if t.AuthorityKeyID != nil {
		extensions = append(extensions, AuthorityKeyIDExtension(t.AuthorityKeyID))
	}
	return build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddBytes(algorithm.Raw)
			b.AddBytes(issuer.Name.Raw)
			addTime(b, t.ThisUpdate)
			addTime(b, t.NextUpdate)
			if len(t.Entries) > 0 {
				addSequence(b, func(b *cryptobyte.Builder) {
					for _, r := range t.Entries {
						addRevoked(b, r)
					}
				})
			}
			b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) { addExtensions(b, extensions) })
		})
	})
}

func addRevoked(b *cryptobyte.Builder, r Revoked) {
	addSequence(b, func(b *cryptobyte.Builder) {
		if err := checkSerial(r.SerialNumber); err != nil {
			b.SetError(err)
			return
		}
		b.AddASN1BigInt(r.SerialNumber)
		addTime(b, r.At)
		if r.Reason == ReasonUnspecified {
			return
		}
		reason := cryptobyte.NewBuilder(nil)
		reason.AddASN1Enum(int64(r.Reason))
		addExtensions(b, []Extension{{OID: OIDReasonCode, Value: reason.BytesOrPanic()}})
	})
}

// BuildCRL makes a revocation list in one step and reads it back.
func BuildCRL(t CRLTemplate, issuer *Certificate, signer crypto.Signer) (*CRL, error) {
	if t.AuthorityKeyID == nil {
		t.AuthorityKeyID = issuer.SubjectKeyID
	}
	tbs, err := BuildTBSCRL(t, IssuerOf(issuer))
	if err != nil {
		return nil, err
	}
	der, err := SignTBS(tbs, signer)
	if err != nil {
		return nil, err
	}
	return ParseCRL(der)
}

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
	algorithm, err := SignatureAlgorithm(signer.Public())
	if err != nil {
		return nil, err
	}
	tbs, err := build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) {
					addDirectoryName(b, t.Holder.IssuerName)
					b.AddASN1BigInt(t.Holder.SerialNumber)
				})
			})
			b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) { addDirectoryName(b, issuer) })
			b.AddBytes(algorithm.Raw)
			b.AddASN1BigInt(t.SerialNumber)
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1GeneralizedTime(t.NotBefore.UTC())
				b.AddASN1GeneralizedTime(t.NotAfter.UTC())
			})
			addSequence(b, func(b *cryptobyte.Builder) {
				for _, a := range t.Attributes {
					addSequence(b, func(b *cryptobyte.Builder) {
						b.AddASN1ObjectIdentifier(a.Type)
						b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { addText(b, UTF8String, a.Value) })
					})
				}
			})
		})
	})
	if err != nil {
		return nil, err
	}
	der, err := SignTBS(tbs, signer)
	if err != nil {
		return nil, err
	}
	return ParseAttributeCertificate(der)
}

// addDirectoryName writes GeneralNames with one directoryName.
func addDirectoryName(b *cryptobyte.Builder, n Name) {
	addSequence(b, func(b *cryptobyte.Builder) {
		b.AddASN1(explicitTag(4), func(b *cryptobyte.Builder) { b.AddBytes(n.Raw) })
	})
}
