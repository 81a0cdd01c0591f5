package pki

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// generalNames are the alternatives of GeneralName that are used here.
type generalNames struct {
	dns, email, uri []string
	directory       []Name
	// others is set when there are alternatives that are not read.
	others bool
}

func (g *generalNames) read(s *cryptobyte.String) bool {
	for !s.Empty() {
		var raw cryptobyte.String
		var tag asn1.Tag
		if !s.ReadAnyASN1(&raw, &tag) {
			return false
		}
		switch tag {
		case der.ContextTag(1):
			g.email = append(g.email, string(raw))
		case der.ContextTag(2):
			g.dns = append(g.dns, string(raw))
		case der.ContextTag(6):
			g.uri = append(g.uri, string(raw))
		case der.ExplicitTag(4):
			var n Name
			if !ReadName(&raw, &n) || !raw.Empty() {
				return false
			}
			g.directory = append(g.directory, n)
		default:
			g.others = true
		}
	}
	return true
}

func parseGeneralNames(v []byte) (g generalNames, ok bool) {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return g, false
	}
	return g, g.read(&body)
}

// distributionPoints are the names under which the lists of a certificate are found.
type distributionPoints struct {
	uri       []string
	directory []Name
}

// parse reads CRLDistributionPoints; points of other issuers' lists and names
// relative to the issuer are passed over.
func (d *distributionPoints) parse(v []byte) bool {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return false
	}
	for !body.Empty() {
		var point, name, full cryptobyte.String
		var hasName, hasFull bool
		if !body.ReadASN1(&point, asn1.SEQUENCE) || !point.ReadOptionalASN1(&name, &hasName, der.ExplicitTag(0)) {
			return false
		}
		if !point.SkipOptionalASN1(der.ContextTag(1)) {
			return false
		}
		if !hasName || point.PeekASN1Tag(der.ExplicitTag(2)) {
			continue
		}
		if !name.ReadOptionalASN1(&full, &hasFull, der.ExplicitTag(0)) {
			return false
		}
		var g generalNames
		if hasFull && !g.read(&full) {
			return false
		}
		d.uri, d.directory = append(d.uri, g.uri...), append(d.directory, g.directory...)
	}
	return true
}

// parseAuthorityInfo gives the addresses of issuers' certificates and of OCSP responders.
func parseAuthorityInfo(v []byte) (issuers, ocsp []string, ok bool) {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return nil, nil, false
	}
	for !body.Empty() {
		var one cryptobyte.String
		var method OID
		var g generalNames
		if !body.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&method) || !g.read(&one) {
			return nil, nil, false
		}
		switch {
		case method.Equal(oidAIAIssuers):
			issuers = append(issuers, g.uri...)
		case method.Equal(oidAIAOCSP):
			ocsp = append(ocsp, g.uri...)
		}
	}
	return issuers, ocsp, true
}
