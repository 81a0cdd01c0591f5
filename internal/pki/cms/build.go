package cms

import (
	"crypto"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// SignOptions say how signed data is made.
type SignOptions struct {
	// Attached keeps the content inside.
	Attached bool
	// SigningTime is signed when it is not zero.
	SigningTime time.Time
	// Direct signs the content itself, without signed attributes.
	Direct bool
	// ByKeyID names the signer by key identifier instead of issuer and serial number.
	ByKeyID bool
	// OmitCertificate leaves the signer's certificate out.
	OmitCertificate bool
	// Certificates and AttributeCertificates go along.
	Certificates          []*pki.Certificate
	AttributeCertificates []*pki.AttributeCertificate
}

// SignData makes CMS SignedData with one signer (RFC 5652, STB 34.101.78),
// detached unless the options say otherwise.
func SignData(content []byte, cert *pki.Certificate, signer crypto.Signer, o SignOptions) ([]byte, error) {
	s, err := alg.SchemeFor(signer.Public())
	if err != nil {
		return nil, err
	}
	if !alg.SameKey(cert.PublicKey, signer.Public()) {
		return nil, fault.New(fault.KeyMismatch, "the certificate is not of the signer's key")
	}
	info, err := signerInfo(s, content, cert, signer, o)
	if err != nil {
		return nil, err
	}
	return der.Build(func(b *cryptobyte.Builder) {
		addSignedData(b, signedDataVersion(o), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(s.Digest().Identifier().Raw) })
			addContent(b, content, o.Attached)
			addCertificates(b, cert, o)
			b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { b.AddBytes(info) })
		})
	})
}

// signedDataVersion follows RFC 5652, 5.1.
func signedDataVersion(o SignOptions) int64 {
	switch {
	case len(o.AttributeCertificates) > 0:
		return 4
	case o.ByKeyID:
		return 3
	default:
		return 1
	}
}

func addSignedData(b *cryptobyte.Builder, version int64, f func(b *cryptobyte.Builder)) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidSignedData)
		b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(version)
				f(b)
			})
		})
	})
}

func addContent(b *cryptobyte.Builder, content []byte, attached bool) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oidData)
		if attached {
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
		}
	})
}

func addCertificates(b *cryptobyte.Builder, cert *pki.Certificate, o SignOptions) {
	var all [][]byte
	if cert != nil && !o.OmitCertificate {
		all = append(all, cert.Raw)
	}
	for _, c := range o.Certificates {
		if cert == nil || string(c.Raw) != string(cert.Raw) {
			all = append(all, c.Raw)
		}
	}
	for _, a := range o.AttributeCertificates {
		tagged := append([]byte{}, a.Raw...)
		tagged[0] = byte(der.ExplicitTag(2))
		all = append(all, tagged)
	}
	if len(all) > 0 {
		b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { der.AddSetOf(b, all) })
	}
}

func signerInfo(s *alg.Scheme, content []byte, cert *pki.Certificate, signer crypto.Signer, o SignOptions) ([]byte, error) {
	toSign := content
	var attributes [][]byte
	if !o.Direct {
		var err error
		if attributes, err = signedAttributes(s.Digest().Sum(content), o.SigningTime); err != nil {
			return nil, err
		}
		if toSign, err = der.Build(func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) { der.AddSetOf(b, attributes) })
		}); err != nil {
			return nil, err
		}
	}
	signature, err := s.Sign(signer, toSign)
	if err != nil {
		return nil, err
	}
	return der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			addSignerID(b, cert, o.ByKeyID)
			b.AddBytes(s.Digest().Identifier().Raw)
			if !o.Direct {
				b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { der.AddSetOf(b, attributes) })
			}
			b.AddBytes(s.Identifier().Raw)
			b.AddASN1OctetString(signature)
		})
	})
}

func addSignerID(b *cryptobyte.Builder, cert *pki.Certificate, byKeyID bool) {
	if byKeyID {
		b.AddASN1Int64(3)
		b.AddASN1(der.ContextTag(0), func(b *cryptobyte.Builder) { b.AddBytes(cert.KeyIdentifier()) })
		return
	}
	b.AddASN1Int64(1)
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		b.AddBytes(cert.IssuerName.Raw)
		b.AddASN1BigInt(cert.SerialNumber)
	})
}

func signedAttributes(sum []byte, at time.Time) ([][]byte, error) {
	contentType, err := pki.BuildAttribute(oidContentType, func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(oidData) })
	if err != nil {
		return nil, err
	}
	messageDigest, err := pki.BuildAttribute(oidMessageDigest, func(b *cryptobyte.Builder) { b.AddASN1OctetString(sum) })
	if err != nil {
		return nil, err
	}
	out := [][]byte{contentType, messageDigest}
	if at.IsZero() {
		return out, nil
	}
	signingTime, err := pki.BuildAttribute(oidSigningTime, func(b *cryptobyte.Builder) { der.AddTime(b, at) })
	return append(out, signingTime), err
}

// BuildBundle makes a certificates-only message (.p7b): the chain as
// certificates are delivered, with the attribute certificates that belong to it.
func BuildBundle(certificates []*pki.Certificate, attributes ...*pki.AttributeCertificate) ([]byte, error) {
	o := SignOptions{Certificates: certificates, AttributeCertificates: attributes}
	return der.Build(func(b *cryptobyte.Builder) {
		addSignedData(b, signedDataVersion(o), func(b *cryptobyte.Builder) {
			b.AddASN1(asn1.SET, func(*cryptobyte.Builder) {})
			addContent(b, nil, false)
			addCertificates(b, nil, o)
			b.AddASN1(asn1.SET, func(*cryptobyte.Builder) {})
		})
	})
}
