package catalogue

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// Texts are the texts of one language.
type Texts struct {
	// Language is its tag: ru, be or en.
	Language string
	// ShowKeys puts the key behind each text, for translators.
	ShowKeys bool
	entries  map[string]entry
}

// T is the text of a key. The values, in pairs of name and value, take the
// place of {name} in it. A key that is not there is shown itself, in brackets.
func (t Texts) T(key string, values ...any) string {
	e, ok := t.entries[key]
	if !ok {
		return "[" + key + "]"
	}
	text := e.text
	if e.forms != nil {
		text = e.forms["other"]
	}
	return t.shown(key, fill(text, values))
}

// Has tells whether there is a text of the key.
func (t Texts) Has(key string) bool {
	_, ok := t.entries[key]
	return ok
}

// Count is the text of a key in the form for a number, which takes the place of {n}.
func (t Texts) Count(key string, n int, values ...any) string {
	e, ok := t.entries[key]
	if !ok || e.forms == nil {
		return t.T(key, append(values, "n", n)...)
	}
	text, ok := e.forms[wording.Category(t.Language, strconv.Itoa(n))]
	if !ok {
		text = e.forms["other"]
	}
	return t.shown(key, fill(text, append(values, "n", n)))
}

func (t Texts) shown(key, text string) string {
	if t.ShowKeys {
		return text + " [" + key + "]"
	}
	return text
}

func fill(text string, values []any) string {
	if len(values) < 2 {
		return text
	}
	pairs := make([]string, 0, len(values))
	for i := 0; i+1 < len(values); i += 2 {
		pairs = append(pairs, "{"+fmt.Sprint(values[i])+"}", fmt.Sprint(values[i+1]))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// Date writes the day of an instant in Minsk; empty for none.
func (t Texts) Date(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return wording.Date(at)
}

// Day writes a day such as 2006-01-02 as Date does; what is no day, as it is.
func (t Texts) Day(day string) string {
	at, err := time.ParseInLocation(time.DateOnly, day, order.Minsk())
	if err != nil {
		return day
	}
	return t.Date(at)
}

// DateTime writes day and time in Minsk; empty for none.
func (t Texts) DateTime(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return wording.DateTime(at)
}

// Years writes a term in years.
func (t Texts) Years(n int) string { return t.Count("common.years", n) }

// Money writes an amount such as "86.40" with its currency as letters and
// invoices do; what is no amount in roubles, as it is.
func (t Texts) Money(amount, currency string) string {
	k, err := order.ParseKopecks(amount)
	if err != nil || currency != "BYN" {
		return amount + "\u00a0" + currency
	}
	return wording.Money(t.Language, k)
}
