package order

import (
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Contacts are where the applicant is reached; both are required (S2).
type Contacts struct {
	// Email is an address without invisible characters, its domain in lower case;
	// letters of other alphabets stay as people read them.
	Email string `json:"email"`
	// Phone is +375, the operator's code and seven digits.
	Phone string `json:"phone"`
}

// Errors of contacts.
var (
	ErrEmail = errors.New("not an e-mail address: want name@example.com")
	ErrPhone = errors.New("not a mobile phone of Belarus: want +375, operator 25, 29, 33 or 44, and seven digits")
	// ErrEmailAlphabets is an ErrEmail: a Cyrillic letter among Latin ones, which
	// looks the same and is nobody's address.
	ErrEmailAlphabets = fmt.Errorf("%w: letters of two alphabets are mixed in it, type it again", ErrEmail)
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

// Lengths of an address in octets (RFC 5321, 4.5.3.1; RFC 1035, 2.3.4).
const (
	maxEmail     = 254
	maxLocalPart = 64
	maxLabel     = 63
)

// ParseEmail reads a bare address with a dotted domain, letters of any one
// alphabet included (RFC 6531); whether such a one can be delivered to is not
// decided here. Invisible characters, which come with copied text, are dropped.
func ParseEmail(s string) (string, error) {
	s = strings.TrimSpace(visible(s))
	local, domain, found := strings.Cut(s, "@")
	domain = strings.ToLower(domain)
	s = local + "@" + domain
	if !found || len(s) > maxEmail || len(local) > maxLocalPart || !dotted(local, 1, localCharacter) || !hostName(domain) {
		return "", ErrEmail
	}
	for _, part := range append(strings.Split(domain, "."), local) {
		if mixed(part) {
			return "", ErrEmailAlphabets
		}
	}
	return s, nil
}

// visible drops what takes no room on the screen: zero-width characters, marks
// of direction, the byte order mark, soft hyphens.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
}

// dotted tells whether s is at least so many non-empty parts with dots between,
// all of good characters.
func dotted(s string, parts int, good func(rune) bool) bool {
	split := strings.Split(s, ".")
	for _, part := range split {
		if part == "" || strings.ContainsFunc(part, func(r rune) bool { return !good(r) }) {
			return false
		}
	}
	return len(split) >= parts
}

// hostName tells whether s is a host name of two labels or more (RFC 1123, 2.1),
// whose last one is not a number; letters of other alphabets stand for A-labels.
func hostName(s string) bool {
	if !dotted(s, 2, func(r rune) bool { return r == '-' || letterOrDigit(r) }) {
		return false
	}
	labels := strings.Split(s, ".")
	for _, label := range labels {
		if len(label) > maxLabel || strings.HasPrefix(label, "-") || strings.HasSuffix(label, "-") {
			return false
		}
	}
	return !digits(labels[len(labels)-1])
}

// localCharacter tells whether a character is an atext (RFC 5322, 3.2.3), or one
// of the letters and digits that RFC 6531 adds.
func localCharacter(r rune) bool {
	return letterOrDigit(r) || strings.ContainsRune("!#$%&'*+-/=?^_`{|}~", r)
}

func letterOrDigit(r rune) bool {
	if r < utf8.RuneSelf {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.Is(unicode.Nd, r))
}

// mixed tells whether letters of two of the alphabets that look alike stand in
// one word.
func mixed(s string) bool {
	scripts := 0
	for _, script := range []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek} {
		if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(script, r) }) {
			scripts++
		}
	}
	return scripts > 1
}

// ParsePhone reads a mobile number as people write and copy it: blanks of any
// kind, dashes, dots, slashes and brackets between the digits, invisible marks
// around them; with +375, 375, 00375, 8 10 375 or 80 in front. It returns
// +375XXXXXXXXX.
func ParsePhone(s string) (string, error) {
	n := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || strings.ContainsRune("./()\u2212", r) {
			return -1
		}
		return r
	}, visible(s))
	n, international := strings.CutPrefix(n, "+")
	for _, prefix := range []struct{ typed, means string }{{"00375", "375"}, {"810375", "375"}, {"80", "375"}} {
		rest, ok := strings.CutPrefix(n, prefix.typed)
		if ok && !international && len(rest) == 9 {
			n = prefix.means + rest
			break
		}
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
