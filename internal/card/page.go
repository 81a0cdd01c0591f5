package card

import (
	"fmt"
	"strconv"

	"github.com/signintech/gopdf"

	"github.com/remote-issuance/remote-issuance/internal/payments/qr"
	"github.com/remote-issuance/remote-issuance/internal/sheet"
)

const (
	codeSide  = 120.0
	codeScale = 4
)

// PDF writes a card: pages for people with the evidence attached. The same card
// always gives the same file. ErrCard for one that cannot be taken apart.
func PDF(c Card) ([]byte, error) {
	e, err := open(c)
	if err != nil {
		return nil, err
	}
	data, err := c.Canonical()
	if err != nil {
		return nil, err
	}
	pages, err := write(e)
	if err != nil {
		return nil, err
	}
	return attach(pages, data)
}

func write(e evidence) ([]byte, error) {
	f := e.facts
	title := "Карточка подтверждения, заказ №\u00a0" + strconv.FormatInt(f.Number, 10)
	picture, err := qr.PNG(f.Code, codeScale)
	if err != nil {
		return nil, fmt.Errorf("code of a card: %w", err)
	}
	s := sheet.New(gopdf.PdfInfo{Title: title, CreationDate: e.history.issued.At})
	s.Picture(picture, codeSide)
	beside := []sheet.Column{{Left: sheet.PageLeft - sheet.CellGap, Right: sheet.PageRight - codeSide - 10}}
	s.Use(sheet.Bold, 15)
	s.Row(beside, []string{title})
	s.Use(sheet.Regular, 9)
	for _, line := range introduction {
		s.Row(beside, []string{line})
	}
	s.Row(beside, []string{f.Code})
	columns := []sheet.Column{{Left: sheet.PageLeft - sheet.CellGap, Right: 150}, {Left: 150, Right: sheet.PageRight + sheet.CellGap}}
	for _, p := range text(f) {
		s.Space(5)
		s.Use(sheet.Bold, 10)
		s.Paragraph(p.title)
		s.Rule()
		s.Use(sheet.Regular, 8)
		for _, l := range p.lines {
			s.Row(columns, l[:])
		}
	}
	s.Space(6)
	s.Use(sheet.Regular, 8)
	s.Paragraph(limits)
	return s.Bytes()
}

var introduction = []string{
	"Доказательства приложены к этому файлу (card.json): перечень, подпись, сертификаты, списки отозванных, записи журнала аудита.",
	"Проверяет портал, страница /card, а без сети — команда issuance audit card ФАЙЛ с вашими корневыми сертификатами и открытым ключом журнала. Код справа называет заказ и хэш SHA-256 доказательств:",
}

const limits = "Время минское. Карточка говорит о том, как сертификат издан; отозван ли он позже, говорит список отозванных сертификатов. " +
	"Без приложенного файла эта страница ничего не доказывает."
