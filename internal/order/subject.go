package order

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
