package pki

import (
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// sources collects what a document says, field by field.
type sources struct {
	// strict is set for requests: what they say is to be certified.
	strict  bool
	values  map[order.Field][]string
	causes  map[order.Field]fault.Code
	unknown []OID
}

func newSources() *sources {
	return &sources{strict: false, values: map[order.Field][]string{}, causes: map[order.Field]fault.Code{}, unknown: nil}
}

// fail notes why a field has no value; the first cause stays.
func (s *sources) fail(field order.Field, cause fault.Code) {
	if _, known := s.causes[field]; !known {
		s.causes[field] = cause
	}
}

// add notes one source of a field.
func (s *sources) add(field order.Field, value string, ok bool) {
	v, clean := readable(value)
	if !ok || !clean {
		s.fail(field, fault.Malformed)
		return
	}
	if v = canonical(field, v); !slices.Contains(s.values[field], v) {
		s.values[field] = append(s.values[field], v)
	}
}

func (s *sources) name(n Name) {
	seen := map[string]bool{}
	for _, a := range n.Attributes {
		id := a.Type.String()
		field, known := fieldOf[id]
		if !known {
			s.unknown = append(s.unknown, a.Type)
			continue
		}
		// STB 34.101.78 forbids an attribute type that stands twice.
		if seen[id] && s.strict {
			s.fail(field, fault.Repeated)
		}
		seen[id] = true
		s.add(field, a.Value, a.Readable())
	}
}

func (s *sources) extensions(list []Extension) {
	for _, e := range list {
		switch field, known := fieldOf[e.OID.String()]; {
		case known:
			text, ok := textValue(e.Value)
			s.add(field, text, ok)
		case e.OID.Equal(OIDSubjectAltName):
			s.alternative(e.Value)
		case e.OID.Equal(OIDDirectoryAttributes):
			s.directory(e.Value)
		}
	}
}

// textValue reads DER that is one character string and nothing else.
func textValue(value []byte) (string, bool) {
	in, text, t := cryptobyte.String(value), "", der.StringType(0)
	ok := der.ReadText(&in, &text, &t) && in.Empty()
	return text, ok
}

// directory reads subjectDirectoryAttributes (RFC 5280, 4.2.1.8); as a whole it
// is unknown when it cannot be read.
func (s *sources) directory(value []byte) {
	in, list := cryptobyte.String(value), cryptobyte.String(nil)
	ok := in.ReadASN1(&list, asn1.SEQUENCE) && in.Empty()
	for ok && !list.Empty() {
		var one, set cryptobyte.String
		var t OID
		ok = list.ReadASN1(&one, asn1.SEQUENCE) && one.ReadASN1ObjectIdentifier(&t) && one.ReadASN1(&set, asn1.SET) && one.Empty()
		field, known := fieldOf[t.String()]
		for ok && known && !set.Empty() {
			var raw []byte
			if ok = der.ReadElement(&set, &raw); !ok {
				break
			}
			text, readable := textValue(raw)
			s.add(field, text, readable)
		}
	}
	if !ok {
		s.unknown = append(s.unknown, OIDDirectoryAttributes)
	}
}

// attributes reads request attributes of the types that carry fields.
func (s *sources) attributes(list []Attribute) {
	for _, a := range list {
		field, known := fieldOf[a.OID.String()]
		for i := 0; known && i < len(a.Values); i++ {
			text, ok := textValue(a.Values[i])
			s.add(field, text, ok)
		}
	}
}

// alternative reads subjectAltName: e-mail addresses, and the name of a person
// in the other language as a directory name. Attributes of a directory name
// that are no names are sources of their fields like all others.
func (s *sources) alternative(value []byte) {
	g, ok := parseGeneralNames(value)
	if !ok {
		s.fail(order.FieldBelarusianName, fault.Malformed)
		return
	}
	for _, e := range g.email {
		s.add(order.FieldEmail, e, utf8.ValidString(e))
	}
	for _, n := range g.directory {
		s.belarusian(n)
	}
	if s.strict && (g.others || len(g.dns) > 0 || len(g.uri) > 0) {
		s.fail(order.FieldBelarusianName, fault.NotAllowed)
	}
}

func (s *sources) belarusian(n Name) {
	own := newSources()
	own.strict = s.strict
	own.name(n)
	s.unknown = append(s.unknown, own.unknown...)
	for field, values := range own.values {
		switch field {
		case order.FieldSurname, order.FieldGivenName, order.FieldPatronymic, order.FieldCommonName:
		default:
			for _, v := range values {
				s.add(field, v, true)
			}
		}
	}
	names := own.reading()
	for _, f := range names.Faults {
		switch f.Field {
		case order.FieldSurname, order.FieldGivenName, order.FieldPatronymic, order.FieldCommonName:
			s.fail(order.FieldBelarusianName, f.Cause)
		default:
			s.fail(f.Field, f.Cause)
		}
	}
	whole := collapse(names.Subject.Surname + " " + names.Subject.GivenName + " " + names.Subject.Patronymic)
	if whole != "" {
		s.add(order.FieldBelarusianName, whole, true)
	}
	if cn := names.Subject.CommonName; cn != "" {
		s.add(order.FieldBelarusianName, cn, true)
	}
}

// givenNames splits first name and patronymic: individuals have them apart, in
// name and givenName; representatives of an organisation in one value.
func (s *sources) givenNames() {
	whole, second := s.values[order.FieldGivenName], s.values[order.FieldPatronymic]
	if len(whole) > 1 || len(second) > 1 || len(whole) == 1 && len(second) == 1 {
		return
	}
	for _, one := range append(slices.Clone(whole), second...) {
		given, patronymic, two := strings.Cut(one, " ")
		s.values[order.FieldGivenName] = []string{given}
		delete(s.values, order.FieldPatronymic)
		if two {
			s.values[order.FieldPatronymic] = []string{patronymic}
		}
	}
	// What was given in one value cannot be half right.
	for _, pair := range [][2]order.Field{
		{order.FieldGivenName, order.FieldPatronymic}, {order.FieldPatronymic, order.FieldGivenName},
	} {
		if cause, bad := s.causes[pair[0]]; bad {
			s.fail(pair[1], cause)
		}
	}
}

func (s *sources) reading() Reading {
	s.givenNames()
	out := Reading{Subject: order.Subject{}, Faults: nil, Unknown: s.unknown}
	for _, v := range out.Subject.Values() {
		values := s.values[v.Field]
		cause, bad := s.causes[v.Field]
		switch limit := v.Field.MaxLength(); {
		case bad:
		case len(values) > 1:
			cause = fault.Contradictory
		case len(values) == 0:
			continue
		case s.strict && utf8.RuneCountInString(values[0]) > limit:
			cause = fault.TooLong
		default:
			out.Subject.Set(v.Field, values[0])
			continue
		}
		out.Faults = append(out.Faults, FieldFault{Field: v.Field, Cause: cause, Values: values})
	}
	return out
}
