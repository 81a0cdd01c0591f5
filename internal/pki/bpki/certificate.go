package bpki

import (
	"bytes"
	"time"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// Certificate is an X.509 certificate of a bign key, as far as the documents of
// this package name or copy it. Reading one proves nothing: no signature is
// checked, no path, no validity.
type Certificate struct {
	// Raw is the whole in DER; Issuer and Subject are names in DER, Serial is the
	// INTEGER in DER.
	Raw, Issuer, Serial, Subject []byte
	NotBefore, NotAfter          time.Time
	PublicKey                    *bign.PublicKey

	extensions []extension
}

// extension is an extension of a certificate; value is what its OCTET STRING holds.
type extension struct {
	id    oid
	value []byte
}

// ParseCertificate reads a certificate of version 3 from DER. It fails with
// [ErrAlgorithm] for keys other than bign's on a standard curve.
func ParseCertificate(der []byte) (*Certificate, error) {
	body, err := sequence(der, MaxMessage, "certificate")
	if err != nil {
		return nil, err
	}
	c := &Certificate{Raw: bytes.Clone(der)}
	// The parts point into a copy that the caller cannot change.
	if body, err = sequence(c.Raw, MaxMessage, "certificate"); err != nil {
		return nil, err
	}
	var tbs, explicitVersion, validity, extensions cryptobyte.String
	var version int
	var present bool
	if !body.ReadASN1(&tbs, tags.SEQUENCE) || !body.SkipASN1(tags.SEQUENCE) || !body.SkipASN1(tags.BIT_STRING) || !body.Empty() ||
		!tbs.ReadASN1(&explicitVersion, explicit(0)) || !explicitVersion.ReadASN1Integer(&version) || version != 2 ||
		!explicitVersion.Empty() || !readElement(&tbs, &c.Serial, tags.INTEGER) || !tbs.SkipASN1(tags.SEQUENCE) ||
		!readElement(&tbs, &c.Issuer, tags.SEQUENCE) || !tbs.ReadASN1(&validity, tags.SEQUENCE) ||
		!readTime(&validity, &c.NotBefore) || !readTime(&validity, &c.NotAfter) || !validity.Empty() ||
		!readElement(&tbs, &c.Subject, tags.SEQUENCE) {
		return nil, malformed("certificate")
	}
	if c.PublicKey, err = readPublicKey(&tbs); err != nil {
		return nil, err
	}
	if !tbs.SkipOptionalASN1(implicit(1)) || !tbs.SkipOptionalASN1(implicit(2)) ||
		!tbs.ReadOptionalASN1(&extensions, &present, explicit(3)) || !tbs.Empty() {
		return nil, malformed("certificate")
	}
	if present {
		c.extensions, err = readExtensions(extensions)
	}
	return c, err
}

func readExtensions(s cryptobyte.String) ([]extension, error) {
	var list cryptobyte.String
	if !s.ReadASN1(&list, tags.SEQUENCE) || !s.Empty() {
		return nil, malformed("extensions")
	}
	var out []extension
	for !list.Empty() {
		var one cryptobyte.String
		var e extension
		if !list.ReadASN1(&one, tags.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&e.id) ||
			!one.SkipOptionalASN1(tags.BOOLEAN) || !one.ReadASN1Bytes(&e.value, tags.OCTET_STRING) || !one.Empty() {
			return nil, malformed("extension")
		}
		out = append(out, e)
	}
	return out, nil
}

// names says whether issuer and serial number are the certificate's.
func (c *Certificate) isNamed(issuer, serial []byte) bool {
	return bytes.Equal(c.Issuer, issuer) && bytes.Equal(c.Serial, serial)
}

// addIssuerAndSerial names the certificate as CMS does (RFC 5652, 10.2.4).
func (c *Certificate) addIssuerAndSerial(b *cryptobyte.Builder) {
	b.AddASN1(tags.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(c.Issuer)
		b.AddBytes(c.Serial)
	})
}

// readIssuerAndSerial reads the name of a certificate.
func readIssuerAndSerial(s *cryptobyte.String, issuer, serial *[]byte) bool {
	var body cryptobyte.String
	return s.ReadASN1(&body, tags.SEQUENCE) && readElement(&body, issuer, tags.SEQUENCE) &&
		readElement(&body, serial, tags.INTEGER) && body.Empty()
}
