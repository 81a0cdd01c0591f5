package order

import (
	"errors"
	"net/mail"
	"strings"
)

// Contacts are where the applicant is reached; both are required (S2).
type Contacts struct {
	Email string `json:"email"`
	// Phone is +375, the operator's code and seven digits.
	Phone string `json:"phone"`
}

// Errors of contacts.
var (
	ErrEmail = errors.New("not an e-mail address: want name@example.com")
	ErrPhone = errors.New("not a mobile phone of Belarus: want +375, operator 25, 29, 33 or 44, and seven digits")
)

// NewContacts checks and normalises both contacts. The error joins ErrEmail
// and ErrPhone when both are wrong.
func NewContacts(email, phone string) (Contacts, error) {
	e, errE := ParseEmail(email)
	p, errP := ParsePhone(phone)
	if err := errors.Join(errE, errP); err != nil {
		return Contacts{}, err
	}
	return Contacts{Email: e, Phone: p}, nil
}

// ParseEmail accepts a bare address with a dotted domain, at most 254 octets.
func ParseEmail(s string) (string, error) {
	s = strings.TrimSpace(s)
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || a.Name != "" || len(s) > 254 || strings.ContainsAny(s, "\r\n\"[") {
		return "", ErrEmail
	}
	_, domain, _ := strings.Cut(s, "@")
	if !strings.Contains(strings.Trim(domain, "."), ".") {
		return "", ErrEmail
	}
	return s, nil
}

// ParsePhone accepts a mobile number with blanks, dashes and brackets, with
// +375, 375 or 80 in front, and returns it as +375XXXXXXXXX.
func ParsePhone(s string) (string, error) {
	n := strings.NewReplacer(" ", "", "-", "", "(", "", ")", "", "\u00a0", "").Replace(strings.TrimSpace(s))
	n = strings.TrimPrefix(n, "+")
	if rest, ok := strings.CutPrefix(n, "80"); ok && len(n) == 11 {
		n = "375" + rest
	}
	if len(n) != 12 || !digits(n) || !strings.HasPrefix(n, "375") {
		return "", ErrPhone
	}
	switch n[3:5] {
	case "25", "29", "33", "44":
		return "+" + n, nil
	default:
		return "", ErrPhone
	}
}
