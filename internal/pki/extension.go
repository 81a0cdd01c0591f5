package pki

import (
	"crypto/x509"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Extension is one extension of a certificate, a request or a CRL.
type Extension struct {
	OID      OID
	Critical bool
	// Value is what the OCTET STRING holds.
	Value []byte
}

// readExtensions reads SEQUENCE OF Extension and refuses an identifier that stands twice.
func readExtensions(s *cryptobyte.String) ([]Extension, error) {
	var list cryptobyte.String
	if !s.ReadASN1(&list, asn1.SEQUENCE) {
		return nil, der.Malformed("extensions")
	}
	var out []Extension
	seen := map[string]bool{}
	for !list.Empty() {
		var one cryptobyte.String
		var e Extension
		if !list.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&e.OID) ||
			!readCritical(&one, &e.Critical) || !one.ReadASN1Bytes(&e.Value, asn1.OCTET_STRING) || !one.Empty() {
			return nil, der.Malformed("extension")
		}
		id := e.OID.String()
		if seen[id] {
			return nil, fault.New(fault.Repeated, "extension %s stands twice", id)
		}
		seen[id] = true
		out = append(out, e)
	}
	return out, nil
}

// readCritical reads BOOLEAN DEFAULT FALSE. An explicit FALSE is not DER, but
// real certificates carry it.
func readCritical(s *cryptobyte.String, out *bool) bool {
	return !s.PeekASN1Tag(asn1.BOOLEAN) || s.ReadASN1Boolean(out)
}

func findExtension(list []Extension, oid OID) ([]byte, bool) {
	for _, e := range list {
		if e.OID.Equal(oid) {
			return e.Value, true
		}
	}
	return nil, false
}

// BasicConstraints say whether a certificate is a CA's (RFC 5280, 4.2.1.9).
type BasicConstraints struct {
	// Present is false when the certificate has no such extension.
	Present bool
	CA      bool
	// MaxPath is the number of CA certificates that may follow, -1 without limit.
	MaxPath int
}

func parseBasicConstraints(v []byte) (BasicConstraints, bool) {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	c := BasicConstraints{Present: true, MaxPath: -1}
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() || !readCritical(&body, &c.CA) {
		return c, false
	}
	if !body.Empty() && (!body.ReadASN1Integer(&c.MaxPath) || c.MaxPath < 0) {
		return c, false
	}
	return c, body.Empty()
}

func parseKeyUsage(v []byte) (x509.KeyUsage, bool) {
	s := cryptobyte.String(v)
	var bits []byte
	var tagged cryptobyte.String
	if !s.ReadASN1(&tagged, asn1.BIT_STRING) || !s.Empty() || len(tagged) < 2 || tagged[0] > 7 {
		return 0, false
	}
	bits = tagged[1:]
	var usage x509.KeyUsage
	for i := range 9 {
		if i/8 < len(bits) && bits[i/8]&(0x80>>(i%8)) != 0 {
			usage |= 1 << i
		}
	}
	return usage, true
}

// parseOIDs reads SEQUENCE OF OBJECT IDENTIFIER, or of sequences that begin
// with one (certificate policies).
func parseOIDs(v []byte, nested bool) ([]OID, bool) {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return nil, false
	}
	var out []OID
	for !body.Empty() {
		one := &body
		if nested {
			one = new(cryptobyte.String)
			if !body.ReadASN1(one, asn1.SEQUENCE) {
				return nil, false
			}
		}
		var oid OID
		if !one.ReadASN1ObjectIdentifier(&oid) {
			return nil, false
		}
		out = append(out, oid)
	}
	return out, true
}

func parseAuthorityKeyID(v []byte) ([]byte, bool) {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	var id []byte
	var present bool
	var key cryptobyte.String
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() || !body.ReadOptionalASN1(&key, &present, der.ContextTag(0)) {
		return nil, false
	}
	if present {
		id = key
	}
	return id, true
}

// parseUsagePeriod reads PrivateKeyUsagePeriod, alone (2.5.29.16) or inside the
// obsolete keyAttributes (2.5.29.2), which is a sequence holding one.
func parseUsagePeriod(v []byte, nested bool) (from, to time.Time, ok bool) {
	s, body := cryptobyte.String(v), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return from, to, false
	}
	if nested {
		outer := body
		// A key identifier and usage bits may stand around the period.
		for !outer.Empty() && !outer.PeekASN1Tag(asn1.SEQUENCE) {
			var skip []byte
			if !der.ReadElement(&outer, &skip) {
				return from, to, false
			}
		}
		if !outer.ReadASN1(&body, asn1.SEQUENCE) {
			return from, to, false
		}
	}
	var first, last cryptobyte.String
	if !body.ReadASN1(&first, der.ContextTag(0)) || !body.ReadASN1(&last, der.ContextTag(1)) || !body.Empty() {
		return from, to, false
	}
	from, errFrom := time.Parse(generalizedLayout, string(first))
	to, errTo := time.Parse(generalizedLayout, string(last))
	return from, to, errFrom == nil && errTo == nil
}

const generalizedLayout = "20060102150405Z"
