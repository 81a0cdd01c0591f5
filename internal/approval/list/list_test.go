package list_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

var update = flag.Bool("update", false, "write the golden files anew")

// made is three quarters of a second past a second, in the time of Greenwich.
var made = time.Date(2026, 11, 23, 21, 30, 15, 750_000_000, time.UTC)

func entry(number int64, e list.Entry) list.Entry {
	e.Number = number
	for i, digest := range []*string{&e.Request, &e.KeyID, &e.Checked, &e.Registers} {
		*digest = strings.Repeat(string("0123456789abcdef"[(int(number)+i)%16]), 64)
	}
	return e
}

// sample is a list of invented persons: one who stays in the position, one whose
// position changes, one without a patronymic.
func sample(t testing.TB) list.List {
	t.Helper()
	l, err := list.New(list.List{
		Number: 17, MadeAt: made, Organisation: `Общество с ограниченной ответственностью "Пример"`, UNP: "190000018",
		Head: "Узорова Нина Павловна", HeadNumber: "4020280A003PB0",
		Entries: []list.Entry{
			entry(92239, list.Entry{
				Surname: "Образцова", GivenName: "Вера", Patronymic: "Петровна", PersonalNumber: "4010190A002PB9", Position: "Бухгалтер", Years: 1, Price: 4320,
			}),
			entry(92240, list.Entry{
				Surname: "Примеров", GivenName: "Олег", Patronymic: "Янович", PersonalNumber: "3010190A001PB9", Position: "Инженер",
				NewPosition: `Начальник отдела "Связь & <сети>"`, Years: 2, Price: 106480,
			}),
			entry(92241, list.Entry{Surname: "Ўзорная", GivenName: "Ірына", PersonalNumber: "4010190A002PB9", Years: 5, Price: 4305}),
		},
	})
	require.NoError(t, err)
	return l
}

func TestM5_TheOctetsToSignAreThoseOfTheGoldenFile(t *testing.T) {
	got, golden := sample(t).Canonical(), filepath.Join("testdata", "list.xml")
	if *update {
		require.NoError(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "a change of these octets is a new format: run with -update only for one")
}

// Neither an identifier nor a word of a program stands in what a director signs.
func TestM5_WhatIsSignedSpeaksTheWordsOfPeople(t *testing.T) {
	text := string(sample(t).Canonical())
	require.NotRegexp(t, `[0-9a-f]{8}-[0-9a-f]{4}-`, text)
	require.NotRegexp(t, `(?i)json|uuid|kopeck|"\d{4}-`, text)
	for _, said := range []string{
		"<Номер>17<", "<Составлен>24.11.2026 00:30:15 +03:00<", "<Срок>1 год<", "<Срок>2 года<", "<Срок>5 лет<", "<Стоимость>43,20 BYN<",
		"<Стоимость>1\u00a0064,80 BYN<", "<Итого>1\u00a0151,05 BYN<", "<Заказов>3<", `ответственностью "Пример"<`, "<ФайлЗапроса>SHA-256 ",
		"<СверкаСРеестрами>пройдена, отчёт SHA-256 ",
	} {
		require.Contains(t, text, said)
	}
}

// Any reader of XML finds the same values in it.
func TestM5_WhatIsSignedIsXML(t *testing.T) {
	l := sample(t)
	var values []string
	d := xml.NewDecoder(bytes.NewReader(l.Canonical()))
	depth := 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch x := token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		case xml.CharData:
			if text := strings.TrimSpace(string(x)); text != "" {
				values = append(values, text)
			}
		}
	}
	require.Zero(t, depth)
	var said []string
	for _, line := range l.Lines() {
		said = append(said, line.Value)
	}
	for _, e := range l.Entries {
		for _, line := range e.Lines() {
			said = append(said, line.Value)
		}
	}
	require.Equal(t, said, values)
}

