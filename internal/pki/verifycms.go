package pki

import (
	"bytes"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// Signature is a verified signature of signed data. It proves which key signed
// which bytes; whether the certificate may be trusted is for a Validator.
type Signature struct {
	// Content is what was signed.
	Content []byte
	Signer  *Certificate
	// SigningTime is what the signer claims, zero when not signed.
	SigningTime time.Time
	// AttributeCertificates are those whose holder is the signer; they are not verified yet.
	AttributeCertificates []*AttributeCertificate
}

// Verify checks the signature of the one signer over the content. For detached
// data content must be given; for attached data it may be given, and then must
// be the same octets. Certificates that the message leaves out are looked for
// among the candidates.
func (sd *SignedData) Verify(content []byte, candidates ...*Certificate) (*Signature, error) {
	switch {
	case sd.Content == nil && content == nil:
		return nil, refuse(CodeNoContent, "the signature is detached")
	case sd.Content == nil:
	case content != nil && !bytes.Equal(content, sd.Content):
		return nil, refuse(CodeContentDiffers, "the attached content is another one")
	default:
		content = sd.Content
	}
	switch len(sd.Signers) {
	case 0:
		return nil, refuse(CodeNoSigner, "nobody signed")
	case 1:
	default:
		return nil, refuse(CodeSeveralSigners, "%d signers, want one", len(sd.Signers))
	}
	si := &sd.Signers[0]
	signer := si.find(append(append([]*Certificate{}, sd.Certificates...), candidates...))
	if signer == nil {
		return nil, refuse(CodeNoSignerCertificate, "the signer's certificate is not here")
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
func (si *SignerInfo) find(certificates []*Certificate) *Certificate {
	for _, c := range certificates {
		if si.KeyID != nil {
			if bytes.Equal(c.keyID(), si.KeyID) {
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

// keyID is the key identifier the certificate carries, or else the usual one of its key.
func (c *Certificate) keyID() []byte {
	if c.SubjectKeyID != nil || c.PublicKey == nil {
		return c.SubjectKeyID
	}
	id, err := SubjectKeyID(c.PublicKey)
	if err != nil {
		return nil
	}
	return id
}

func (si *SignerInfo) verify(contentType OID, content []byte, signer *Certificate) error {
	if signer.KeyErr != nil {
		return signer.KeyErr
	}
	d, err := algorithms.digest(si.DigestAlgorithm)
	if err != nil {
		return err
	}
	s, err := algorithms.scheme(si.Algorithm)
	if err != nil {
		return err
	}
	if s.digest != nil && s.digest != d {
		return refuse(CodeKeyMismatch, "digest and signature algorithm do not belong together")
	}
	if si.rawSigned == nil {
		if err := directlySigned(contentType, content); err != nil {
			return err
		}
		return s.verify(signer.PublicKey, d, d.sum(content), si.Signature)
	}
	if err := si.checkAttributes(contentType, d.sum(content)); err != nil {
		return err
	}
	return s.verify(signer.PublicKey, d, d.sum(si.rawSigned), si.Signature)
}

// directlySigned refuses what could be a signature made for other bytes:
// content of a special type must have signed attributes (RFC 5652, 5.3), and
// content that is itself a set of attributes may come from another message.
func directlySigned(contentType OID, content []byte) error {
	if !contentType.Equal(oidData) {
		return refuse(CodeSignedAttributes, "content of type %s without signed attributes", contentType)
	}
	s, set := cryptobyte.String(content), cryptobyte.String(nil)
	if !s.ReadASN1(&set, asn1.SET) || !s.Empty() {
		return nil
	}
	list, err := readAttributes(set)
	if err != nil {
		return nil
	}
	if _, present, _ := singleValue(list, oidMessageDigest); present {
		return refuse(CodeSignedAttributes, "the content is signed attributes of another message")
	}
	return nil
}

// checkAttributes compares the two attributes that must be signed.
func (si *SignerInfo) checkAttributes(contentType OID, sum []byte) error {
	value, present, err := singleValue(si.SignedAttributes, oidContentType)
	if err != nil || !present {
		return refuse(CodeSignedAttributes, "no content type is signed")
	}
	s, t := cryptobyte.String(value), OID(nil)
	if !s.ReadASN1ObjectIdentifier(&t) || !s.Empty() || !t.Equal(contentType) {
		return refuse(CodeSignedAttributes, "another content type is signed")
	}
	value, present, err = singleValue(si.SignedAttributes, oidMessageDigest)
	if err != nil || !present {
		return refuse(CodeSignedAttributes, "no digest is signed")
	}
	s = cryptobyte.String(value)
	var signed []byte
	if !s.ReadASN1Bytes(&signed, asn1.OCTET_STRING) || !s.Empty() {
		return refuse(CodeSignedAttributes, "no digest is signed")
	}
	if !bytes.Equal(signed, sum) {
		return refuse(CodeDigestMismatch, "the content is not what was signed")
	}
	return nil
}
