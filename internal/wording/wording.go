// Package wording writes counts, sums and instants as readers of Russian,
// Belarusian and English do: one way for letters, pages and documents.
package wording

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Forms are the forms of a noun after a number, named as the plural categories
// of Unicode CLDR. English has no Few and Many; Other stands for what has no form.
type Forms struct{ One, Few, Many, Other string }

// Years count a term in Russian documents.
var Years = Forms{One: "год", Few: "года", Many: "лет", Other: "года"}

// After picks the form after a decimal number such as 21 or 1.5 in a language:
// ru, be or en.
func (f Forms) After(tag, number string) string {
	form := map[string]string{"one": f.One, "few": f.Few, "many": f.Many}[Category(tag, number)]
	if form == "" {
		return f.Other
	}
	return form
}

// Count writes a whole number with its noun.
func (f Forms) Count(tag string, n int) string {
	number := strconv.Itoa(n)
	return number + " " + f.After(tag, number)
}

// Category is the plural category of a decimal number such as 21 or 1.5 in a
// language: one, few, many or other.
func Category(tag, number string) string {
	whole, fraction, _ := strings.Cut(strings.TrimPrefix(number, "-"), ".")
	significant := strings.TrimRight(fraction, "0")
	form := plural.Cardinal.MatchPlural(language.Make(tag), bounded(whole), len(fraction), len(significant), bounded(fraction), bounded(significant))
	switch form {
	case plural.One:
		return "one"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	default:
		return "other"
	}
}

// bounded reads digits. Of a long number the last ones decide, but it does not
// become a small one by that.
func bounded(digits string) int {
	const long = 9
	if len(digits) > long {
		digits = "1" + digits[len(digits)-long+1:]
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// Money writes a sum in Belarusian roubles: 1 079,80 BYN, in English BYN 1079.80.
func Money(tag string, k order.Kopecks) string {
	if tag == "en" {
		return "BYN\u00a0" + k.String()
	}
	return k.Grouped() + "\u00a0BYN"
}

// Date writes the day of an instant in Minsk: 13.03.2026.
func Date(at time.Time) string { return at.In(order.Minsk()).Format("02.01.2006") }

// DateTime writes an instant in Minsk to the minute: 13.03.2026 00:00. The last
// instant of a payment is a midnight and reads so by itself (D2).
func DateTime(at time.Time) string { return at.In(order.Minsk()).Format("02.01.2006 15:04") }