func TestM5_AListThatLacksSomethingIsNotMade(t *testing.T) {
	for name, change := range map[string]func(*list.List){
		"nobody":                   func(l *list.List) { l.Entries = nil },
		"no number":                func(l *list.List) { l.Number = 0 },
		"no UNP":                   func(l *list.List) { l.UNP = "" },
		"no head":                  func(l *list.List) { l.Head = "" },
		"nobody's number":          func(l *list.List) { l.HeadNumber = "" },
		"an order twice":           func(l *list.List) { l.Entries[1] = l.Entries[0] },
		"an order without number":  func(l *list.List) { l.Entries[0].Number = 0 },
		"no person":                func(l *list.List) { l.Entries[0].PersonalNumber = "" },
		"no term":                  func(l *list.List) { l.Entries[0].Years = 0 },
		"a negative term":          func(l *list.List) { l.Entries[0].Years = -1 },
		"no price":                 func(l *list.List) { l.Entries[0].Price = 0 },
		"a negative price":         func(l *list.List) { l.Entries[0].Price = -100 },
		"a price out of the world": func(l *list.List) { l.Entries[0].Price = 1 << 62 },
		"no request":               func(l *list.List) { l.Entries[0].Request = "" },
		"half a digest":            func(l *list.List) { l.Entries[0].Registers = "0a" },
		"a digest in capitals":     func(l *list.List) { l.Entries[0].KeyID = strings.Repeat("AB", 32) },
		"no UTF-8":                 func(l *list.List) { l.Entries[0].Surname = "В\xd0ра" },
		"too many": func(l *list.List) {
			for n := int64(1); len(l.Entries) <= list.MaxOrders; n++ {
				l.Entries = append(l.Entries, entry(n, l.Entries[0]))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := sample(t)
			change(&l)
			_, err := list.New(l)
			require.ErrorIs(t, err, list.ErrList)
		})
	}
}

func TestM5_TheListIsDatedInMinskToTheSecond(t *testing.T) {
	require.Equal(t, "2026-11-24T00:30:15+03:00", sample(t).MadeAt.Format(time.RFC3339Nano))
}

func TestM8_TheTotalIsTheSumOfThePrices(t *testing.T) {
	require.Equal(t, order.Kopecks(115105), sample(t).Total())
	require.Zero(t, list.List{}.Total())
}

