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

// parseDistributionPoints gives the addresses of CRLs; other names of points are passed over.
func parseDistributionPoints(v []byte) ([]string, bool) {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return nil, false
	}
	var urls []string
	for !body.Empty() {
		var point, name, full cryptobyte.String
		var hasName, hasFull bool
		if !body.ReadASN1(&point, asn1.SEQUENCE) || !point.ReadOptionalASN1(&name, &hasName, der.ExplicitTag(0)) {
			return nil, false
		}
		if !hasName {
			continue
		}
		if !name.ReadOptionalASN1(&full, &hasFull, der.ExplicitTag(0)) {
			return nil, false
		}
		var g generalNames
		if hasFull && !g.read(&full) {
			return nil, false
		}
		urls = append(urls, g.uri...)
	}
	return urls, true
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
