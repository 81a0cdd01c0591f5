package page_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/approval/page"
)

var anyPage = regexp.MustCompile(`/Type\s*/Page[^s]`)

func pages(pdf []byte) int { return len(anyPage.FindAll(pdf, -1)) }

func TestM5_ThePageOfAListIsAPDF(t *testing.T) {
	pdf := written(t, sample(t))
	require.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
	require.Contains(t, string(pdf[len(pdf)-10:]), "%%EOF")
	require.True(t, bytes.Equal(pdf, written(t, sample(t))), "the same list is the same page")
}

func TestM5_NothingIsWrittenOfOtherOctets(t *testing.T) {
	_, err := page.PDF(append(sample(t).Canonical(), '\n'))
	require.ErrorIs(t, err, list.ErrList)
}

func TestM5_LongListsGoOnOnTheNextPage(t *testing.T) {
	l := sample(t)
	few := pages(written(t, l))
	for len(l.Entries) < 90 {
		e := l.Entries[0]
		e.Number = int64(len(l.Entries) + 1)
		l.Entries = append(l.Entries, e)
	}
	require.Greater(t, pages(written(t, l)), few+10)
}

func TestM5_AnyTextFitsOnThePage(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "a word of two hundred letters": strings.Repeat("Щ", 200), "letters of another script": "山田 太郎",
		"line breaks": "одна\r\nдругая\tтретья", "signs of PDF": `(\)<<>>[]%`, "a letter beyond the basic plane": "𝔄lpha",
		"a text in another order": "a\u202eb",
	} {
		t.Run(name, func(t *testing.T) {
			l := sample(t)
			l.Organisation = text
			l.Entries[0].Surname, l.Entries[0].NewPosition = text, text
			require.Positive(t, pages(written(t, l)))
		})
	}
}

func written(t testing.TB, l list.List) []byte {
	t.Helper()
	pdf, err := page.PDF(l.Canonical())
	require.NoError(t, err)
	return pdf
}

func TestS4_AChangeOfPositionIsShownAsOne(t *testing.T) {
	// The pages differ where what they say differs.
	seen := map[string]string{}
	for name, change := range map[string][2]string{
		"kept": {"Инженер", ""}, "changed": {"Инженер", "Начальник отдела"}, "given for the first time": {"", "Начальник отдела"}, "none": {"", ""},
	} {
		l := sample(t)
		l.Entries = l.Entries[:1]
		l.Entries[0].Position, l.Entries[0].NewPosition = change[0], change[1]
		page := string(written(t, l))
		require.Empty(t, seen[page], "%s looks like %s", name, seen[page])
		seen[page] = name
	}
}

// What is read is what is signed: whatever differs in the octets differs on the page.
func TestM5_M6_TwoListsThatDifferNeverHaveTheSamePage(t *testing.T) {
	word := rapid.StringMatching(`[А-ЯЎІа-яўі0-9 "().,№-]{1,30}`)
	digest := rapid.StringMatching(`[0-9a-f]{64}`)
	changes := []func(r *rapid.T, l *list.List, e *list.Entry){
		func(r *rapid.T, l *list.List, _ *list.Entry) { l.Number += rapid.Int64Range(1, 99).Draw(r, "number") },
		func(r *rapid.T, l *list.List, _ *list.Entry) {
			l.MadeAt = l.MadeAt.AddDate(0, 0, rapid.IntRange(1, 99).Draw(r, "days"))
		},
		func(r *rapid.T, l *list.List, _ *list.Entry) { l.Organisation = word.Draw(r, "organisation") },
		func(r *rapid.T, l *list.List, _ *list.Entry) { l.UNP = word.Draw(r, "unp") },
		func(r *rapid.T, l *list.List, _ *list.Entry) { l.Head = word.Draw(r, "head") },
		func(r *rapid.T, l *list.List, _ *list.Entry) { l.HeadNumber = word.Draw(r, "number of the head") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Number += 1000 },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Surname = word.Draw(r, "surname") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.GivenName = word.Draw(r, "given name") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Patronymic = word.Draw(r, "patronymic") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.PersonalNumber = word.Draw(r, "personal number") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Position = word.Draw(r, "position") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.NewPosition = word.Draw(r, "new position") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Years++ },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Price++ },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Request = digest.Draw(r, "request") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.KeyID = digest.Draw(r, "key") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Checked = digest.Draw(r, "checked") },
		func(r *rapid.T, _ *list.List, e *list.Entry) { e.Registers = digest.Draw(r, "registers") },
		func(r *rapid.T, l *list.List, _ *list.Entry) { l.Entries[0], l.Entries[1] = l.Entries[1], l.Entries[0] },
		func(r *rapid.T, l *list.List, _ *list.Entry) { l.Entries = l.Entries[1:] },
	}
	plain := written(t, sample(t))
	rapid.Check(t, func(r *rapid.T) {
		l := sample(t)
		rapid.SampledFrom(changes).Draw(r, "change")(r, &l, &l.Entries[rapid.IntRange(0, len(l.Entries)-1).Draw(r, "entry")])
		same := bytes.Equal(l.Canonical(), sample(t).Canonical())
		require.Equal(r, same, bytes.Equal(plain, written(t, l)))
	})
}

func sample(t testing.TB) list.List {
	t.Helper()
	octets, err := os.ReadFile("../list/testdata/list.xml")
	require.NoError(t, err)
	l, err := list.Parse(octets)
	require.NoError(t, err)
	return l
}
