package invoice

import (
	"strconv"
	"strings"

	"github.com/signintech/gopdf"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/sheet"
)

// PDF writes the invoice for a bank transfer, in Russian, on A4. The same
// invoice always gives the same text.
func PDF(i Invoice, b Beneficiary) ([]byte, error) {
	number := i.number.ClientBank()
	s := sheet.New(gopdf.PdfInfo{Title: "Счет " + number, CreationDate: i.issuedAt})
	s.Use(sheet.Bold, 16)
	s.Paragraph("Счет на оплату № " + number)
	s.Use(sheet.Regular, 10)
	s.Paragraph("от " + i.issuedAt.In(order.Minsk()).Format("02.01.2006"))
	s.Space(8)
	parties(s, i, b)
	s.Space(8)
	positions(s, i)
	s.Space(10)
	instructions(s, i, b)
	return s.Bytes()
}

// parties writes who is paid and who pays.
func parties(s *sheet.Sheet, i Invoice, b Beneficiary) {
	details := [][2]string{
		{"Получатель", b.d.Name}, {"УНП получателя", b.d.UNP}, {"Счет (IBAN)", grouped(b.d.IBAN)},
		{"Банк получателя", b.d.Bank}, {"БИК", b.d.BIC},
	}
	if b.d.PurposeCode != "" {
		details = append(details, [2]string{"Код назначения платежа", b.d.PurposeCode})
	}
	details = append(details, [2]string{"Плательщик", i.payer.Name}, [2]string{"УНП плательщика", i.payer.UNP})
	columns := []sheet.Column{{Left: sheet.PageLeft - sheet.CellGap, Right: 190}, {Left: 190, Right: sheet.PageRight}}
	for _, d := range details {
		s.Row(columns, []string{d[0] + ":", d[1]})
	}
}

// positions writes the table of lines with its total.
func positions(s *sheet.Sheet, i Invoice) {
	columns := []sheet.Column{
		{Left: sheet.PageLeft, Right: 80}, {Left: 80, Right: 335}, {Left: 335, Right: 385, AlignRight: true},
		{Left: 385, Right: 465, AlignRight: true}, {Left: 465, Right: sheet.PageRight, AlignRight: true},
	}
	s.Use(sheet.Bold, 10)
	s.Rule()
	s.Row(columns, []string{"№", "Наименование", "Кол-во", "Цена, BYN", "Сумма, BYN"})
	s.Rule()
	s.Use(sheet.Regular, 10)
	for n, l := range i.lines {
		s.Row(columns, []string{strconv.Itoa(n + 1), l.Title, strconv.Itoa(l.Quantity), roubles(l.Price), roubles(l.Sum())})
	}
	s.Rule()
	s.Use(sheet.Bold, 11)
	s.Row([]sheet.Column{{Left: sheet.PageLeft, Right: 385}, {Left: 385, Right: sheet.PageRight, AlignRight: true}},
		[]string{"Всего к оплате", roubles(i.total) + " BYN"})
}

// instructions tells what has to be exactly right for the payment to be found (P3).
func instructions(s *sheet.Sheet, i Invoice, b Beneficiary) {
	s.Use(sheet.Bold, 11)
	s.Paragraph("Назначение платежа — перепишите без изменений:")
	s.Use(sheet.Bold, 12)
	s.Paragraph(b.Purpose(i.number))
	s.Space(4)
	s.Use(sheet.Regular, 10)
	s.Paragraph("Оплатить до " + i.due.In(order.Minsk()).Format("02.01.2006 15:04:05") + " (время минское). Деньги, пришедшие позже, заказ не оплачивают.")
	s.Paragraph("Платеж находит свой заказ, только когда совпадают три сведения: номер " + i.number.ClientBank() +
		" в назначении платежа, сумма " + roubles(i.total) + " BYN до копейки и УНП плательщика " + i.payer.UNP +
		". Номер отделяйте пробелами, вплотную к нему ничего не пишите.")
	s.Paragraph("Платит сама организация: перевод от другого лица к заказу не относится. Сертификаты изготавливаются после поступления денег.")
}

// grouped writes an IBAN in groups of four, as people compare it.
func grouped(iban string) string {
	var groups []string
	for len(iban) > 4 {
		groups, iban = append(groups, iban[:4]), iban[4:]
	}
	return strings.Join(append(groups, iban), " ")
}

// roubles writes an amount as Russian texts do: 1 086,40.
func roubles(k order.Kopecks) string {
	whole, kopecks, _ := strings.Cut(k.String(), ".")
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + " " + whole[at:]
	}
	return whole + "," + kopecks
}
