package invoice

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// inWords writes an amount as invoices do: «Восемьдесят шесть белорусских
// рублей 40 копеек».
func inWords(k order.Kopecks) string {
	roubles, kopecks := int64(k)/100, int64(k)%100
	text := fmt.Sprintf("%s %s %02d %s", number(roubles),
		plural(roubles, "белорусский рубль", "белорусских рубля", "белорусских рублей"), kopecks, plural(kopecks, "копейка", "копейки", "копеек"))
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

var (
	units = []string{"", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять", "одиннадцать", "двенадцать",
		"тринадцать", "четырнадцать", "пятнадцать", "шестнадцать", "семнадцать", "восемнадцать", "девятнадцать"}
	tens     = []string{"", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят", "восемьдесят", "девяносто"}
	hundreds = []string{"", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот", "девятьсот"}
)

// groups are the names of a thousand's powers; a thousand is feminine.
var groups = [][3]string{
	{}, {"тысяча", "тысячи", "тысяч"}, {"миллион", "миллиона", "миллионов"}, {"миллиард", "миллиарда", "миллиардов"},
	{"триллион", "триллиона", "триллионов"}, {"квадриллион", "квадриллиона", "квадриллионов"},
}

// number writes a whole number that is not negative, in the masculine.
func number(n int64) string {
	if n == 0 {
		return "ноль"
	}
	var words []string
	for power := len(groups) - 1; power >= 0; power-- {
		size := int64(1)
		for range power {
			size *= 1000
		}
		if part := n / size % 1000; part > 0 {
			words = append(words, belowThousand(part, power == 1)...)
			if power > 0 {
				words = append(words, plural(part, groups[power][0], groups[power][1], groups[power][2]))
			}
		}
	}
	return strings.Join(words, " ")
}

func belowThousand(n int64, feminine bool) []string {
	var words []string
	add := func(word string) {
		if word != "" {
			words = append(words, word)
		}
	}
	add(hundreds[n/100])
	rest := n % 100
	if rest >= 20 {
		add(tens[rest/10])
		rest %= 10
	}
	switch {
	case feminine && rest == 1:
		add("одна")
	case feminine && rest == 2:
		add("две")
	default:
		add(units[rest])
	}
	return words
}

// plural picks the form of a noun after a number.
func plural(n int64, one, few, many string) string {
	return wording.Forms{One: one, Few: few, Many: many}.After("ru", strconv.FormatInt(n, 10))
}
