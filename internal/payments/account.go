package payments

import (
	"errors"
	"regexp"
	"strings"
	"unicode"
)

// IBAN is a valid Belarusian account number of ISO 13616 in electronic form:
// 28 characters without blanks.
type IBAN string

// BIC is a Belarusian bank's code of ISO 9362: 8 or 11 characters.
type BIC string

var (
	ibanForm = regexp.MustCompile(`^BY[0-9]{2}[A-Z0-9]{4}[0-9]{4}[A-Z0-9]{16}$`)
	bicForm  = regexp.MustCompile(`^[A-Z]{4}BY[A-Z0-9]{2}([A-Z0-9]{3})?$`)
)

// The errors of account numbers and bank codes.
var (
	ErrIBAN       = errors.New("want BY and 26 more characters of an IBAN")
	ErrIBANDigits = errors.New("the check digits of the IBAN are wrong")
	ErrBIC        = errors.New("want the 8 or 11 characters of a Belarusian bank's BIC")
)

// ParseIBAN reads an account number as people write it, in groups and in either
// alphabet, and checks its form and check digits (ISO 7064 MOD 97-10).
// Errors: ErrIBAN, ErrIBANDigits.
func ParseIBAN(s string) (IBAN, error) {
	s = AccountNumber(s)
	if !ibanForm.MatchString(s) {
		return "", ErrIBAN
	}
	remainder := 0
	for _, c := range s[4:] + s[:4] {
		if c >= 'A' {
			remainder = (remainder*100 + int(c-'A') + 10) % 97
			continue
		}
		remainder = (remainder*10 + int(c-'0')) % 97
	}
	if remainder != 1 {
		return "", ErrIBANDigits
	}
	return IBAN(s), nil
}

// ParseBIC reads a bank's code. Error: ErrBIC.
func ParseBIC(s string) (BIC, error) {
	if s = Canonical(strings.TrimSpace(s)); !bicForm.MatchString(s) {
		return "", ErrBIC
	}
	return BIC(s), nil
}

// AccountNumber writes any account number, an IBAN or one of before 2017, the
// one way in which they are compared: capitals, Latin, no blanks.
func AccountNumber(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, Canonical(s))
}

// Accounts are the account numbers that are ours. When there are none, every
// account counts as ours: nobody has said which is.
type Accounts map[string]bool

// NewAccounts makes the set of our accounts; empty texts are left out.
func NewAccounts(numbers ...string) Accounts {
	out := Accounts{}
	for _, n := range numbers {
		if n = AccountNumber(n); n != "" {
			out[n] = true
		}
	}
	return out
}

// Own tells whether the account is ours.
func (a Accounts) Own(account string) bool {
	return len(a) == 0 || a[AccountNumber(account)]
}
