package pki

import (
	"bytes"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// NameAttribute is one attribute of a distinguished name.
type NameAttribute struct {
	Type  OID
	Value string
	// Encoding is the ASN.1 string type of the value; zero lets NewName choose.
	Encoding der.StringType
	// unreadable are the contents of a value that is no text, and empty otherwise.
	unreadable string
}

// Readable tells whether the value could be read; one that could not is not absent.
func (a NameAttribute) Readable() bool { return a.unreadable == "" }

// equal compares without regard to string type, case and repeated blanks; what
// cannot be read is equal to the same octets of the same type only.
func (a NameAttribute) equal(b NameAttribute) bool {
	if !a.Type.Equal(b.Type) || a.unreadable != b.unreadable {
		return false
	}
	if a.unreadable != "" {
		return a.Encoding == b.Encoding
	}
	return strings.EqualFold(collapse(a.Value), collapse(b.Value))
}

// Name is a distinguished name (RFC 5280, 4.1.2.4).
type Name struct {
	// Raw is the name's DER.
	Raw []byte
	// Attributes are its attributes in the order in which they stand.
	Attributes []NameAttribute
}

// Get gives the first value of an attribute type, empty when there is none.
func (n Name) Get(t OID) string {
	for _, a := range n.Attributes {
		if a.Type.Equal(t) {
			return a.Value
		}
	}
	return ""
}

// Equal compares names as path validation does: the same octets, or the same
// types and values without regard to string type, case and repeated spaces.
func (n Name) Equal(o Name) bool {
	if bytes.Equal(n.Raw, o.Raw) {
		return true
	}
	if len(n.Attributes) != len(o.Attributes) || len(n.Attributes) == 0 {
		return false
	}
	for i, a := range n.Attributes {
		if !a.equal(o.Attributes[i]) {
			return false
		}
	}
	return true
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// Readable tells whether every value could be read.
func (n Name) Readable() bool {
	return !slices.ContainsFunc(n.Attributes, func(a NameAttribute) bool { return !a.Readable() })
}

// ParseName reads a distinguished name from DER.
func ParseName(encoded []byte) (Name, error) {
	if err := der.Check(encoded); err != nil {
		return Name{}, err
	}
	s := cryptobyte.String(bytes.Clone(encoded))
	var n Name
	if !ReadName(&s, &n) {
		return Name{}, der.Malformed("name")
	}
	return n, nil
}

// ReadName reads a distinguished name; false for anything else.
func ReadName(s *cryptobyte.String, out *Name) bool {
	var raw, rdns cryptobyte.String
	if !s.ReadASN1Element(&raw, asn1.SEQUENCE) {
		return false
	}
	out.Raw = raw
	rest := raw
	if !rest.ReadASN1(&rdns, asn1.SEQUENCE) {
		return false
	}
	for !rdns.Empty() {
		var set cryptobyte.String
		if !rdns.ReadASN1(&set, asn1.SET) || set.Empty() {
			return false
		}
		for !set.Empty() {
			var pair cryptobyte.String
			var a NameAttribute
			if !set.ReadASN1(&pair, asn1.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&a.Type) ||
				!a.readValue(&pair) || !pair.Empty() {
				return false
			}
			out.Attributes = append(out.Attributes, a)
		}
	}
	return true
}

// readValue reads any one element; what is no text is kept as unreadable.
func (a *NameAttribute) readValue(s *cryptobyte.String) bool {
	var raw cryptobyte.String
	var tag asn1.Tag
	if !s.ReadAnyASN1(&raw, &tag) {
		return false
	}
	a.Encoding = der.StringType(tag)
	var ok bool
	if a.Value, ok = der.DecodeText(a.Encoding, raw); !ok {
		a.Value, a.unreadable = "", "."+string(raw)
	}
	return true
}

// NewName builds a name, one attribute to each RDN, without the empty ones.
// An attribute that names no encoding gets PrintableString for country, serial
// number and personal number, IA5String for e-mail and the given type otherwise.
func NewName(text der.StringType, attributes ...NameAttribute) (Name, error) {
	encoded, err := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			for _, a := range attributes {
				if a.Value == "" {
					continue
				}
				addRDN(b, a, text)
			}
		})
	})
	if err != nil {
		return Name{}, err
	}
	return ParseName(encoded)
}

func addRDN(b *cryptobyte.Builder, a NameAttribute, text der.StringType) {
	b.AddASN1(asn1.SET, func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(a.Type)
			der.AddText(b, encodingOf(a, text), a.Value)
		})
	})
}

func encodingOf(a NameAttribute, text der.StringType) der.StringType {
	switch {
	case a.Encoding != 0:
		return a.Encoding
	case a.Type.Equal(OIDEmail):
		return der.IA5String
	case a.Type.Equal(OIDCountry), a.Type.Equal(OIDSerialNumber), a.Type.Equal(OIDPersonalNumber):
		if der.Printable(a.Value) {
			return der.PrintableString
		}
	}
	return text
}
