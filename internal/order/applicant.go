package order

import "strings"

// KindOf tells the kind of applicant from whom a certificate names (A1d).
// GosSUOK has no profile of its own for sole proprietors: their certificates
// name a UNP and no other organisation than the proprietor, by name or not at
// all. Whoever's certificate names another organisation is its employee.
func KindOf(s Subject) Kind {
	switch {
	case s.Organisation != "" && !s.ownBusiness():
		return KindEmployee
	case s.UNP != "":
		return KindSoleProprietor
	default:
		return KindIndividual
	}
}

// ServiceOf is the service that applicants of a kind order.
func ServiceOf(k Kind) Service {
	if k == KindEmployee {
		return ServiceEmployee
	}
	return ServiceIndividual
}

// ownBusiness tells whether the organisation is the person themselves: their
// full name, or surname and initials, after the words for a sole proprietor in
// Russian or Belarusian, or their bare full name.
func (s Subject) ownBusiness() bool {
	name := proprietorName(s.Organisation)
	if s.Surname == "" {
		return false
	}
	full := proprietorName(strings.Join([]string{s.Surname, s.GivenName, s.Patronymic}, " "))
	if name == full {
		return true
	}
	bare, marked := withoutMark(name)
	return marked && (bare == "" || bare == full || bare == initials(s) || bare == proprietorName(s.Surname))
}

// proprietorName is a name without quotes, dots, case and double blanks.
func proprietorName(v string) string {
	v = strings.Map(func(r rune) rune {
		switch r {
		case '"', '«', '»', '“', '”', '„', '\'':
			return -1
		case '.', ',':
			return ' '
		default:
			return r
		}
	}, strings.ToLower(v))
	return strings.Join(strings.Fields(v), " ")
}

// withoutMark takes the words for a sole proprietor away.
func withoutMark(name string) (rest string, marked bool) {
	for _, mark := range []string{"индивидуальный предприниматель", "індывідуальны прадпрымальнік", "ип", "іп"} {
		if name == mark {
			return "", true
		}
		if rest, ok := strings.CutPrefix(name, mark+" "); ok {
			return rest, true
		}
	}
	return name, false
}

// initials are surname and first letters, as in «Примеров О Я».
func initials(s Subject) string {
	out := s.Surname
	for _, n := range []string{s.GivenName, s.Patronymic} {
		for _, r := range n {
			out += " " + string(r)
			break
		}
	}
	return proprietorName(out)
}

// MayName tells whether a certificate for the kind may name the field at all:
// who is nobody's employee has no position, and a private person no business.
func (k Kind) MayName(f Field) bool {
	if k != KindIndividual {
		return true
	}
	switch f {
	case FieldOrganisation, FieldUnit, FieldPosition, FieldUNP:
		return false
	case FieldNone, FieldSurname, FieldGivenName, FieldPatronymic, FieldCommonName, FieldPersonalNumber, FieldCountry,
		FieldRegion, FieldLocality, FieldStreet, FieldEmail, FieldBelarusianName:
		return true
	default:
		return true
	}
}
