package invoice

import (
	"strconv"
	"strings"

	"github.com/signintech/gopdf"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// PDF writes the invoice for a bank transfer, in Russian, on A4. The same
// invoice always gives the same text.
func PDF(i Invoice, b Beneficiary) ([]byte, error) {
	number := i.number.ClientBank()
	s := newSheet(gopdf.PdfInfo{Title: "Счет " + number, CreationDate: i.issuedAt})
	s.use(bold, 16)
	s.paragraph("Счет на оплату № " + number)
	s.use(regular, 10)
	s.paragraph("от " + i.issuedAt.In(order.Minsk()).Format("02.01.2006"))
	s.space(8)
	parties(s, i, b)
	s.space(8)
	positions(s, i)
	s.space(10)
	instructions(s, i, b)
	return s.bytes()
}

// parties writes who is paid and who pays.
func parties(s *sheet, i Invoice, b Beneficiary) {
	details := [][2]string{
		{"Получатель", b.d.Name}, {"УНП получателя", b.d.UNP}, {"Счет (IBAN)", grouped(b.d.IBAN)},
		{"Банк получателя", b.d.Bank}, {"БИК", b.d.BIC},
	}
	if b.d.PurposeCode != "" {
		details = append(details, [2]string{"Код назначения платежа", b.d.PurposeCode})
	}
	details = append(details, [2]string{"Плательщик", i.payer.Name}, [2]string{"УНП плательщика", i.payer.UNP})
	columns := []column{{left: pageLeft - cellGap, right: 190}, {left: 190, right: pageRight}}
	for _, d := range details {
		s.row(columns, []string{d[0] + ":", d[1]})
	}
}

// positions writes the table of lines with its total.
func positions(s *sheet, i Invoice) {
	columns := []column{
		{left: pageLeft, right: 80}, {left: 80, right: 335}, {left: 335, right: 385, alignRight: true},
		{left: 385, right: 465, alignRight: true}, {left: 465, right: pageRight, alignRight: true},
	}
	s.use(bold, 10)
	s.rule()
	s.row(columns, []string{"№", "Наименование", "Кол-во", "Цена, BYN", "Сумма, BYN"})
	s.rule()
	s.use(regular, 10)
	for n, l := range i.lines {
		s.row(columns, []string{strconv.Itoa(n + 1), l.Title, strconv.Itoa(l.Quantity), roubles(l.Price), roubles(l.Sum())})
	}
	s.rule()
	s.use(bold, 11)
	s.row([]column{{left: pageLeft, right: 385}, {left: 385, right: pageRight, alignRight: true}},
		[]string{"Всего к оплате", roubles(i.total) + " BYN"})
}

// instructions tells what has to be exactly right for the payment to be found (P3).
func instructions(s *sheet, i Invoice, b Beneficiary) {
	s.use(bold, 11)
	s.paragraph("Назначение платежа — перепишите без изменений:")
	s.use(bold, 12)
	s.paragraph(b.Purpose(i.number))
	s.space(4)
	s.use(regular, 10)
	s.paragraph("Оплатить до " + i.due.In(order.Minsk()).Format("02.01.2006 15:04:05") + " (время минское). Деньги, пришедшие позже, заказ не оплачивают.")
	s.paragraph("Платеж находит свой заказ, только когда совпадают три сведения: номер " + i.number.ClientBank() +
		" в назначении платежа, сумма " + roubles(i.total) + " BYN до копейки и УНП плательщика " + i.payer.UNP +
		". Номер отделяйте пробелами, вплотную к нему ничего не пишите.")
	s.paragraph("Платит сама организация: перевод от другого лица к заказу не относится. Сертификаты изготавливаются после поступления денег.")
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
