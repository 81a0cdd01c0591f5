package pki

import (
	"math/big"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Scope is what a CRL speaks of (IssuingDistributionPoint, RFC 5280, 5.2.5); the
// zero value is every certificate of the issuer.
type Scope struct {
	OnlyUsers, OnlyCAs, OnlyAttributes bool
	// Points is set when the list is that of a distribution point, with the names
	// the point has: addresses and directory names.
	Points     bool
	Addresses  []string
	Directory  []Name
	identifier string
}

// Same tells whether two lists of one issuer speak of the same certificates, so
// that the newer takes the other's place.
func (s Scope) Same(o Scope) bool { return s.identifier == o.identifier }

// Covers tells whether a list of the scope speaks of a certificate: of its
// kind, and of a distribution point that the certificate names (RFC 5280, 6.3.3 b).
func (s Scope) Covers(c *Certificate) bool {
	if s.OnlyAttributes || s.OnlyUsers && c.BasicConstraints.CA || s.OnlyCAs && !c.BasicConstraints.CA {
		return false
	}
	return s.names(c.CRLURLs, c.crlDirectory, c.IssuerName)
}

// CoversAttributes tells whether a list of the scope speaks of an issuer's
// attribute certificates.
func (s Scope) CoversAttributes(a *AttributeCertificate) bool {
	if s.OnlyUsers || s.OnlyCAs {
		return false
	}
	var points distributionPoints
	if value, ok := findExtension(a.Extensions, OIDCRLDistribution); ok && !points.parse(value) {
		return false
	}
	return s.names(points.uri, points.directory, a.IssuerName)
}

// names tells whether a name of the list's point is among those of the
// certificate, which without any has the issuer's name.
func (s Scope) names(addresses []string, directory []Name, issuer Name) bool {
	if !s.Points {
		return true
	}
	if len(addresses) == 0 && len(directory) == 0 {
		directory = []Name{issuer}
	}
	for _, a := range s.Addresses {
		if slices.Contains(addresses, a) {
			return true
		}
	}
	for _, n := range s.Directory {
		if slices.ContainsFunc(directory, n.Equal) {
			return true
		}
	}
	return false
}

// Usable is nil for a list that proves something about the certificates in its
// scope. Delta lists, indirect ones, lists for some reasons only and lists with
// critical extensions that nobody here understands prove nothing.
func (c *CRL) Usable() error { return c.unusable }

// refuse notes the first reason for which the list cannot be used.
func (c *CRL) refuse(format string, args ...any) {
	if c.unusable == nil {
		c.unusable = fault.New(fault.CriticalExtension, format, args...)
	}
}

func (c *CRL) readCRLExtensions(s *cryptobyte.String) error {
	if s.Empty() {
		return nil
	}
	var tagged cryptobyte.String
	if !s.ReadASN1(&tagged, der.ExplicitTag(0)) || !s.Empty() {
		return der.Malformed("crl: extensions")
	}
	var err error
	if c.Extensions, err = readExtensions(&tagged); err != nil {
		return err
	}
	for _, e := range c.Extensions {
		if err := c.readCRLExtension(e); err != nil {
			return err
		}
	}
	return nil
}

func (c *CRL) readCRLExtension(e Extension) error {
	ok := true
	v := cryptobyte.String(e.Value)
	switch {
	case e.OID.Equal(OIDAuthorityKeyID):
		c.AuthorityKeyID, ok = parseAuthorityKeyID(e.Value)
	case e.OID.Equal(OIDCRLNumber):
		c.Number = new(big.Int)
		ok = v.ReadASN1Integer(c.Number) && v.Empty()
	case e.OID.Equal(OIDIssuingDistribution):
		ok = c.readDistribution(v)
		c.Scope.identifier = string(e.Value)
	case e.OID.Equal(oidDeltaCRL):
		c.refuse("crl: a delta list")
	case e.Critical:
		c.refuse("crl: extension %s", e.OID)
	}
	if !ok {
		return fault.New(fault.Malformed, "crl: extension %s", e.OID)
	}
	return nil
}

// readDistribution reads IssuingDistributionPoint.
func (c *CRL) readDistribution(s cryptobyte.String) bool {
	var body, name, full, reasons cryptobyte.String
	var some, indirect bool
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() || !body.ReadOptionalASN1(&name, &c.Scope.Points, der.ExplicitTag(0)) {
		return false
	}
	if c.Scope.Points {
		var g generalNames
		var isFull bool
		if !name.ReadOptionalASN1(&full, &isFull, der.ExplicitTag(0)) || isFull && (!name.Empty() || !g.read(&full)) {
			return false
		}
		if !isFull {
			c.refuse("crl: a distribution point named relative to its issuer")
		}
		c.Scope.Addresses, c.Scope.Directory = g.uri, g.directory
	}
	if !readFlag(&body, 1, &c.Scope.OnlyUsers) || !readFlag(&body, 2, &c.Scope.OnlyCAs) ||
		!body.ReadOptionalASN1(&reasons, &some, der.ContextTag(3)) || !readFlag(&body, 4, &indirect) ||
		!readFlag(&body, 5, &c.Scope.OnlyAttributes) {
		return false
	}
	if some {
		c.refuse("crl: speaks of some reasons only")
	}
	if indirect {
		c.refuse("crl: an indirect list")
	}
	return body.Empty()
}

// readFlag reads an implicitly tagged BOOLEAN DEFAULT FALSE.
func readFlag(s *cryptobyte.String, tag uint8, out *bool) bool {
	var v cryptobyte.String
	var present bool
	if !s.ReadOptionalASN1(&v, &present, der.ContextTag(tag)) || present && len(v) != 1 {
		return false
	}
	*out = present && v[0] != 0
	return true
}
