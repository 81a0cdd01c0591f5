package invoice

import (
	"slices"
	"strconv"
	"strings"

	"github.com/signintech/gopdf"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/sheet"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// PDF writes the invoice for a bank transfer, in Russian, on A4. The same
// invoice always gives the same text.
func PDF(i Invoice, b Beneficiary) ([]byte, error) {
	number := i.number.ClientBank()
	s := sheet.New(gopdf.PdfInfo{Title: "Счёт-фактура " + number, CreationDate: i.issuedAt})
	s.Use(sheet.Bold, 16)
	s.Paragraph("Счёт-фактура №\u00a0" + number)
	s.Use(sheet.Regular, 10)
	s.Paragraph("от " + wording.Date(i.issuedAt))
	s.Space(8)
	parties(s, i, b)
	s.Space(8)
	positions(s, i, b)
	s.Space(10)
	instructions(s, i, b)
	return s.Bytes()
}

// parties writes who is paid and who pays.
func parties(s *sheet.Sheet, i Invoice, b Beneficiary) {
	columns := []sheet.Column{{Left: sheet.PageLeft - sheet.CellGap, Right: 190}, {Left: 190, Right: sheet.PageRight}}
	for _, d := range partiesOf(i, b) {
		s.Row(columns, []string{d[0] + ":", d[1]})
	}
}

// partiesOf are the details of both, without what is not given.
func partiesOf(i Invoice, b Beneficiary) [][2]string {
	all := [][2]string{
		{"Получатель", b.d.Name}, {"УНП получателя", b.d.UNP}, {"ОКПО получателя", b.d.OKPO}, {"Адрес получателя", b.d.Address},
		{"Телефон получателя", b.d.Phone}, {"Расчётный счёт (IBAN)", grouped(b.d.IBAN)}, {"Банк получателя", b.d.Bank}, {"БИК", b.d.BIC},
		{"Код назначения платежа", b.d.PurposeCode}, {"Основание", b.d.Contract},
		{"Плательщик", i.payer.Name}, {"УНП плательщика", i.payer.UNP},
	}
	return slices.DeleteFunc(all, func(d [2]string) bool { return strings.TrimSpace(d[1]) == "" })
}

// positions writes the table of lines with its total.
func positions(s *sheet.Sheet, i Invoice, b Beneficiary) {
	columns := []sheet.Column{
		{Left: sheet.PageLeft, Right: 80}, {Left: 80, Right: 285}, {Left: 285, Right: 345, AlignRight: true}, {Left: 345, Right: 390, AlignRight: true},
		{Left: 390, Right: 465, AlignRight: true}, {Left: 465, Right: sheet.PageRight, AlignRight: true},
	}
	s.Use(sheet.Bold, 10)
	s.Rule()
	s.Row(columns, []string{"№", "Наименование", "Срок", "Кол-во", "Цена, BYN", "Сумма, BYN"})
	s.Rule()
	s.Use(sheet.Regular, 10)
	for n, l := range i.lines {
		s.Row(columns, []string{strconv.Itoa(n + 1), l.Title, term(l.Years), strconv.Itoa(l.Quantity), roubles(l.Price), roubles(l.Sum())})
	}
	s.Rule()
	s.Use(sheet.Bold, 11)
	for _, line := range totals(i, b.d.VAT) {
		s.Row([]sheet.Column{{Left: sheet.PageLeft, Right: 385}, {Left: 385, Right: sheet.PageRight, AlignRight: true}}, line[:])
		s.Use(sheet.Regular, 10)
	}
	s.Space(4)
	s.Paragraph("Сумма прописью: " + inWords(i.total) + ".")
}

// totals are the lines under the table: the sum and what is said about VAT.
func totals(i Invoice, vat VAT) [][2]string {
	out := [][2]string{{"Всего к оплате", wording.Money("ru", i.total)}}
	switch {
	case vat.Said && vat.Percent == 0:
		out = append(out, [2]string{"Без НДС", ""})
	case vat.Said:
		out = append(out, [2]string{"В том числе НДС " + strconv.Itoa(vat.Percent) + " %", wording.Money("ru", vat.Included(i.total))})
	}
	return out
}

// term writes the term of a certificate.
func term(years int) string {
	if years == 0 {
		return ""
	}
	return strconv.Itoa(years) + " " + plural(int64(years), "год", "года", "лет")
}

// instructions tells what has to be exactly right for the payment to be found (P3).
func instructions(s *sheet.Sheet, i Invoice, b Beneficiary) {
	s.Use(sheet.Bold, 11)
	s.Paragraph("Назначение платежа — перепишите без изменений:")
	s.Use(sheet.Bold, 12)
	s.Paragraph(b.Purpose(i.number))
	s.Space(4)
	s.Use(sheet.Regular, 10)
	s.Paragraph("Оплатить до " + wording.DateTime(i.due) + " (время минское). Деньги, пришедшие позже, заказ не оплачивают.")
	s.Paragraph("Платёж относится к заказу, только если совпадают три сведения: номер " + i.number.ClientBank() +
		" в назначении платежа, сумма " + wording.Money("ru", i.total) + " до копейки и УНП плательщика " + i.payer.UNP +
		". Номер отделяйте пробелами, вплотную к нему ничего не пишите.")
	s.Paragraph("Платит сама организация: перевод от другого лица к заказу не относится. Сертификаты издаются после поступления денег.")
}

// grouped writes an IBAN in groups of four, as people compare it.
func grouped(iban string) string {
	var groups []string
	for len(iban) > 4 {
		groups, iban = append(groups, iban[:4]), iban[4:]
	}
	return strings.Join(append(groups, iban), " ")
}

// roubles writes an amount as people read it: 1 086,40.
func roubles(k order.Kopecks) string { return k.Grouped() }
