package payments

import (
	"strings"
	"unicode"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// numberLength is the length of a payment number: five letters and nine digits.
const numberLength = 14

// latin maps the Cyrillic capitals that look like Latin ones, so that a number
// typed in the wrong keyboard layout still reads as it looks.
func latin(r rune) rune {
	switch r {
	case 'А':
		return 'A'
	case 'В':
		return 'B'
	case 'Е':
		return 'E'
	case 'К':
		return 'K'
	case 'М':
		return 'M'
	case 'Н':
		return 'H'
	case 'О':
		return 'O'
	case 'Р':
		return 'P'
	case 'С':
		return 'C'
	case 'Т':
		return 'T'
	case 'Х':
		return 'X'
	case 'Ѕ':
		return 'S'
	case 'І':
		return 'I'
	default:
		return r
	}
}

// Canonical writes a text in capitals with Cyrillic look-alikes turned into
// Latin letters and invisible characters left out.
func Canonical(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return latin(unicode.ToUpper(r))
	}, s)
}

// NormalizeNumber reads a payment number as a person types it: blanks
// anywhere, any case, Cyrillic look-alikes. Both prefixes name the same
// payment. The error is order.ErrPaymentNumber.
func NormalizeNumber(typed string) (order.PaymentNumber, error) {
	text := strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, Canonical(typed))
	return order.ParsePaymentNumber(text)
}

// FindTokens finds the distinct payment numbers in a purpose of payment, in
// the order and with the prefix in which they first stand there (P3). A number
// counts only when no Latin letter and no digit is stuck to it; NOAIS and ROAIS
// with the same digits are the same number.
func FindTokens(purpose string) []string {
	text := Canonical(purpose)
	var found []string
	seen := make(map[order.PaymentNumber]bool)
	for start := 0; start+numberLength <= len(text); start++ {
		end := start + numberLength
		if !boundary(text, start-1) || !boundary(text, end) {
			continue
		}
		n, err := order.ParsePaymentNumber(text[start:end])
		if err != nil || seen[n] {
			continue
		}
		seen[n] = true
		found = append(found, text[start:end])
	}
	return found
}

// FindNumbers is FindTokens as numbers.
func FindNumbers(purpose string) []order.PaymentNumber {
	var found []order.PaymentNumber
	for _, token := range FindTokens(purpose) {
		// A token is a number by the way it was found.
		n, _ := order.ParsePaymentNumber(token)
		found = append(found, n)
	}
	return found
}

// boundary tells whether the byte at i ends a token. Bytes of other letters
// are above the ASCII range and therefore do.
func boundary(text string, i int) bool {
	if i < 0 || i >= len(text) {
		return true
	}
	c := text[i]
	return (c < 'A' || c > 'Z') && (c < '0' || c > '9')
}