func TestM6_OctetsThatSayTheSameInAnotherWayAreRefused(t *testing.T) {
	good := string(sample(t).Canonical())
	replace := func(old, by string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, by, 1)
	}
	for name, text := range map[string]string{
		"nothing":                  "",
		"no XML":                   "list",
		"the first version":        "{\n  \"format\": \"remote-issuance/list/1\"\n}\n",
		"another version":          replace(`версия="2"`, `версия="3"`),
		"a byte order mark":        "\ufeff" + good,
		"an unknown field":         replace("  <УНП>", "  <Тайна>да</Тайна>\n  <УНП>"),
		"a field twice":            replace("  <УНП>", "  <УНП>190000020</УНП>\n  <УНП>"),
		"a field twice, the same":  replace("  <УНП>", "  <УНП>190000018</УНП>\n  <УНП>"),
		"fields in another order":  replace("    <Имя>Вера</Имя>\n    <Отчество>Петровна</Отчество>\n", "    <Отчество>Петровна</Отчество>\n    <Имя>Вера</Имя>\n"),
		"an empty field":           replace("    <Имя>Вера</Имя>\n", "    <Имя></Имя>\n"),
		"a field in capitals":      replace("<УНП>", "<унп>"),
		"another indentation":      replace("\n  ", "\n\t"),
		"line ends of Windows":     strings.ReplaceAll(good, "\n", "\r\n"),
		"without the last LF":      strings.TrimSuffix(good, "\n"),
		"an LF more":               good + "\n",
		"a second list":            good + good,
		"octets behind":            good + "<x/>",
		"a comment":                replace("  <УНП>", "  <!-- -->\n  <УНП>"),
		"an attribute":             replace("<УНП>", `<УНП вид="новый">`),
		"CDATA":                    replace("<Имя>Вера</Имя>", "<Имя><![CDATA[Вера]]></Имя>"),
		"an entity":                replace("<Имя>Вера</Имя>", "<Имя>&#1042;ера</Имя>"),
		"an entity nobody needs":   replace(`"Пример"`, `&quot;Пример&quot;`),
		"an escape nobody needs":   replace("Вера", `\u{412}ера`),
		"half an escape":           replace("Вера", `Вера\`),
		"a mark nobody sees":       replace("Вера", "Ве\u200bра"),
		"a text that is reordered": replace("Вера", "\u202eареВ"),
		"a price with a dot":       replace("43,20 BYN", "43.20 BYN"),
		"a price without a unit":   replace("43,20 BYN", "43,20"),
		"a price in roubles":       replace("43,20 BYN", "43,20 RUB"),
		"a price without groups":   replace("1\u00a0064,80", "1064,80"),
		"a common blank":           replace("1\u00a0064,80", "1 064,80"),
		"a total that is not it":   replace("1\u00a0151,05", "1\u00a0151,04"),
		"a count that is not it":   replace("<Заказов>3<", "<Заказов>2<"),
		"a term without a unit":    replace("1 год", "1"),
		"a term in bad Russian":    replace("2 года", "2 лет"),
		"a number with a sign":     replace("<Номер>92239<", "<Номер>+92239<"),
		"a number with a zero":     replace("<Номер>92239<", "<Номер>092239<"),
		"a broken letter":          replace("Вера", "В\xd0ра"),
		"another zone":             replace("24.11.2026 00:30:15 +03:00", "23.11.2026 21:30:15 +00:00"),
		"a day that is not":        replace("24.11.2026", "31.11.2026"),
		"another algorithm":        replace("SHA-256 ", "SHA-1 "),
		"a check that failed":      replace("пройдена", "не пройдена"),
		"nobody":                   good[:strings.Index(good, "  <Заказ>")] + "</ПереченьСведений>\n",
		"an order that is cut off": good[:strings.LastIndex(good, "    <Срок>")],
	} {
		t.Run(name, func(t *testing.T) {
			_, err := list.Parse([]byte(text))
			require.ErrorIs(t, err, list.ErrList)
		})
	}
}

// anyText has what names have, and what deceives.
func anyText() *rapid.Generator[string] {
	return rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\\u{}<>&\"'\u202e\u200b\n\r\t\x00\u00a0й"))), 0, 20, -1)
}

func anyList(r *rapid.T) list.List {
	draw := func(name string) string { return anyText().Draw(r, name) }
	digest := rapid.StringMatching(`[0-9a-f]{64}`)
	l := list.List{
		Number: rapid.Int64Min(1).Draw(r, "number"), MadeAt: time.Unix(rapid.Int64Range(0, 1<<33).Draw(r, "at"), 0), Organisation: draw("organisation"),
		UNP: "1" + draw("unp"), Head: "Я" + draw("head"), HeadNumber: "4" + draw("head number"),
	}
	for i := range rapid.IntRange(1, 4).Draw(r, "orders") {
		l.Entries = append(l.Entries, list.Entry{
			Number: int64(i + 1), Surname: draw("surname"), GivenName: draw("given name"), Patronymic: draw("patronymic"), PersonalNumber: "3" + draw("number"),
			Position: draw("position"), NewPosition: draw("new position"), Years: rapid.IntRange(1, 130).Draw(r, "years"),
			Price: order.Kopecks(rapid.Int64Range(1, 1e12).Draw(r, "price")), Request: digest.Draw(r, "request"), KeyID: digest.Draw(r, "key"),
			Checked: digest.Draw(r, "checked"), Registers: digest.Draw(r, "registers"),
		})
	}
	return l
}

// Whatever a certificate has in its names, what is written reads back to the
// same, and two lists never have the same octets or lines.
func TestM6_WhatIsWrittenReadsBack(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		l, err := list.New(anyList(r))
		require.NoError(r, err)
		back, err := list.Parse(l.Canonical())
		require.NoError(r, err)
		require.Equal(r, l, back)
		for _, c := range string(l.Canonical()) {
			require.NotContains(r, "\u202e\u200b\r\t\x00", string(c), "nothing hides")
		}
		require.Equal(r, 3+2*len(l.Entries)+count(l), bytes.Count(l.Canonical(), []byte("\n")), "one field a line")
	})
}

func count(l list.List) int {
	n := len(l.Lines())
	for _, e := range l.Entries {
		n += len(e.Lines())
	}
	return n
}

func TestM6_AnyChangedOctetIsAnotherListOrNone(t *testing.T) {
	l := sample(t)
	good := l.Canonical()
	rapid.Check(t, func(r *rapid.T) {
		changed := bytes.Clone(good)
		changed[rapid.IntRange(0, len(good)-1).Draw(r, "at")] ^= byte(rapid.IntRange(1, 255).Draw(r, "bits"))
		if back, err := list.Parse(changed); err == nil {
			require.NotEqual(r, l, back)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add(sample(f).Canonical())
	f.Add([]byte("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ПереченьСведений версия=\"2\">\n</ПереченьСведений>\n"))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := list.Parse(data)
		if err != nil {
			return
		}
		require.True(t, bytes.Equal(data, l.Canonical()))
		require.NotEmpty(t, l.Entries)
	})
}
