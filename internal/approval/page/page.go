// Package page writes the list that a manager signs as a PDF, for reading and filing (M5).
package page

import (
	"strconv"
	"strings"

	"github.com/signintech/gopdf"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/sheet"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// PDF writes the list in Russian for reading and filing (M5). What is signed
// are the canonical bytes, and the page says so.
func PDF(l approval.List) ([]byte, error) {
	s := sheet.New(gopdf.PdfInfo{Title: "Перечень сведений " + l.ID, CreationDate: l.MadeAt})
	s.Use(sheet.Bold, 15)
	s.Paragraph("Перечень сведений о сотрудниках")
	s.Use(sheet.Regular, 10)
	s.Paragraph("для дистанционного издания сертификатов открытых ключей")
	s.Space(6)
	details := []sheet.Column{{Left: sheet.PageLeft - sheet.CellGap, Right: 170}, {Left: 170, Right: sheet.PageRight}}
	s.Row(details, []string{"Организация:", l.Organisation})
	s.Row(details, []string{"УНП:", l.UNP})
	s.Row(details, []string{"Составлен:", l.MadeAt.In(order.Minsk()).Format("02.01.2006 15:04:05")})
	s.Row(details, []string{"Номер перечня:", l.ID})
	s.Space(8)
	table(s, l)
	s.Space(10)
	s.Use(sheet.Regular, 9)
	s.Paragraph("Электронная цифровая подпись ставится под файлом перечня без изменений, до последнего знака. Эта страница повторяет его содержание для чтения.")
	return s.Bytes()
}

func table(s *sheet.Sheet, l approval.List) {
	columns := []sheet.Column{
		{Left: sheet.PageLeft, Right: 75}, {Left: 75, Right: 120}, {Left: 120, Right: 255},
		{Left: 255, Right: 430}, {Left: 430, Right: 475}, {Left: 475, Right: sheet.PageRight, AlignRight: true},
	}
	s.Use(sheet.Bold, 9)
	s.Rule()
	s.Row(columns, []string{"№", "Заказ", "Сотрудник", "Место работы и должность", "Срок", "Цена, BYN"})
	s.Rule()
	s.Use(sheet.Regular, 9)
	for i, e := range l.Entries {
		name := strings.Join(strings.Fields(e.Surname+" "+e.GivenName+" "+e.Patronymic), " ")
		s.Row(columns, []string{
			strconv.Itoa(i + 1), strconv.FormatInt(e.Number, 10), name + ", " + e.PersonalNumber, position(e), years(e.Years), e.Price.Grouped(),
		})
	}
	s.Rule()
	s.Use(sheet.Bold, 10)
	s.Row([]sheet.Column{{Left: sheet.PageLeft, Right: 430}, {Left: 430, Right: sheet.PageRight, AlignRight: true}},
		[]string{"Всего", wording.Money("ru", l.Total())})
}

func position(e approval.Entry) string {
	switch {
	case e.NewPosition == "":
		return e.Position
	case e.Position == "":
		return "станет: " + e.NewPosition
	}
	return "было: " + e.Position + "; станет: " + e.NewPosition
}

func years(n int) string {
	return wording.Forms{One: "год", Few: "года", Many: "лет", Other: "года"}.Count("ru", n)
}
