package pki

import (
	"crypto"
	"crypto/x509"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// maxSerialOctets bounds serial numbers (RFC 5280, 4.1.2.2).
const maxSerialOctets = 20

// Certificate is a parsed certificate (RFC 5280) of any algorithm. A key the
// registry does not know leaves PublicKey nil and the reason in KeyErr.
type Certificate struct {
	// Raw, RawTBS and RawSPKI are the DER of the whole, of what is signed, and of the public key.
	Raw, RawTBS, RawSPKI []byte
	Version              int
	SerialNumber         *big.Int
	Algorithm            alg.Identifier
	Signature            []byte
	IssuerName           Name
	SubjectName          Name
	NotBefore, NotAfter  time.Time
	PublicKey            crypto.PublicKey
	KeyErr               error
	Extensions           []Extension

	// What the known extensions say; HasKeyUsage tells no usage from no extension.
	SubjectKeyID, AuthorityKeyID []byte
	HasKeyUsage                  bool
	KeyUsage                     x509.KeyUsage
	ExtKeyUsage                  []OID
	BasicConstraints             BasicConstraints
	Policies                     []OID
	CRLURLs, IssuerURLs, OCSP    []string
	AltEmails, AltDNS            []string
	AltNames                     []Name
	crlDirectory                 []Name
}

// ParseCertificate reads one certificate from DER; octets after it are refused.
func ParseCertificate(der []byte) (*Certificate, error) {
	c := &Certificate{}
	body, err := c.openSigned(der)
	if err != nil {
		return nil, err
	}
	if err := c.parseTBS(body); err != nil {
		return nil, err
	}
	return c, c.parseExtensions()
}

// openSigned reads the outer structure and enters the to-be-signed part.
func (c *Certificate) openSigned(der []byte) (cryptobyte.String, error) {
	s, err := openSigned(der, "certificate")
	if err != nil {
		return nil, err
	}
	c.Raw, c.RawTBS, c.Algorithm, c.Signature = s.raw, s.tbs, s.algorithm, s.signature
	return s.body, nil
}

func (c *Certificate) parseTBS(s cryptobyte.String) error {
	if !s.ReadOptionalASN1Integer(&c.Version, der.ExplicitTag(0), 0) || c.Version < 0 || c.Version > 2 {
		return der.Malformed("certificate: version")
	}
	c.Version++
	if !ReadSerial(&s, &c.SerialNumber) {
		return der.Malformed("certificate: serial number")
	}
	var inner alg.Identifier
	if !alg.ReadIdentifier(&s, &inner) || !inner.Equal(c.Algorithm) {
		return fault.New(fault.BadParameters, "certificate: two different signature algorithms")
	}
	var validity cryptobyte.String
	if !ReadName(&s, &c.IssuerName) || !s.ReadASN1(&validity, asn1.SEQUENCE) ||
		!der.ReadTime(&validity, &c.NotBefore) || !der.ReadTime(&validity, &c.NotAfter) || !validity.Empty() ||
		!ReadName(&s, &c.SubjectName) {
		return der.Malformed("certificate: names and validity")
	}
	var spki cryptobyte.String
	if !s.ReadASN1Element(&spki, asn1.SEQUENCE) {
		return der.Malformed("certificate: public key")
	}
	c.RawSPKI = spki
	c.PublicKey, c.KeyErr = alg.ParsePublicKey(spki)
	if !s.SkipOptionalASN1(der.ContextTag(1)) || !s.SkipOptionalASN1(der.ContextTag(2)) {
		return der.Malformed("certificate: unique identifiers")
	}
	var ext cryptobyte.String
	var present bool
	if !s.ReadOptionalASN1(&ext, &present, der.ExplicitTag(3)) || !s.Empty() {
		return der.Malformed("certificate: extensions")
	}
	if !present {
		return nil
	}
	var err error
	c.Extensions, err = readExtensions(&ext)
	if err == nil && !ext.Empty() {
		err = der.Malformed("certificate: extensions")
	}
	return err
}

// ReadSerial reads a serial number of at most 20 octets.
func ReadSerial(s *cryptobyte.String, out **big.Int) bool {
	n := new(big.Int)
	if !s.ReadASN1Integer(n) || len(n.Bytes()) > maxSerialOctets {
		return false
	}
	*out = n
	return true
}

func (c *Certificate) parseExtensions() error {
	c.BasicConstraints.MaxPath = -1
	for _, e := range c.Extensions {
		if !c.parseExtension(e) {
			return fault.New(fault.Malformed, "certificate: extension %s", e.OID)
		}
	}
	return nil
}

func (c *Certificate) parseExtension(e Extension) (ok bool) {
	switch {
	case e.OID.Equal(OIDSubjectKeyID):
		s := cryptobyte.String(e.Value)
		return s.ReadASN1Bytes(&c.SubjectKeyID, asn1.OCTET_STRING) && s.Empty()
	case e.OID.Equal(OIDAuthorityKeyID):
		c.AuthorityKeyID, ok = parseAuthorityKeyID(e.Value)
	case e.OID.Equal(OIDKeyUsage):
		c.HasKeyUsage = true
		c.KeyUsage, ok = parseKeyUsage(e.Value)
	case e.OID.Equal(OIDExtKeyUsage):
		c.ExtKeyUsage, ok = parseOIDs(e.Value, false)
	case e.OID.Equal(OIDBasicConstraints):
		c.BasicConstraints, ok = parseBasicConstraints(e.Value)
	case e.OID.Equal(OIDPolicies):
		c.Policies, ok = parseOIDs(e.Value, true)
	case e.OID.Equal(OIDCRLDistribution):
		var points distributionPoints
		ok = points.parse(e.Value)
		c.CRLURLs, c.crlDirectory = points.uri, points.directory
	case e.OID.Equal(OIDAuthorityInfo):
		c.IssuerURLs, c.OCSP, ok = parseAuthorityInfo(e.Value)
	case e.OID.Equal(OIDSubjectAltName):
		var g generalNames
		g, ok = parseGeneralNames(e.Value)
		c.AltEmails, c.AltDNS, c.AltNames = g.email, g.dns, g.directory
	default:
		return true
	}
	return ok
}

// Extension gives the raw value of an extension.
func (c *Certificate) Extension(oid OID) ([]byte, bool) { return findExtension(c.Extensions, oid) }

// SelfIssued tells whether issuer and subject are the same name.
func (c *Certificate) SelfIssued() bool { return c.IssuerName.Equal(c.SubjectName) }

// CheckSignature verifies the certificate's signature with a public key.
func (c *Certificate) CheckSignature(issuer crypto.PublicKey) error {
	return alg.Verify(c.Algorithm, issuer, c.RawTBS, c.Signature)
}

// CheckSignatureFrom verifies the certificate's signature with its issuer's certificate.
func (c *Certificate) CheckSignatureFrom(issuer *Certificate) error {
	if issuer.KeyErr != nil {
		return issuer.KeyErr
	}
	return c.CheckSignature(issuer.PublicKey)
}

// KeyIdentifier is the key identifier the certificate carries, or else the usual one of its key.
func (c *Certificate) KeyIdentifier() []byte {
	if c.SubjectKeyID != nil || c.PublicKey == nil {
		return c.SubjectKeyID
	}
	id, err := alg.SubjectKeyID(c.PublicKey)
	if err != nil {
		return nil
	}
	return id
}
