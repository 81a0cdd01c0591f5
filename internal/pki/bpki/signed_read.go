package bpki

import (
	"bytes"
	"crypto/subtle"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// readSigned reads the contents of SignedData and verifies the signature.
func readSigned(body cryptobyte.String) (*Signed, error) {
	var out Signed
	var version int
	var digests, encapsulated, content cryptobyte.String
	var kind oid
	if !body.ReadASN1Integer(&version) || version != 3 || !body.ReadASN1(&digests, tags.SET) ||
		!body.ReadASN1(&encapsulated, tags.SEQUENCE) || !encapsulated.ReadASN1ObjectIdentifier(&kind) ||
		!encapsulated.ReadASN1(&content, explicit(0)) || !encapsulated.Empty() ||
		!content.ReadASN1Bytes(&out.Content, tags.OCTET_STRING) || !content.Empty() || len(out.Content) == 0 {
		return nil, malformed("signed data")
	}
	var known bool
	if out.ContentType, known = contentTypeOf(kind); !known {
		return nil, malformed("signed data: content type")
	}
	return &out, out.readSigner(body, digests)
}

// readSigner reads the one certificate and the one signer that follow the content.
func (out *Signed) readSigner(body, digests cryptobyte.String) (err error) {
	var certificates, infos, info cryptobyte.String
	if !body.ReadASN1(&certificates, explicit(0)) ||
		// Neither revocation lists nor a second signer.
		!body.ReadASN1(&infos, tags.SET) || !body.Empty() || !infos.ReadASN1(&info, tags.SEQUENCE) || !infos.Empty() {
		return malformed("signed data")
	}
	if out.Certificate, err = ParseCertificate(certificates); err != nil {
		return err
	}
	s := suiteOf(out.Certificate.PublicKey.Curve())
	if !bytes.Equal(digests, s.digest) {
		return ErrAlgorithm
	}
	return out.readSignerInfo(info, s)
}

// readSignerInfo verifies what the one signer says.
func (out *Signed) readSignerInfo(info cryptobyte.String, s suite) error {
	var version int
	var issuer, serial, signature []byte
	var attributes cryptobyte.String
	if !info.ReadASN1Integer(&version) || version != 1 || !readIssuerAndSerial(&info, &issuer, &serial) {
		return malformed("signer")
	}
	if !out.Certificate.isNamed(issuer, serial) {
		return malformed("signer: not the certificate's")
	}
	if !readExact(&info, s.digest) {
		return ErrAlgorithm
	}
	if !info.ReadASN1(&attributes, explicit(0)) {
		return malformed("signer: no signed attributes")
	}
	if !readExact(&info, s.signature) {
		return ErrAlgorithm
	}
	// Unsigned attributes would follow.
	if !info.ReadASN1Bytes(&signature, tags.OCTET_STRING) || !info.Empty() {
		return malformed("signer")
	}
	if err := s.verify(out.Certificate.PublicKey, asSet(attributes), signature); err != nil {
		return err
	}
	digest, err := out.readAttributes(attributes)
	if err != nil {
		return err
	}
	if subtle.ConstantTimeCompare(digest, s.hash(out.Content)) != 1 {
		return ErrSignature
	}
	return nil
}

// readAttributes reads signed attributes: each once, in the order of DER.
func (out *Signed) readAttributes(s cryptobyte.String) (digest []byte, err error) {
	var previous []byte
	var typed bool
	for !s.Empty() {
		var element []byte
		var body, set cryptobyte.String
		var id oid
		if !readElement(&s, &element, tags.SEQUENCE) || !inOrder(previous, element) {
			return nil, malformed("signed attributes")
		}
		previous = element
		whole := cryptobyte.String(element)
		if !whole.ReadASN1(&body, tags.SEQUENCE) || !body.ReadASN1ObjectIdentifier(&id) || !body.ReadASN1(&set, tags.SET) || !body.Empty() {
			return nil, malformed("signed attributes")
		}
		var ok bool
		switch {
		case id.Equal(attributeContentType) && !typed:
			var kind oid
			ok = set.ReadASN1ObjectIdentifier(&kind) && kind.Equal(out.ContentType.oid())
			typed = true
		case id.Equal(attributeMessageDigest) && digest == nil:
			ok = set.ReadASN1Bytes(&digest, tags.OCTET_STRING)
		case id.Equal(attributeSigningTime) && out.SigningTime.IsZero():
			ok = readTime(&set, &out.SigningTime)
		}
		if !ok || !set.Empty() {
			return nil, malformed("signed attributes")
		}
	}
	if !typed || digest == nil {
		return nil, malformed("signed attributes")
	}
	return digest, nil
}
