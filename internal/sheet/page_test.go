package sheet

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/signintech/gopdf"
	"github.com/stretchr/testify/require"
)

var (
	leaf    = regexp.MustCompile(`/Type\s*/Page[^s]`)
	columns = []Column{{Left: PageLeft, Right: 200}, {Left: 200, Right: PageRight, AlignRight: true}}
)

func written(t *testing.T, write func(s *Sheet)) (document []byte, pages int) {
	t.Helper()
	s := New(gopdf.PdfInfo{Title: "Проверка", CreationDate: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)})
	s.Use(Regular, 10)
	write(s)
	document, err := s.Bytes()
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(document, []byte("%PDF-")))
	return document, len(leaf.FindAll(document, -1))
}

func TestAnEmptySheetHasOnePage(t *testing.T) {
	_, pages := written(t, func(*Sheet) {})
	require.Equal(t, 1, pages)
}

func TestTheSameTextIsTheSameDocument(t *testing.T) {
	write := func(s *Sheet) { s.Paragraph("Адзін"); s.Rule(); s.Row(columns, []string{"два", "3.00"}) }
	first, _ := written(t, write)
	second, _ := written(t, write)
	require.Equal(t, first, second)
}

func TestRowsGoOnOnTheNextPageInTheSameFont(t *testing.T) {
	_, pages := written(t, func(s *Sheet) {
		s.Use(Bold, 12)
		for range 50 {
			s.Row(columns, []string{"строка", "1.00"})
		}
		require.Equal(t, Bold, s.font)
		require.Less(t, s.y, pageBottom)
	})
	require.Equal(t, 2, pages)
}

func TestTheHighestCellMakesTheHeightOfARow(t *testing.T) {
	written(t, func(s *Sheet) {
		from := s.y
		s.Row(columns, []string{"одна строка", ""})
		one := s.y - from
		from = s.y
		s.Row(columns, []string{strings.Repeat("много слов ", 10), "1.00"})
		require.Greater(t, s.y-from, 2*one)
	})
}

func TestWordsThatAreTooLongAreBroken(t *testing.T) {
	written(t, func(s *Sheet) {
		word := strings.Repeat("Щ", 300)
		lines := s.wrap(word, 100)
		require.Equal(t, word, strings.Join(lines, ""))
		for _, line := range lines {
			width, err := s.pdf.MeasureTextWidth(line)
			require.NoError(t, err)
			require.LessOrEqual(t, width, 100.0)
		}
		require.Equal(t, []string{""}, s.wrap("", 100))
	})
}

func TestSpaceMovesDownAndMayEndAPage(t *testing.T) {
	_, pages := written(t, func(s *Sheet) {
		s.Space(pageBottom)
		s.Paragraph("на следующей странице")
	})
	require.Equal(t, 2, pages)
}

func TestTheFirstErrorIsKeptAndNothingIsWritten(t *testing.T) {
	s := New(gopdf.PdfInfo{})
	s.Use("no such font", 10)
	s.Use(Regular, 10)
	s.Paragraph("текст")
	_, err := s.Bytes()
	require.ErrorContains(t, err, "pdf")

	s = New(gopdf.PdfInfo{})
	s.Use(Regular, 10)
	s.Row([]Column{{Left: 100, Right: 101}}, []string{"никуда не помещается"})
	_, err = s.Bytes()
	require.Error(t, err, "a column narrower than a letter")
}
