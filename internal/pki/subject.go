package pki

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Reading is what a document says about whom it names. Every field is read from
// every place in which it can stand: name attributes, extensions, subject
// directory attributes, alternative names and, in requests, attributes.
type Reading struct {
	// Subject has the fields on which all their sources agree, by value and not
	// by encoding; a field with a fault is empty there.
	Subject order.Subject
	// Faults are the fields that cannot be relied on, in the order of
	// order.Subject.Values.
	Faults []FieldFault
	// Unknown are what no field is read from: name attributes of other types, and
	// directory attributes that cannot be read.
	Unknown []OID
}

// FieldFault is why a field has no value: fault.Malformed for a source that
// cannot be read, fault.Contradictory for sources that differ, fault.Repeated
// for a name attribute that stands twice in a request, fault.TooLong for more
// characters than a certificate may have there, fault.NotAllowed for an
// alternative name that can be held against nothing.
type FieldFault struct {
	Field order.Field
	Cause fault.Code
	// Values are the readable values, for whom the document belongs to.
	Values []string
}

// Fault finds the fault of a field.
func (r Reading) Fault(f order.Field) (FieldFault, bool) {
	i := slices.IndexFunc(r.Faults, func(x FieldFault) bool { return x.Field == f })
	if i < 0 {
		return FieldFault{}, false
	}
	return r.Faults[i], true
}

// Says tells whether the document says anything in the field, readable or not.
func (r Reading) Says(f order.Field) bool {
	_, bad := r.Fault(f)
	return bad || r.Subject.Value(f) != ""
}

// Read reads whom the certificate names.
func (c *Certificate) Read() Reading {
	s := newSources()
	s.name(c.SubjectName)
	s.extensions(c.Extensions)
	return s.reading()
}

// Read reads whom the request names.
func (r *Request) Read() Reading {
	s := newSources()
	s.strict = true
	s.name(r.SubjectName)
	s.extensions(r.Extensions)
	s.attributes(r.Attributes)
	return s.reading()
}

// Read reads the organisation of which the attribute certificate speaks.
func (a *AttributeCertificate) Read() Reading {
	s := newSources()
	s.name(Name{Attributes: a.Attributes})
	s.extensions(a.Extensions)
	return s.reading()
}

// Subject is whom the certificate names: the fields on which all sources agree.
func (c *Certificate) Subject() order.Subject { return c.Read().Subject }

// Subject is whom the request names: the fields on which all sources agree.
func (r *Request) Subject() order.Subject { return r.Read().Subject }

// Subject is the organisation of which the attribute certificate speaks.
func (a *AttributeCertificate) Subject() order.Subject { return a.Read().Subject }

// fieldSources are the attribute types that carry a field. The published profile
// of GosSUOK (STB 34.101.78) puts them into the name, real certificates put
// personal number, UNP and position into extensions; the last ones of UNP and
// position are those of the years before.
var fieldSources = map[order.Field][]OID{
	order.FieldSurname:        {OIDSurname},
	order.FieldCommonName:     {OIDCommonName},
	order.FieldPersonalNumber: {OIDPersonalNumber, OIDSerialNumber},
	order.FieldCountry:        {OIDCountry},
	order.FieldRegion:         {OIDState},
	order.FieldLocality:       {OIDLocality},
	order.FieldStreet:         {OIDStreet},
	order.FieldOrganisation:   {OIDOrganisation},
	order.FieldUnit:           {OIDUnit, OIDGosUnit},
	order.FieldPosition:       {OIDPosition, OIDTitle, oidFormerPosition},
	order.FieldUNP:            {OIDUNP, OIDOrganisationIdentifier, oidFormerUNP},
	order.FieldEmail:          {OIDEmail},
}

// fieldOf maps attribute types to fields; name and givenName stand for both
// given names and are put together later.
var fieldOf = func() map[string]order.Field {
	out := map[string]order.Field{OIDName.String(): order.FieldGivenName, OIDGivenName.String(): order.FieldPatronymic}
	for field, types := range fieldSources {
		for _, t := range types {
			out[t.String()] = field
		}
	}
	return out
}()

// FieldOf tells which field an attribute type carries; name and givenName count
// as first name and patronymic.
func FieldOf(t OID) (order.Field, bool) {
	f, ok := fieldOf[t.String()]
	return f, ok
}

// readable is the value without what an encoding or a typist may add: composed
// Unicode (NFC), no leading, trailing or repeated blanks. False for what nobody
// can read: nothing at all, control and formatting characters, and characters
// that the certificates' BMPString does not have.
func readable(s string) (string, bool) {
	v := norm.NFC.String(collapse(s))
	bad := func(r rune) bool { return r > 0xFFFF || r == unicode.ReplacementChar || !unicode.IsPrint(r) }
	return v, v != "" && strings.IndexFunc(v, bad) < 0
}

// canonical is the value as it is compared and certified: numbers with Latin
// letters whatever the keyboard.
func canonical(field order.Field, value string) string {
	switch field {
	case order.FieldPersonalNumber, order.FieldCountry:
		return order.Latin(value)
	case order.FieldUNP:
		// organizationIdentifier names the register before the number.
		v := order.Latin(value)
		for _, prefix := range []string{"VATBY-", "NTRBY-", "TINBY-"} {
			v = strings.TrimPrefix(v, prefix)
		}
		return v
	default:
		return value
	}
}
