package registers

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// quotes are all written as one: registers and certificates never agree on them.
var quotes = strings.NewReplacer(
	"«", `"`, "»", `"`, "“", `"`, "”", `"`, "„", `"`, "‟", `"`, "″", `"`, "''", `"`, "&quot;", `"`,
)

// collapse trims a value and makes every run of white space one blank.
func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// canonical is the form in which values are compared: composed letters, single
// blanks, lower case. Ё and Е stay different: registers tell them apart.
func canonical(s string) string { return strings.ToLower(collapse(norm.NFC.String(s))) }

func sameName(a, b string) bool { return !mangled(a) && canonical(a) == canonical(b) }

// mangled tells whether a character was lost on the way: what stood there nobody
// knows, so that such a value equals none.
func mangled(s string) bool { return strings.ContainsRune(s, utf8.RuneError) }

// sameNumber compares personal and taxpayer numbers, Cyrillic twins included.
// Nothing equals nothing here: a missing number proves nothing.
func sameNumber(a, b string) bool { return a != "" && order.Latin(a) == order.Latin(b) }

// samePerson compares personal numbers, with or without the prefix of ID cards.
func samePerson(a, b string) bool { return sameNumber(order.BareNumber(a), order.BareNumber(b)) }

// sameOrganisation compares names of organisations, of which an empty one equals
// none. A nested name may close with one quote or two.
func sameOrganisation(a, b string) bool {
	a, b = organisationName(a), organisationName(b)
	return a != "" && !mangled(a) && a == b
}

func organisationName(s string) string {
	s = quotes.Replace(canonical(s))
	for strings.Contains(s, `""`) {
		s = strings.ReplaceAll(s, `""`, `"`)
	}
	return s
}

func passed(code order.CheckCode) order.Check {
	return order.Check{Code: code, Verdict: order.VerdictPassed}
}

func failed(code order.CheckCode, cause string) order.Check {
	return order.Check{Code: code, Verdict: order.VerdictFailed, Cause: cause}
}

func difference(code order.CheckCode, field order.Field, found, expected string) order.Check {
	return order.Check{
		Code: code, Verdict: order.VerdictFailed, Field: field,
		Found: found, Expected: expected, Cause: CauseDiffers,
	}
}

// orPassed is the differences, or one passed check where there are none.
func orPassed(code order.CheckCode, differences order.Report) order.Report {
	if len(differences) == 0 {
		return order.Report{passed(code)}
	}
	return differences
}
