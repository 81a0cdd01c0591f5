package order

import "strings"

// Subject is whom a certificate or a request names, whatever the encoding.
// An empty field is one that is not there.
type Subject struct {
	Surname        string `json:"surname,omitempty"`
	GivenName      string `json:"givenName,omitempty"`
	Patronymic     string `json:"patronymic,omitempty"`
	CommonName     string `json:"commonName,omitempty"`
	PersonalNumber string `json:"personalNumber,omitempty"`
	Country        string `json:"country,omitempty"`
	Region         string `json:"region,omitempty"`
	Locality       string `json:"locality,omitempty"`
	Street         string `json:"street,omitempty"`
	Organisation   string `json:"organisation,omitempty"`
	Unit           string `json:"unit,omitempty"`
	Position       string `json:"position,omitempty"`
	UNP            string `json:"unp,omitempty"`
	Email          string `json:"email,omitempty"`
	BelarusianName string `json:"belarusianName,omitempty"`
}

// Field names one field of a Subject in reports and problem documents.
type Field string

// The fields of a Subject.
const (
	FieldNone           Field = ""
	FieldSurname        Field = "surname"
	FieldGivenName      Field = "givenName"
	FieldPatronymic     Field = "patronymic"
	FieldCommonName     Field = "commonName"
	FieldPersonalNumber Field = "personalNumber"
	FieldCountry        Field = "country"
	FieldRegion         Field = "region"
	FieldLocality       Field = "locality"
	FieldStreet         Field = "street"
	FieldOrganisation   Field = "organisation"
	FieldUnit           Field = "unit"
	FieldPosition       Field = "position"
	FieldUNP            Field = "unp"
	FieldEmail          Field = "email"
	FieldBelarusianName Field = "belarusianName"
)

// FieldValue is a field of a subject with its value.
type FieldValue struct {
	Field Field
	Value string
}

// Values lists every field in a fixed order, empty ones included.
func (s Subject) Values() []FieldValue {
	return []FieldValue{
		{FieldSurname, s.Surname},
		{FieldGivenName, s.GivenName},
		{FieldPatronymic, s.Patronymic},
		{FieldCommonName, s.CommonName},
		{FieldPersonalNumber, s.PersonalNumber},
		{FieldCountry, s.Country},
		{FieldRegion, s.Region},
		{FieldLocality, s.Locality},
		{FieldStreet, s.Street},
		{FieldOrganisation, s.Organisation},
		{FieldUnit, s.Unit},
		{FieldPosition, s.Position},
		{FieldUNP, s.UNP},
		{FieldEmail, s.Email},
		{FieldBelarusianName, s.BelarusianName},
	}
}

// at points to a field; nil for a name that is none.
func (s *Subject) at(f Field) *string {
	switch f {
	case FieldSurname:
		return &s.Surname
	case FieldGivenName:
		return &s.GivenName
	case FieldPatronymic:
		return &s.Patronymic
	case FieldCommonName:
		return &s.CommonName
	case FieldPersonalNumber:
		return &s.PersonalNumber
	case FieldCountry:
		return &s.Country
	case FieldRegion:
		return &s.Region
	case FieldLocality:
		return &s.Locality
	case FieldStreet:
		return &s.Street
	case FieldOrganisation:
		return &s.Organisation
	case FieldUnit:
		return &s.Unit
	case FieldPosition:
		return &s.Position
	case FieldUNP:
		return &s.UNP
	case FieldEmail:
		return &s.Email
	case FieldBelarusianName:
		return &s.BelarusianName
	case FieldNone:
		return nil
	default:
		return nil
	}
}

// Value is the value of a field, empty for a name that is no field.
func (s Subject) Value(f Field) string {
	if v := s.at(f); v != nil {
		return *v
	}
	return ""
}

// Set sets a field; a name that is no field changes nothing.
func (s *Subject) Set(f Field, value string) {
	if v := s.at(f); v != nil {
		*v = value
	}
}

// MaxLength is the greatest number of characters of a field in a certificate:
// the upper bounds of X.520 for places, e-mail and country (RFC 5280, appendix
// A), and ours where the national profile is wider: the full names of
// organisations in the EGR, positions and units outgrow the 64 of X.520.
func (f Field) MaxLength() int {
	switch f {
	case FieldCountry:
		return 2
	case FieldPersonalNumber, FieldUNP:
		return 64
	case FieldRegion, FieldLocality, FieldStreet, FieldSurname, FieldGivenName, FieldPatronymic:
		return 128
	case FieldEmail:
		return 255
	case FieldBelarusianName:
		return 3*128 + 2
	case FieldOrganisation, FieldCommonName, FieldUnit, FieldPosition, FieldNone:
		return 500
	default:
		return 500
	}
}

// ChangeAllowed tells whether a request may differ from the current certificate
// in the field: «место работы и должность» of an employee, nothing else (S4).
func ChangeAllowed(service Service, field Field) bool {
	return service == ServiceEmployee && (field == FieldPosition || field == FieldUnit)
}

// Workplace is «место работы и должность» as one text: unit and position, as
// far as they are there (S4, M5).
func (s Subject) Workplace() string {
	switch {
	case s.Unit == "":
		return s.Position
	case s.Position == "":
		return s.Unit
	default:
		return s.Unit + ", " + s.Position
	}
}

// FullName is surname, given name and patronymic.
func (s Subject) FullName() string {
	return strings.Join(strings.Fields(s.Surname+" "+s.GivenName+" "+s.Patronymic), " ")
}
