package page_test

import (
	"bytes"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/page"
)

var anyPage = regexp.MustCompile(`/Type\s*/Page[^s]`)

func pages(pdf []byte) int { return len(anyPage.FindAll(pdf, -1)) }

func TestM5_ThePageOfAListIsAPDF(t *testing.T) {
	pdf, err := page.PDF(sampleList(t))
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(pdf, []byte("%PDF-")))
	require.Contains(t, string(pdf[len(pdf)-10:]), "%%EOF")
	require.Equal(t, 1, pages(pdf))
}

func TestM5_TheSameListIsTheSamePage(t *testing.T) {
	first, err := page.PDF(sampleList(t))
	require.NoError(t, err)
	second, err := page.PDF(sampleList(t))
	require.NoError(t, err)
	require.True(t, bytes.Equal(first, second))

	other := sampleList(t)
	other.Entries[0].NewPosition = "Главный бухгалтер"
	third, err := page.PDF(other)
	require.NoError(t, err)
	require.False(t, bytes.Equal(first, third))
}

func TestM5_LongListsGoOnOnTheNextPage(t *testing.T) {
	l := sampleList(t)
	few := pages(mustPDF(t, l))
	for len(l.Entries) < 90 {
		l.Entries = append(l.Entries, sampleList(t).Entries...)
	}
	require.Greater(t, pages(mustPDF(t, l)), few+1)
}

func TestM5_AnyTextFitsOnThePage(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "a word of two hundred letters": strings.Repeat("Щ", 200), "letters of another script": "山田 太郎",
		"line breaks": "одна\r\nдругая\tтретья", "signs of PDF": `(\)<<>>[]%`, "a letter beyond the basic plane": "𝔄lpha",
	} {
		t.Run(name, func(t *testing.T) {
			l := sampleList(t)
			l.Organisation = text
			l.Entries[0].Surname, l.Entries[0].NewPosition = text, text
			require.Positive(t, pages(mustPDF(t, l)))
		})
	}
}

func mustPDF(t *testing.T, l approval.List) []byte {
	t.Helper()
	pdf, err := page.PDF(l)
	require.NoError(t, err)
	return pdf
}

func TestS4_AChangeOfPositionIsShownAsOne(t *testing.T) {
	// The pages differ where what they say differs.
	seen := map[string]string{}
	for name, change := range map[string][2]string{
		"kept": {"Инженер", ""}, "changed": {"Инженер", "Начальник отдела"}, "given for the first time": {"", "Начальник отдела"}, "none": {"", ""},
	} {
		l := sampleList(t)
		l.Entries = l.Entries[:1]
		l.Entries[0].Position, l.Entries[0].NewPosition = change[0], change[1]
		page := string(mustPDF(t, l))
		require.Empty(t, seen[page], "%s looks like %s", name, seen[page])
		seen[page] = name
	}
}

func sampleList(t testing.TB) approval.List {
	t.Helper()
	canonical, err := os.ReadFile("../testdata/list.json")
	require.NoError(t, err)
	l, err := approval.Parse(canonical)
	require.NoError(t, err)
	return l
}
