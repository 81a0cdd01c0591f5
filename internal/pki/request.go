package pki

import (
	"bytes"
	"crypto"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Attribute is an attribute of a request or of signed data.
type Attribute struct {
	OID OID
	// Values are the DER of its values.
	Values [][]byte
}

// Request is a parsed certification request (PKCS#10, RFC 2986). A key the
// registry does not know or refuses leaves PublicKey nil and the reason in KeyErr.
type Request struct {
	// Raw, RawInfo and RawSPKI are the DER of the whole, of what is signed, and of the public key.
	Raw, RawInfo, RawSPKI []byte
	Algorithm             alg.Identifier
	Signature             []byte
	SubjectName           Name
	PublicKey             crypto.PublicKey
	KeyErr                error
	Attributes            []Attribute
	// Extensions are those asked for, under PKCS#9's or Microsoft's attribute.
	Extensions []Extension
}

// ParseRequest reads one bare request from DER. Refused are octets after it,
// indefinite lengths and attributes that stand twice. What the name says is
// for Read.
func ParseRequest(encoded []byte) (*Request, error) {
	o, err := openSigned(encoded, "request")
	if err != nil {
		return nil, err
	}
	r := &Request{Raw: o.raw, RawInfo: o.tbs, Algorithm: o.algorithm, Signature: o.signature}
	s := o.body
	var version int
	var spki, attributes cryptobyte.String
	if !s.ReadASN1Integer(&version) || version != 0 || !ReadName(&s, &r.SubjectName) ||
		!s.ReadASN1Element(&spki, asn1.SEQUENCE) {
		return nil, der.Malformed("request")
	}
	r.RawSPKI = spki
	r.PublicKey, r.KeyErr = alg.ParsePublicKey(spki)
	// Some makers leave the attributes out when there are none.
	if !s.Empty() && (!s.ReadASN1(&attributes, der.ExplicitTag(0)) || !s.Empty()) {
		return nil, der.Malformed("request: attributes")
	}
	if r.Attributes, err = ReadAttributes(attributes); err != nil {
		return nil, err
	}
	return r, r.readExtensions()
}

// ReadAttributes reads the elements of SET OF Attribute.
func ReadAttributes(s cryptobyte.String) ([]Attribute, error) {
	var out []Attribute
	seen := map[string]bool{}
	for !s.Empty() {
		var one, set cryptobyte.String
		var a Attribute
		if !s.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&a.OID) ||
			!one.ReadASN1(&set, asn1.SET) || !one.Empty() {
			return nil, der.Malformed("attribute")
		}
		for !set.Empty() {
			var v []byte
			if !der.ReadElement(&set, &v) {
				return nil, der.Malformed("attribute")
			}
			a.Values = append(a.Values, v)
		}
		id := a.OID.String()
		if seen[id] {
			return nil, fault.New(fault.Repeated, "attribute %s stands twice", id)
		}
		seen[id] = true
		out = append(out, a)
	}
	return out, nil
}

// SingleValue finds an attribute that must have exactly one value.
func SingleValue(list []Attribute, oid OID) (value []byte, present bool, err error) {
	for _, a := range list {
		if !a.OID.Equal(oid) {
			continue
		}
		if len(a.Values) != 1 {
			return nil, true, fault.New(fault.Malformed, "attribute %s with %d values", oid, len(a.Values))
		}
		return a.Values[0], true, nil
	}
	return nil, false, nil
}

// readExtensions reads what is asked for under either identifier. Devices that
// ask under both say the same twice.
func (r *Request) readExtensions() error {
	var asked []byte
	for _, oid := range []OID{OIDExtensionRequest, OIDMSExtensionRequest} {
		value, present, err := SingleValue(r.Attributes, oid)
		if err != nil {
			return err
		}
		if !present {
			continue
		}
		if asked != nil && !bytes.Equal(asked, value) {
			return fault.New(fault.Repeated, "extensions are asked for twice, and not the same")
		}
		asked = value
		s := cryptobyte.String(value)
		if r.Extensions, err = readExtensions(&s); err != nil {
			return err
		}
	}
	return nil
}

// CheckSignature proves that whoever made the request holds the private key
// to the public key it names (proof of possession).
func (r *Request) CheckSignature() error {
	if r.KeyErr != nil {
		return r.KeyErr
	}
	return alg.Verify(r.Algorithm, r.PublicKey, r.RawInfo, r.Signature)
}

// Validity is a period asked for.
type Validity struct {
	NotBefore, NotAfter time.Time
	// Source is the attribute or extension that carries it.
	Source OID
}

// RequestedValidity finds the period a request asks for: the attribute
// certificateValidity of STB 34.101.78, then the extensions
// privateKeyUsagePeriod and keyAttributes, then the vendors' attributes and
// extensions given. Nil when none is there; an error when one is unreadable.
func (r *Request) RequestedValidity(vendor ...OID) (*Validity, error) {
	value, present, err := SingleValue(r.Attributes, OIDCertificateValidity)
	if err != nil {
		return nil, err
	}
	if present {
		return parseValidity(value, OIDCertificateValidity)
	}
	for _, oid := range append([]OID{OIDPrivateKeyUsagePeriod, OIDKeyAttributes}, vendor...) {
		if value, ok := findExtension(r.Extensions, oid); ok {
			return parseValidity(value, oid)
		}
		value, present, err := SingleValue(r.Attributes, oid)
		if err != nil {
			return nil, err
		}
		if present {
			return parseValidity(value, oid)
		}
	}
	return nil, nil
}

// parseValidity reads any of the forms: two Times, two tagged times, or the
// latter inside one more sequence.
func parseValidity(value []byte, source OID) (*Validity, error) {
	v := &Validity{Source: source}
	s, body := cryptobyte.String(value), cryptobyte.String(nil)
	two := s.ReadASN1(&body, asn1.SEQUENCE) && s.Empty() &&
		der.ReadTime(&body, &v.NotBefore) && der.ReadTime(&body, &v.NotAfter) && body.Empty()
	for _, nested := range []bool{false, true} {
		if two {
			break
		}
		v.NotBefore, v.NotAfter, two = parseUsagePeriod(value, nested)
	}
	if !two {
		return nil, fault.New(fault.Malformed, "validity asked for in %s", source)
	}
	if !v.NotBefore.Before(v.NotAfter) {
		return nil, fault.New(fault.Malformed, "validity asked for in %s ends before it begins", source)
	}
	return v, nil
}
