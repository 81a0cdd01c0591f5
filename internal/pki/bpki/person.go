package bpki

import (
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/crypto/cryptobyte"
	tags "golang.org/x/crypto/cryptobyte/asn1"
)

// Person is whom a certificate of GosSUOK names, as far as people have to
// recognise it: to compare, package pki reads more of it and more exactly.
type Person struct {
	Surname, GivenNames, PersonalNumber string
	Organisation, UNP, Unit, Position   string
	// IDCard says that the serial number of the name is that of an ID card.
	IDCard bool
}

var (
	oidSurname      = oid{2, 5, 4, 4}
	oidSerialNumber = oid{2, 5, 4, 5}
	oidOrganisation = oid{2, 5, 4, 10}
	oidName         = oid{2, 5, 4, 41}
	oidGivenName    = oid{2, 5, 4, 42}
)

// idCardPrefix begins the serial number of ID cards (STB 34.101.78, annex on GosSUOK).
const idCardPrefix = "IDCBY-"

// Person reads whom the certificate names. Texts that cannot be read are left out.
func (c *Certificate) Person() (Person, error) {
	rdns, err := readName(c.Subject)
	if err != nil {
		return Person{}, err
	}
	first := func(ids ...oid) string {
		for _, id := range ids {
			for _, rdn := range rdns {
				for _, a := range rdn {
					if a.id.Equal(id) {
						return a.text()
					}
				}
			}
		}
		for _, id := range ids {
			for _, e := range c.extensions {
				if e.id.Equal(id) {
					return elementText(e.value)
				}
			}
		}
		return ""
	}
	return Person{
		Surname: first(oidSurname), GivenNames: strings.TrimSpace(first(oidName) + " " + first(oidGivenName)),
		PersonalNumber: first(oidPersonalNumber, oidSerialNumber), Organisation: first(oidOrganisation), UNP: first(oidUNP),
		Unit: first(oidUnit, oidGosUnit), Position: first(oidPosition, oidTitle),
		IDCard: strings.HasPrefix(first(oidSerialNumber), idCardPrefix),
	}, nil
}

// text is the value of an attribute.
func (a nameAttribute) text() string {
	var pair cryptobyte.String
	var id oid
	whole := cryptobyte.String(a.raw)
	if !whole.ReadASN1(&pair, tags.SEQUENCE) || !pair.ReadASN1ObjectIdentifier(&id) {
		return ""
	}
	return elementText(pair)
}

// elementText reads one element that is a character string.
func elementText(der []byte) string {
	var raw cryptobyte.String
	var tag tags.Tag
	s := cryptobyte.String(der)
	if !s.ReadAnyASN1(&raw, &tag) || !s.Empty() {
		return ""
	}
	text := string(raw)
	if tag == tagBMPString {
		if len(raw)%2 != 0 {
			return ""
		}
		units := make([]uint16, 0, len(raw)/2)
		for i := 0; i < len(raw); i += 2 {
			units = append(units, binary.BigEndian.Uint16(raw[i:]))
		}
		text = string(utf16.Decode(units))
	}
	if !utf8.ValidString(text) {
		return ""
	}
	return strings.Join(strings.Fields(text), " ")
}
