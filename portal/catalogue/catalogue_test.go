package catalogue

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func loaded(t *testing.T) *Catalogue {
	t.Helper()
	c, err := Load()
	require.NoError(t, err)
	return c
}

// forms are the plural categories that whole numbers of a language have.
var forms = map[string][]string{"ru": {"few", "many", "one", "other"}, "be": {"few", "many", "one", "other"}, "en": {"one", "other"}}

func TestAllLanguagesSayTheSame(t *testing.T) {
	c := loaded(t)
	keys := c.Keys("ru")
	require.Greater(t, len(keys), 300)
	for _, name := range Languages() {
		require.Equal(t, keys, c.Keys(name), name)
		for _, key := range keys {
			e, first := c.byName[name][key], c.byName["ru"][key]
			require.Equal(t, first.forms == nil, e.forms == nil, "%s in %s", key, name)
			all := map[string]string{"": e.text}
			if e.forms != nil {
				all = e.forms
				var have []string
				for form := range e.forms {
					have = append(have, form)
				}
				slices.Sort(have)
				require.Equal(t, forms[name], have, "%s in %s", key, name)
			}
			want := first.text + first.forms["other"]
			for form, text := range all {
				require.NotEmpty(t, text, "%s in %s", key, name)
				require.Equal(t, sorted(placeholder.FindAllString(want, -1)), sorted(placeholder.FindAllString(text, -1)), "%s %s in %s", key, form, name)
			}
		}
	}
}

func sorted(s []string) []string { slices.Sort(s); return s }

func TestOnlyEnglishIsWrittenInLatinLetters(t *testing.T) {
	c := loaded(t)
	cyrillic := regexp.MustCompile(`\p{Cyrillic}`)
	russianOnly := regexp.MustCompile(`[иИщЩъЪ]`)
	// The menu of AvPCM is Russian, and people look for what it says.
	screen := regexp.MustCompile(`«Импорт сертификата/СОС»`)
	for _, key := range c.Keys("en") {
		require.NotRegexp(t, cyrillic, fmt.Sprint(c.byName["en"][key]), key)
		require.NotRegexp(t, russianOnly, screen.ReplaceAllString(fmt.Sprint(c.byName["be"][key]), ""), "letters that Belarusian does not have: %s", key)
	}
}

func TestNumbersChooseTheForm(t *testing.T) {
	c := loaded(t)
	for name, want := range map[string]map[int]string{
		"ru": {0: "0 лет", 1: "1 год", 2: "2 года", 4: "4 года", 5: "5 лет", 11: "11 лет", 12: "12 лет", 21: "21 год", 22: "22 года", 111: "111 лет"},
		"be": {1: "1 год", 2: "2 гады", 3: "3 гады", 5: "5 гадоў", 11: "11 гадоў", 21: "21 год", 24: "24 гады"},
		"en": {0: "0 years", 1: "1 year", 2: "2 years", 21: "21 years"},
	} {
		for n, text := range want {
			require.Equal(t, text, c.Pick(name, "").Years(n), "%s %d", name, n)
		}
	}
}

func TestDatesAndMoneyAreThoseOfPeople(t *testing.T) {
	c := loaded(t)
	// Midnight in Minsk is the evening before in UTC.
	at := time.Date(2026, 2, 28, 21, 0, 0, 0, time.UTC)
	for name, want := range map[string][2]string{
		"ru": {"01.03.2026 00:00", "86,40\u00a0BYN"}, "be": {"01.03.2026 00:00", "86,40\u00a0BYN"}, "en": {"01.03.2026 00:00", "BYN\u00a086.40"},
	} {
		texts := c.Pick(name, "")
		require.Equal(t, want[0], texts.DateTime(at))
		require.Equal(t, want[1], texts.Money("86.40", "BYN"))
		if name != "en" {
			require.Equal(t, "1\u00a0112,40\u00a0BYN", texts.Money("1112.40", "BYN"), "as on invoices and in letters")
		}
		require.Empty(t, texts.DateTime(time.Time{}))
	}
}

func TestTheLanguageIsTheChosenOneOrTheBrowsers(t *testing.T) {
	c := loaded(t)
	for _, tc := range []struct{ chosen, accept, want string }{
		{"", "", "ru"}, {"en", "be", "en"}, {"", "be-BY, ru;q=0.5", "be"}, {"", "de, fr", "ru"}, {"xx", "en-GB", "en"}, {"", "\x00;;q=", "ru"}, {"../en", "", "ru"},
	} {
		require.Equal(t, tc.want, c.Pick(tc.chosen, tc.accept).Language, "%+v", tc)
	}
}

func TestTranslatorsSeeKeys(t *testing.T) {
	texts := loaded(t).Pick("en", "")
	require.Equal(t, "Back", texts.T("common.back"))
	require.Equal(t, "[no.such.key]", texts.T("no.such.key"))
	texts.ShowKeys = true
	require.Equal(t, "Back [common.back]", texts.T("common.back"))
	require.Equal(t, "2 years [common.years]", texts.Years(2))
}

func TestValuesAreNotTextsAgain(t *testing.T) {
	texts := Texts{Language: "en", entries: map[string]entry{"a": {text: "{x} and {y}"}}}
	require.Equal(t, "{y} and 2", texts.T("a", "x", "{y}", "y", 2))
	require.Equal(t, "{x} and {y}", texts.T("a", "x"))
}

func TestBrokenTextsAreErrors(t *testing.T) {
	for name, content := range map[string]string{
		"not json": `{`, "a key of another file": `{"other.key": "x"}`, "a number": `{"common.key": 1}`,
	} {
		_, err := load(fstest.MapFS{"texts/ru/common.json": {Data: []byte(content)}})
		require.ErrorContains(t, err, "texts/ru/common.json", name)
	}
}
