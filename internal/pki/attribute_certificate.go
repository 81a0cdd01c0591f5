package pki

import (
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// AttributeCertificate binds an organisation to the holder of a certificate
// (STB 34.101.67, RFC 5755).
type AttributeCertificate struct {
	Raw, RawTBS         []byte
	Version             int
	SerialNumber        *big.Int
	Algorithm           alg.Identifier
	Signature           []byte
	HolderIssuer        Name
	HolderSerial        *big.Int
	IssuerName          Name
	NotBefore, NotAfter time.Time
	// Attributes are O, OU, title, UNP and the like.
	Attributes []NameAttribute
	Extensions []Extension
}

// ParseAttributeCertificate reads one attribute certificate from DER, version 1
// or 2, with the plain SEQUENCE tag that stand-alone files have.
func ParseAttributeCertificate(encoded []byte) (*AttributeCertificate, error) {
	o, err := openSigned(encoded, "attribute certificate")
	if err != nil {
		return nil, err
	}
	a := &AttributeCertificate{Raw: o.raw, RawTBS: o.tbs, Algorithm: o.algorithm, Signature: o.signature}
	s := o.body
	if s.PeekASN1Tag(asn1.INTEGER) && !s.ReadASN1Integer(&a.Version) || a.Version < 0 || a.Version > 1 {
		return nil, der.Malformed("attribute certificate: version")
	}
	a.Version++
	if !a.readHolder(&s) || !a.readIssuer(&s) {
		return nil, der.Malformed("attribute certificate: holder and issuer")
	}
	var inner alg.Identifier
	if !alg.ReadIdentifier(&s, &inner) || !inner.Equal(a.Algorithm) {
		return nil, fault.New(fault.BadParameters, "attribute certificate: two different signature algorithms")
	}
	var period, attributes cryptobyte.String
	if !ReadSerial(&s, &a.SerialNumber) || !s.ReadASN1(&period, asn1.SEQUENCE) ||
		!period.ReadASN1GeneralizedTime(&a.NotBefore) || !period.ReadASN1GeneralizedTime(&a.NotAfter) ||
		!period.Empty() || !s.ReadASN1(&attributes, asn1.SEQUENCE) || !a.readAttributes(attributes) {
		return nil, der.Malformed("attribute certificate")
	}
	if !s.SkipOptionalASN1(asn1.BIT_STRING) {
		return nil, der.Malformed("attribute certificate: unique identifier")
	}
	if !s.Empty() {
		if a.Extensions, err = readExtensions(&s); err != nil {
			return nil, err
		}
	}
	if !s.Empty() {
		return nil, der.Malformed("attribute certificate: extensions")
	}
	return a, nil
}

// readHolder reads Holder of version 2 or the subject of version 1: in both the
// holder is named by the issuer and serial number of the public key certificate.
func (a *AttributeCertificate) readHolder(s *cryptobyte.String) bool {
	var base, names cryptobyte.String
	if s.PeekASN1Tag(asn1.SEQUENCE) {
		var holder cryptobyte.String
		if !s.ReadASN1(&holder, asn1.SEQUENCE) || !holder.ReadASN1(&base, der.ExplicitTag(0)) {
			return false
		}
	} else if !s.ReadASN1(&base, der.ExplicitTag(0)) {
		return false
	}
	var g generalNames
	if !base.ReadASN1(&names, asn1.SEQUENCE) || !g.read(&names) || len(g.directory) != 1 {
		return false
	}
	a.HolderIssuer = g.directory[0]
	return ReadSerial(&base, &a.HolderSerial)
}

// readIssuer reads V2Form ([0]), or the GeneralNames of version 1.
func (a *AttributeCertificate) readIssuer(s *cryptobyte.String) bool {
	var form, names cryptobyte.String
	if s.PeekASN1Tag(der.ExplicitTag(0)) {
		if !s.ReadASN1(&form, der.ExplicitTag(0)) {
			return false
		}
		s = &form
	}
	var g generalNames
	if !s.ReadASN1(&names, asn1.SEQUENCE) || !g.read(&names) || len(g.directory) != 1 {
		return false
	}
	a.IssuerName = g.directory[0]
	return true
}

// readAttributes reads SEQUENCE OF Attribute, or a list of RDNs: which of them
// STB 34.101.67 means is not published.
func (a *AttributeCertificate) readAttributes(s cryptobyte.String) bool {
	for !s.Empty() {
		var one, set cryptobyte.String
		var t OID
		if s.PeekASN1Tag(asn1.SET) {
			rdn, n := cryptobyte.String(nil), Name{}
			if !s.ReadASN1Element(&rdn, asn1.SET) {
				return false
			}
			encoded, err := der.Build(func(b *cryptobyte.Builder) {
				der.AddSequence(b, func(b *cryptobyte.Builder) { b.AddBytes(rdn) })
			})
			list := cryptobyte.String(encoded)
			if err != nil || !ReadName(&list, &n) {
				return false
			}
			a.Attributes = append(a.Attributes, n.Attributes...)
			continue
		}
		if !s.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&t) ||
			!one.ReadASN1(&set, asn1.SET) || !one.Empty() {
			return false
		}
		for !set.Empty() {
			v := NameAttribute{Type: t}
			if !v.readValue(&set) {
				return false
			}
			a.Attributes = append(a.Attributes, v)
		}
	}
	return true
}

// Get gives the first value of an attribute type, empty when there is none.
func (a *AttributeCertificate) Get(t OID) string { return Name{Attributes: a.Attributes}.Get(t) }

// HeldBy tells whether a certificate is the one that the holder is named by.
func (a *AttributeCertificate) HeldBy(c *Certificate) bool {
	return a.HolderSerial.Cmp(c.SerialNumber) == 0 && a.HolderIssuer.Equal(c.IssuerName)
}

// CheckSignatureFrom verifies the signature with the issuing authority's certificate.
func (a *AttributeCertificate) CheckSignatureFrom(issuer *Certificate) error {
	if issuer.KeyErr != nil {
		return issuer.KeyErr
	}
	return alg.Verify(a.Algorithm, issuer.PublicKey, a.RawTBS, a.Signature)
}
