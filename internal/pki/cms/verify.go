package cms

import (
	"bytes"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Signature is a verified signature of signed data. It proves which key signed
// which bytes; whether the certificate may be trusted is for a Validator.
type Signature struct {
	// Content is what was signed.
	Content []byte
	Signer  *pki.Certificate
	// SigningTime is what the signer claims, zero when not signed.
	SigningTime time.Time
	// AttributeCertificates are those whose holder is the signer; they are not verified yet.
	AttributeCertificates []*pki.AttributeCertificate
}

// Verify checks the signature of the one signer over the content. For detached
// data content must be given; for attached data it may be given, and then must
// be the same octets. Certificates that the message leaves out are looked for
// among the candidates.
func (sd *SignedData) Verify(content []byte, candidates ...*pki.Certificate) (*Signature, error) {
	switch {
	case sd.Content == nil && content == nil:
		return nil, fault.New(fault.NoContent, "the signature is detached")
	case sd.Content == nil:
	case content != nil && !bytes.Equal(content, sd.Content):
		return nil, fault.New(fault.ContentDiffers, "the attached content is another one")
	default:
		content = sd.Content
	}
	switch len(sd.Signers) {
	case 0:
		return nil, fault.New(fault.NoSigner, "nobody signed")
	case 1:
	default:
		return nil, fault.New(fault.SeveralSigners, "%d signers, want one", len(sd.Signers))
	}
	si := &sd.Signers[0]
	signer := si.find(append(append([]*pki.Certificate{}, sd.Certificates...), candidates...))
	if signer == nil {
		return nil, fault.New(fault.NoSignerCertificate, "the signer's certificate is not here")
	}
	if err := si.verify(sd.ContentType, content, signer); err != nil {
		return nil, err
	}
	out := &Signature{Content: content, Signer: signer, SigningTime: si.SigningTime()}
	for _, a := range sd.AttributeCertificates {
		if a.HeldBy(signer) {
			out.AttributeCertificates = append(out.AttributeCertificates, a)
		}
	}
	return out, nil
}

// find looks for the certificate that the signer names.
func (si *SignerInfo) find(certificates []*pki.Certificate) *pki.Certificate {
	for _, c := range certificates {
		if si.KeyID != nil {
			if bytes.Equal(c.KeyIdentifier(), si.KeyID) {
				return c
			}
			continue
		}
		if c.SerialNumber.Cmp(si.Serial) == 0 && c.IssuerName.Equal(si.Issuer) {
			return c
		}
	}
	return nil
}

func (si *SignerInfo) verify(contentType der.OID, content []byte, signer *pki.Certificate) error {
	if signer.KeyErr != nil {
		return signer.KeyErr
	}
	d, err := alg.DigestOf(si.DigestAlgorithm)
	if err != nil {
		return err
	}
	s, err := alg.SchemeOf(si.Algorithm)
	if err != nil {
		return err
	}
	if err := s.Takes(d); err != nil {
		return err
	}
	if si.rawSigned == nil {
		if err := directlySigned(contentType, content); err != nil {
			return err
		}
		return s.Verify(signer.PublicKey, d, d.Sum(content), si.Signature)
	}
	if err := si.checkAttributes(contentType, d.Sum(content)); err != nil {
		return err
	}
	return s.Verify(signer.PublicKey, d, d.Sum(si.rawSigned), si.Signature)
}

// directlySigned refuses what could be a signature made for other bytes:
// content of a special type must have signed attributes (RFC 5652, 5.3), and
// content that is itself a set of attributes may come from another message.
func directlySigned(contentType der.OID, content []byte) error {
	if !contentType.Equal(oidData) {
		return fault.New(fault.SignedAttributes, "content of type %s without signed attributes", contentType)
	}
	s, set := cryptobyte.String(content), cryptobyte.String(nil)
	if !s.ReadASN1(&set, asn1.SET) || !s.Empty() {
		return nil
	}
	list, err := pki.ReadAttributes(set)
	if err != nil {
		return nil
	}
	if _, present, _ := pki.SingleValue(list, oidMessageDigest); present {
		return fault.New(fault.SignedAttributes, "the content is signed attributes of another message")
	}
	return nil
}

// checkAttributes compares the two attributes that must be signed.
func (si *SignerInfo) checkAttributes(contentType der.OID, sum []byte) error {
	value, present, err := pki.SingleValue(si.SignedAttributes, oidContentType)
	if err != nil || !present {
		return fault.New(fault.SignedAttributes, "no content type is signed")
	}
	s, t := cryptobyte.String(value), der.OID(nil)
	if !s.ReadASN1ObjectIdentifier(&t) || !s.Empty() || !t.Equal(contentType) {
		return fault.New(fault.SignedAttributes, "another content type is signed")
	}
	value, present, err = pki.SingleValue(si.SignedAttributes, oidMessageDigest)
	if err != nil || !present {
		return fault.New(fault.SignedAttributes, "no digest is signed")
	}
	s = cryptobyte.String(value)
	var signed []byte
	if !s.ReadASN1Bytes(&signed, asn1.OCTET_STRING) || !s.Empty() {
		return fault.New(fault.SignedAttributes, "no digest is signed")
	}
	if !bytes.Equal(signed, sum) {
		return fault.New(fault.DigestMismatch, "the content is not what was signed")
	}
	return nil
}
