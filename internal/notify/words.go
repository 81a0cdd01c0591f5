package notify

import (
	"strconv"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// words are the functions of the templates of one language.
func words(language Language) map[string]any {
	tag := string(language)
	return map[string]any{
		"datetime":     wording.DateTime,
		"date":         wording.Date,
		"money":        func(k order.Kopecks) string { return wording.Money(tag, k) },
		"days":         func(n int) string { return counted[language].days.Count(tag, n) },
		"certificates": func(n int) string { return counted[language].certificates.Count(tag, n) },
		"issued":       func(n int) string { return issued(language, n) },
	}
}

// nouns are what texts count.
type nouns struct{ days, certificates wording.Forms }

var counted = map[Language]nouns{
	Russian: {
		days:         wording.Forms{One: "день", Few: "дня", Many: "дней", Other: "дня"},
		certificates: wording.Forms{One: "сертификат", Few: "сертификата", Many: "сертификатов", Other: "сертификата"},
	},
	Belarusian: {
		days:         wording.Forms{One: "дзень", Few: "дні", Many: "дзён", Other: "дня"},
		certificates: wording.Forms{One: "сертыфікат", Few: "сертыфікаты", Many: "сертыфікатаў", Other: "сертыфіката"},
	},
	English: {
		days:         wording.Forms{One: "day", Other: "days"},
		certificates: wording.Forms{One: "certificate", Other: "certificates"},
	},
}

// issuedForms are the predicates of certificates after a number.
var issuedForms = map[Language]wording.Forms{
	Russian:    {One: "издан", Few: "изданы", Many: "издано", Other: "издано"},
	Belarusian: {One: "выдадзены", Few: "выдадзены", Many: "выдадзена", Other: "выдадзена"},
	English:    {One: "is issued", Other: "are issued"},
}

// issued tells how many certificates are issued: издан 1 сертификат, изданы 2
// сертификата, издано 5 сертификатов.
func issued(language Language, n int) string {
	tag := string(language)
	count, predicate := counted[language].certificates.Count(tag, n), issuedForms[language].After(tag, strconv.Itoa(n))
	if language == English {
		return count + " " + predicate
	}
	return predicate + " " + count
}
