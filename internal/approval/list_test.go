package approval_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

var update = flag.Bool("update", false, "write the golden files anew")

// made is three quarters of a second past a second, in the time of Greenwich.
var made = time.Date(2026, 11, 23, 21, 30, 15, 750_000_000, time.UTC)

// employees are invented persons: one who stays in the position, one whose
// position changes, one without a patronymic.
func employees() []approval.Entry {
	return []approval.Entry{
		{
			OrderID: "0193-a", Number: 92239, Surname: "Образцова", GivenName: "Вера", Patronymic: "Петровна",
			PersonalNumber: "4010190A002PB9", Position: "Бухгалтер", Years: 1, KeyID: strings.Repeat("0a", 32), Price: 4320,
		},
		{
			OrderID: "0193-b", Number: 92240, Surname: "Примеров", GivenName: "Олег", Patronymic: "Янович",
			PersonalNumber: "3010190A001PB9", Position: "Инженер", NewPosition: `Начальник отдела "Связь & <сети>"`, Years: 2,
			KeyID: strings.Repeat("0b", 32), Price: 6480,
		},
		{
			OrderID: "0193-c", Number: 92241, Surname: "Ўзорная", GivenName: "Ірына", PersonalNumber: "4010190A002PB9",
			Years: 1, KeyID: strings.Repeat("0c", 32), Price: 4320,
		},
	}
}

func sampleList(t testing.TB) approval.List {
	t.Helper()
	l, err := approval.NewList("0193-list", `Общество с ограниченной ответственностью "Пример"`, "190000018", made, employees())
	require.NoError(t, err)
	return l
}

func canonical(t testing.TB, l approval.List) []byte {
	t.Helper()
	b, err := l.Canonical()
	require.NoError(t, err)
	return b
}

func TestM5_TheBytesToSignAreThoseOfTheGoldenFile(t *testing.T) {
	got, golden := canonical(t, sampleList(t)), filepath.Join("testdata", "list.json")
	if *update {
		require.NoError(t, os.WriteFile(golden, got, 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got), "a change of these bytes is a new format: run with -update only for one")
}

func TestM5_AListNamesSomebody(t *testing.T) {
	_, err := approval.NewList("id", "organisation", "190000018", made, nil)
	require.Error(t, err)
}

func TestM5_TheListIsDatedInMinskToTheSecond(t *testing.T) {
	l := sampleList(t)
	require.Equal(t, "2026-11-24T00:30:15+03:00", l.MadeAt.Format(time.RFC3339Nano))
	require.Equal(t, approval.Format, l.Format)
}

func TestM8_TheTotalIsTheSumOfThePrices(t *testing.T) {
	require.Equal(t, order.Kopecks(15120), sampleList(t).Total())
	require.Zero(t, approval.List{}.Total())
}

func TestM6_CanonicalBytesReadBackToTheSameBytes(t *testing.T) {
	want := canonical(t, sampleList(t))
	l, err := approval.Parse(want)
	require.NoError(t, err)
	require.Equal(t, string(want), string(canonical(t, l)))
	require.Equal(t, employees(), l.Entries)
	require.True(t, l.MadeAt.Equal(made.Truncate(time.Second)))
}

func TestM6_BytesThatSayTheSameInAnotherWayAreRefused(t *testing.T) {
	good := string(canonical(t, sampleList(t)))
	replace := func(old, by string) string {
		require.Contains(t, good, old)
		return strings.Replace(good, old, by, 1)
	}
	for name, text := range map[string]string{
		"nothing":              "",
		"no JSON":              "list",
		"another format":       replace(approval.Format, "remote-issuance/list/2"),
		"an unknown field":     replace(`"unp"`, `"hidden": true, "unp"`),
		"a field twice":        replace(`"unp"`, `"unp": "190000020",`+"\n  "+`"unp"`),
		"a field in capitals":  replace(`"unp"`, `"UNP"`),
		"another indentation":  replace("\n  ", "\n\t"),
		"without the last LF":  strings.TrimSuffix(good, "\n"),
		"an LF more":           good + "\n",
		"a second list":        good + good,
		"octets behind":        good + "{}",
		"a price as a text":    replace("4320", `"4320"`),
		"a price with a point": replace("4320", "4320.0"),
		"an escaped letter":    replace("Вера", `\u0412ера`),
		"a broken letter":      replace("Вера", "В\xd0ра"),
		"another zone":         replace("2026-11-24T00:30:15+03:00", "2026-11-23T21:30:15.000Z"),
		"nobody":               good[:strings.Index(good, `"entries"`)] + `"entries": []` + "\n}\n",
		"entries of null":      good[:strings.Index(good, `"entries"`)] + `"entries": null` + "\n}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := approval.Parse([]byte(text))
			require.Error(t, err)
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(canonical(f, sampleList(f)))
	f.Add([]byte(fmt.Sprintf(`{"format":%q}`, approval.Format)))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := approval.Parse(data)
		if err != nil {
			return
		}
		require.True(t, bytes.Equal(data, canonical(t, l)))
		require.NotEmpty(t, l.Entries)
	})
}
