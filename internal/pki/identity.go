package pki

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// identity reads persons and organisations from a name and extensions. The
// published profile of GosSUOK (STB 34.101.78) puts everything into the name,
// real certificates put personal number, UNP and position into extensions: each
// is looked for in the name first.
type identity struct {
	name       Name
	extensions []Extension
	alternate  []Name
}

// Subject is whom the certificate names, by value and not by encoding.
func (c *Certificate) Subject() order.Subject {
	return identity{c.SubjectName, c.Extensions, c.AltNames}.subject()
}

// Subject is whom the request names, by value and not by encoding.
func (r *Request) Subject() order.Subject {
	id := identity{name: r.SubjectName, extensions: r.Extensions}
	if v, ok := findExtension(r.Extensions, OIDSubjectAltName); ok {
		if g, ok := parseGeneralNames(v); ok {
			id.alternate = g.directory
		}
	}
	return id.subject()
}

// Subject is the organisation that the attribute certificate speaks of.
func (a *AttributeCertificate) Subject() order.Subject {
	return identity{name: Name{Attributes: a.Attributes}, extensions: a.Extensions}.subject()
}

func (id identity) subject() order.Subject {
	given, patronymic := id.givenNames(id.name)
	return order.Subject{
		Surname:        clean(id.name.Get(OIDSurname)),
		GivenName:      given,
		Patronymic:     patronymic,
		CommonName:     id.first(OIDCommonName),
		PersonalNumber: id.first(OIDPersonalNumber, OIDSerialNumber),
		Country:        id.first(OIDCountry),
		Region:         id.first(OIDState),
		Locality:       id.first(OIDLocality),
		Street:         id.first(OIDStreet),
		Organisation:   id.first(OIDOrganisation),
		Unit:           id.first(OIDUnit, OIDGosUnit),
		Position:       id.first(OIDPosition, OIDTitle),
		UNP:            id.first(OIDUNP),
		Email:          id.first(OIDEmail),
		BelarusianName: id.belarusian(),
	}
}

// first looks for the attribute types in the name, then among the extensions.
func (id identity) first(types ...OID) string {
	for _, t := range types {
		if v := clean(id.name.Get(t)); v != "" {
			return v
		}
	}
	for _, t := range types {
		if v := clean(extensionText(id.extensions, t)); v != "" {
			return v
		}
	}
	return ""
}

// givenNames reads first name and patronymic: individuals have them apart, in
// name and givenName; representatives of an organisation in one value.
func (id identity) givenNames(n Name) (given, patronymic string) {
	whole, second := clean(n.Get(OIDName)), clean(n.Get(OIDGivenName))
	if whole != "" && second != "" {
		return whole, second
	}
	given, patronymic, _ = strings.Cut(whole+second, " ")
	return given, patronymic
}

// belarusian joins the name that individuals' certificates carry as a
// directory name among the alternative names.
func (id identity) belarusian() string {
	for _, n := range id.alternate {
		given, patronymic := id.givenNames(n)
		if v := clean(n.Get(OIDSurname) + " " + given + " " + patronymic); v != "" {
			return v
		}
	}
	return ""
}

// clean is the value without what an encoding or a typist may add: composed
// Unicode (NFC), no leading, trailing or repeated spaces.
func clean(s string) string { return norm.NFC.String(collapse(s)) }

// Holder is the role in GosSUOK that a certificate is made for.
type Holder string

// The holders that the service has to tell apart.
const (
	HolderUnknown Holder = "unknown"
	// HolderIndividual is a natural person (FL).
	HolderIndividual Holder = "individual"
	// HolderRepresentative is a representative of a legal entity (YP).
	HolderRepresentative Holder = "representative"
	// HolderIDCard is a natural person with the key on an ID card (FL2), who is refused (A2).
	HolderIDCard Holder = "id-card"
)

// Profile says by what a holder is told. The policy identifiers of end entities
// are not published, so they are configuration; without them the names decide.
type Profile struct {
	// IDCardPrefix begins the serialNumber of ID-card certificates (STB 34.101.78: "IDCBY-").
	IDCardPrefix string
	// IDCard, Individual and Representative are policies that settle the matter.
	IDCard, Individual, Representative []OID
}

// DefaultProfile is what STB 34.101.78 publishes.
func DefaultProfile() Profile { return Profile{IDCardPrefix: "IDCBY-"} }

// Holder tells whom the certificate is made for.
func (p Profile) Holder(c *Certificate) Holder {
	for _, k := range []struct {
		policies []OID
		holder   Holder
	}{{p.IDCard, HolderIDCard}, {p.Individual, HolderIndividual}, {p.Representative, HolderRepresentative}} {
		for _, policy := range c.Policies {
			if der.ContainsOID(k.policies, policy) {
				return k.holder
			}
		}
	}
	return p.holderByName(c.SubjectName, c.Subject())
}

// RequestHolder tells whom the request is made for.
func (p Profile) RequestHolder(r *Request) Holder { return p.holderByName(r.SubjectName, r.Subject()) }

func (p Profile) holderByName(n Name, s order.Subject) Holder {
	switch {
	case p.IDCardPrefix != "" && strings.HasPrefix(order.Latin(n.Get(OIDSerialNumber)), p.IDCardPrefix):
		return HolderIDCard
	case s.UNP != "" || s.Organisation != "":
		return HolderRepresentative
	case s.PersonalNumber != "":
		return HolderIndividual
	default:
		return HolderUnknown
	}
}
