package notify

import (
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// datetime writes an instant as people in Minsk read it. The last instant of a
// payment is a midnight and reads 02.01.2006 00:00 by itself (D2).
func datetime(t time.Time) string { return t.In(order.Minsk()).Format("02.01.2006 15:04") }

// date writes the day in Minsk.
func date(t time.Time) string { return t.In(order.Minsk()).Format("02.01.2006") }

// words are the functions of the templates of one language.
func words(language Language) map[string]any {
	return map[string]any{
		"datetime": datetime,
		"date":     date,
		"money":    func(k order.Kopecks) string { return money(language, k) },
		"days":     func(n int) string { return days(language, n) },
	}
}

func money(language Language, k order.Kopecks) string {
	if language == English {
		return "BYN " + k.String()
	}
	return k.Grouped() + "\u00a0BYN"
}

func days(language Language, n int) string {
	switch language {
	case English:
		if n == 1 {
			return "1 day"
		}
		return fmt.Sprintf("%d days", n)
	case Belarusian:
		return fmt.Sprintf("%d %s", n, slavic(n, "дзень", "дні", "дзён"))
	case Russian:
	}
	return fmt.Sprintf("%d %s", n, slavic(n, "день", "дня", "дней"))
}

// slavic picks the form of a noun after a number: 1 and 21, 2 to 4, the others.
func slavic(n int, one, few, many string) string {
	tens, units := n%100, n%10
	switch {
	case tens >= 11 && tens <= 14:
		return many
	case units == 1:
		return one
	case units >= 2 && units <= 4:
		return few
	}
	return many
}
