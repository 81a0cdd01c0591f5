package payments

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// numberLength is the length of a payment number: five letters and nine digits.
const numberLength = 14

// Canonical writes a text in capitals with Cyrillic look-alikes turned into
// Latin letters and invisible characters left out.
func Canonical(s string) string {
	return order.Latin(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s))
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

// seam stands in a purpose where a new piece of it begins: a field, an element
// or a line of the statement.
const seam = '\n'

// JoinPurpose puts the pieces of a purpose of payment together. Blanks and line
// ends inside of a piece become one blank, the seams between pieces stay known.
func JoinPurpose(pieces ...string) string {
	out := make([]string, 0, len(pieces))
	for _, piece := range pieces {
		if piece = strings.Join(strings.Fields(piece), " "); piece != "" {
			out = append(out, piece)
		}
	}
	return strings.Join(out, string(seam))
}

// FindTokens finds the distinct payment numbers in a purpose of payment, in
// the order and with the prefix in which they first stand there (P3). A number
// counts only where it is whole and alone: no letter of any alphabet, digit,
// mark or underscore is stuck to it; other signs (№ , . ; : / and brackets) may
// be, as they never continue a number. Between two pieces a number ends, or it
// goes on when the end of the first piece has cut it. NOAIS and ROAIS with the
// same digits are the same number.
func FindTokens(purpose string) []string {
	f := finder{seen: make(map[order.PaymentNumber]bool), seams: map[int]bool{}}
	text := []rune(Canonical(purpose))
	f.scan(text, func(int, int) bool { return true })
	if f.text = make([]rune, 0, len(text)); strings.ContainsRune(purpose, seam) {
		for _, r := range text {
			if r == seam {
				f.seams[len(f.text)] = true
				continue
			}
			f.text = append(f.text, r)
		}
		f.scan(f.text, f.cut)
	}
	return f.found
}

// finder collects the numbers of one purpose.
type finder struct {
	found []string
	seen  map[order.PaymentNumber]bool
	// text is the purpose without its seams, which stand before these places.
	text  []rune
	seams map[int]bool
}

// scan keeps every number that stands alone and that want agrees with.
func (f *finder) scan(text []rune, want func(start, end int) bool) {
	for start := 0; start+numberLength <= len(text); start++ {
		end := start + numberLength
		if text[start] != 'N' && text[start] != 'R' || !f.alone(text, start, end) || !want(start, end) {
			continue
		}
		token := string(text[start:end])
		if n, err := order.ParsePaymentNumber(token); err == nil && !f.seen[n] {
			f.seen[n] = true
			f.found = append(f.found, token)
		}
	}
}

// cut tells whether a seam goes through the number.
func (f *finder) cut(start, end int) bool {
	for i := start + 1; i < end; i++ {
		if f.seams[i] {
			return true
		}
	}
	return false
}

func (f *finder) alone(text []rune, start, end int) bool {
	before := start == 0 || f.seams[start] || !sticky(text[start-1])
	return before && (end == len(text) || f.seams[end] || !sticky(text[end]))
}

// sticky tells whether a character beside a number could belong to it.
func sticky(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '_' || r == utf8.RuneError
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

// infoLabel begins the name of a payment inside of a certificate request, in
// the attribute challengePassword of STB 34.101.78: "/INFO:erip234123".
const infoLabel = "/INFO:"

// InfoNumber reads the payment that a request names: the label, then a payment
// number, or "erip" and the number's digits, of which leading zeros may be
// missing. It is then looked up like any other number. The error is
// order.ErrPaymentNumber.
func InfoNumber(text string) (order.PaymentNumber, error) {
	rest, found := strings.CutPrefix(Canonical(text), infoLabel)
	if !found {
		return 0, order.ErrPaymentNumber
	}
	digits, erip := strings.CutPrefix(strings.TrimSpace(rest), "ERIP")
	if !erip {
		return NormalizeNumber(rest)
	}
	const places = 9
	if digits = strings.TrimSpace(digits); digits == "" || len(digits) > places {
		return 0, order.ErrPaymentNumber
	}
	return order.ParsePaymentNumber("NOAIS" + strings.Repeat("0", places-len(digits)) + digits)
}
