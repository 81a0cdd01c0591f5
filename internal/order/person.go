package order

import (
	"errors"
	"strings"
)

// PersonalNumber is the 14-character personal identification number (идентификационный номер).
type PersonalNumber string

// UNP is the nine-character taxpayer number (УНП).
type UNP string

// Errors of numbers that people type.
var (
	ErrPersonalNumber = errors.New("not a personal number: want 7 digits, a letter, 3 digits, 2 letters and a digit")
	ErrUNP            = errors.New("not a UNP: want 9 characters whose last digit checks the others")
)

// cyrillicTwins maps Cyrillic capitals to the Latin ones they look like.
var cyrillicTwins = strings.NewReplacer(
	"А", "A", "В", "B", "Е", "E", "К", "K", "М", "M", "Н", "H", "О", "O", "Р", "P", "С", "C", "Т", "T", "Х", "X", "І", "I", "Ѕ", "S",
)

// Latin trims, upper-cases and replaces Cyrillic letters by their Latin twins,
// as numbers typed on a Russian keyboard need.
func Latin(s string) string {
	return cyrillicTwins.Replace(strings.ToUpper(strings.TrimSpace(s)))
}

// idCardPrefix begins the personal number in certificates on ID cards (STB 34.101.78).
const idCardPrefix = "IDCBY-"

// OnIDCard tells whether a personal number is written as certificates on ID
// cards have it.
func OnIDCard(number string) bool { return strings.HasPrefix(Latin(number), idCardPrefix) }

// BareNumber is a personal number as the registers have it: Latin capitals,
// without the prefix of certificates on ID cards (M1).
func BareNumber(number string) string { return strings.TrimPrefix(Latin(number), idCardPrefix) }

// ParsePersonalNumber checks the shape of a personal number. The check digit
// (weights 7, 3, 1) is told by PersonalNumber.CheckDigitOK and only warns:
// numbers of foreigners and of old documents depart from it.
func ParsePersonalNumber(s string) (PersonalNumber, error) {
	n := Latin(s)
	if len(n) != 14 {
		return "", ErrPersonalNumber
	}
	for i := range len(n) {
		letter := i == 7 || i == 11 || i == 12
		if letter != (n[i] >= 'A' && n[i] <= 'Z') || !letter && (n[i] < '0' || n[i] > '9') {
			return "", ErrPersonalNumber
		}
	}
	return PersonalNumber(n), nil
}

// CheckDigitOK tells whether the last digit is the check digit of the others.
func (n PersonalNumber) CheckDigitOK() bool {
	if len(n) != 14 {
		return false
	}
	weights, sum := [3]int{7, 3, 1}, 0
	for i := range 13 {
		sum += base36(n[i]) * weights[i%3]
	}
	return sum%10 == int(n[13]-'0')
}

// ParseUNP checks the shape and the check digit of a taxpayer number; letters
// typed in Cyrillic are accepted.
func ParseUNP(s string) (UNP, error) {
	n := Latin(s)
	if len(n) != 9 || !digits(n[2:]) {
		return "", ErrUNP
	}
	values, ok := unpValues(n)
	if !ok {
		return "", ErrUNP
	}
	sum := 0
	for i, w := range [8]int{29, 23, 19, 17, 13, 7, 5, 3} {
		sum += values[i] * w
	}
	// A remainder of 10 is never issued and never equals a digit.
	if sum%11 != int(n[8]-'0') {
		return "", ErrUNP
	}
	return UNP(n), nil
}

// unpValues gives the numeric values of the first eight characters. A number of
// digits starts with one of seven regions; an individual's starts with two
// letters, counted each in its own way.
func unpValues(n string) (values [8]int, ok bool) {
	for i := range values {
		values[i] = base36(n[i])
	}
	if digits(n[:2]) {
		return values, n[0] >= '1' && n[0] <= '7'
	}
	second := strings.IndexByte("ABCEHKMOPT", n[1])
	if strings.IndexByte("ABCEHKM", n[0]) < 0 || second < 0 {
		return values, false
	}
	values[1] = second
	return values, true
}

func base36(c byte) int {
	if c >= 'A' && c <= 'Z' {
		return int(c-'A') + 10
	}
	return int(c - '0')
}

// ManagerIdentity is what stands, under a keyed hash, for a manager: the person
// together with the organisation (M1).
func ManagerIdentity(number, unp string) string {
	return "manager\x00" + Latin(number) + "\x00" + Latin(unp)
}
