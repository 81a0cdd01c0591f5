package auth

import (
	"encoding/asn1"
	"encoding/base64"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/text"
)

// claims are the token's own words for what a Caller is.
type claims struct {
	Scope          string `json:"scope"`
	PersonalNumber string `json:"personal_number"`
	Name           string `json:"name"`
	UNP            string `json:"unp"`
	Representative bool   `json:"representative"`
	// Certificate is DER in standard base64.
	Certificate string `json:"certificate"`
}

// maxText bounds subject and name, in bytes.
const maxText = 512

// caller checks the claims; errors are TokenErrors that name the claim.
func (c claims) caller(subject string) (Caller, error) {
	if subject == "" || len(subject) > maxText || text.Refuse(subject) != nil {
		return Caller{}, badClaim("sub")
	}
	if len(c.Name) > maxText {
		return Caller{}, badClaim("name")
	}
	result := Caller{
		Subject: subject, PersonalNumber: "", Name: text.Replace(c.Name), UNP: "",
		Representative: c.Representative, Certificate: nil, Scopes: parseScopes(c.Scope),
	}
	person := result.Has(ScopeApplicant) || result.Has(ScopeManager)
	var err error
	if c.PersonalNumber != "" || person {
		if result.PersonalNumber, err = order.ParsePersonalNumber(order.BareNumber(c.PersonalNumber)); err != nil {
			return Caller{}, badClaim("personal_number")
		}
	}
	if c.UNP != "" {
		if result.UNP, err = order.ParseUNP(c.UNP); err != nil {
			return Caller{}, badClaim("unp")
		}
	}
	if c.Certificate != "" || person {
		if result.Certificate, err = parseDER(c.Certificate); err != nil {
			return Caller{}, badClaim("certificate")
		}
	}
	return result, nil
}

// parseDER checks no more than one ASN.1 SEQUENCE without anything behind it:
// the standard library cannot read the certificates of STB 34.101.45.
func parseDER(encoded string) ([]byte, error) {
	der, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, err
	}
	var outer asn1.RawValue
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 || outer.Tag != asn1.TagSequence || !outer.IsCompound || outer.Class != asn1.ClassUniversal {
		return nil, asn1.StructuralError{Msg: "want one SEQUENCE"}
	}
	return der, nil
}
