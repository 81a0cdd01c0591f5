// Package page writes the list that a manager signs as a PDF, for reading and filing (M5).
package page

import (
	"strconv"

	"github.com/signintech/gopdf"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/sheet"
)

const (
	textSize   = 9
	digestSize = 6.5
	labelEnd   = 215
)

var columns = []sheet.Column{{Left: sheet.PageLeft - sheet.CellGap, Right: labelEnd}, {Left: labelEnd, Right: sheet.PageRight + sheet.CellGap}}

// PDF writes the list of its signed octets in the same words: every line of
// them, and no other. ErrList for what is no list.
func PDF(octets []byte) ([]byte, error) {
	l, err := list.Parse(octets)
	if err != nil {
		return nil, err
	}
	title := "Перечень сведений №\u00a0" + strconv.FormatInt(l.Number, 10)
	s := sheet.New(gopdf.PdfInfo{Title: title, CreationDate: l.MadeAt})
	s.Use(sheet.Bold, 15)
	s.Paragraph(title)
	s.Use(sheet.Regular, 10)
	s.Paragraph("о сотрудниках, для дистанционного издания сертификатов открытых ключей")
	s.Space(6)
	lines(s, l.Lines())
	for _, e := range l.Entries {
		s.Space(6)
		s.Rule()
		lines(s, e.Lines())
	}
	s.Rule()
	s.Space(6)
	s.Use(sheet.Regular, textSize)
	s.Paragraph("Электронной цифровой подписью подписывается файл перечня. Эта страница повторяет каждую его строку теми же словами.")
	return s.Bytes()
}

func lines(s *sheet.Sheet, of []list.Line) {
	for _, line := range of {
		if s.Use(sheet.Regular, textSize); line.Digest {
			s.Use(sheet.Regular, digestSize)
		}
		s.Row(columns, []string{line.Label, line.Value})
	}
}
