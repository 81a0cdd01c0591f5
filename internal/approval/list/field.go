package list

import (
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/wording"
)

// field is one line of a list: the element that bears it, what people call it,
// how its value is written and read. An empty value is left out.
type field[T any] struct {
	element, label string
	// digest tells that the value is for machines to compare.
	digest bool
	write  func(*T) string
	// read is nil for what follows from the rest.
	read func(*T, string) error
}

var listFields = []field[List]{
	{"Номер", "Номер перечня", false, func(l *List) string { return number(l.Number) }, func(l *List, s string) error { return readNumber(&l.Number, s) }},
	{"Составлен", "Составлен", false, func(l *List) string { return l.MadeAt.In(order.Minsk()).Format(moment) }, func(l *List, s string) error { return readMoment(&l.MadeAt, s) }},
	{"Организация", "Организация", false, func(l *List) string { return l.Organisation }, func(l *List, s string) error { return keep(&l.Organisation, s) }},
	{"УНП", "УНП", false, func(l *List) string { return l.UNP }, func(l *List, s string) error { return keep(&l.UNP, s) }},
	{"Руководитель", "Руководитель", false, func(l *List) string { return l.Head }, func(l *List, s string) error { return keep(&l.Head, s) }},
	{"ЛичныйНомерРуководителя", "Личный номер руководителя", false, func(l *List) string { return l.HeadNumber }, func(l *List, s string) error { return keep(&l.HeadNumber, s) }},
	{"Заказов", "Заказов", false, func(l *List) string { return strconv.Itoa(len(l.Entries)) }, nil},
	{"Итого", "Итого", false, func(l *List) string { return sum(l.Total()) }, nil},
}

var entryFields = []field[Entry]{
	{"Номер", "Номер заказа", false, func(e *Entry) string { return number(e.Number) }, func(e *Entry, s string) error { return readNumber(&e.Number, s) }},
	{"Фамилия", "Фамилия", false, func(e *Entry) string { return e.Surname }, func(e *Entry, s string) error { return keep(&e.Surname, s) }},
	{"Имя", "Собственное имя", false, func(e *Entry) string { return e.GivenName }, func(e *Entry, s string) error { return keep(&e.GivenName, s) }},
	{"Отчество", "Отчество", false, func(e *Entry) string { return e.Patronymic }, func(e *Entry, s string) error { return keep(&e.Patronymic, s) }},
	{"ЛичныйНомер", "Личный номер", false, func(e *Entry) string { return e.PersonalNumber }, func(e *Entry, s string) error { return keep(&e.PersonalNumber, s) }},
	{"Должность", "Место работы и должность", false, func(e *Entry) string { return e.Position }, func(e *Entry, s string) error { return keep(&e.Position, s) }},
	{"НоваяДолжность", "Новое место работы и должность", false, func(e *Entry) string { return e.NewPosition }, func(e *Entry, s string) error { return keep(&e.NewPosition, s) }},
	{"Срок", "Срок действия сертификата", false, func(e *Entry) string { return term(e.Years) }, func(e *Entry, s string) error { return readTerm(&e.Years, s) }},
	{"Стоимость", "Стоимость", false, func(e *Entry) string { return sum(e.Price) }, func(e *Entry, s string) error { return readSum(&e.Price, s) }},
	{"ФайлЗапроса", "Файл запроса", true, func(e *Entry) string { return sha256 + e.Request }, func(e *Entry, s string) error { return readDigest(&e.Request, sha256, s) }},
	{"ОткрытыйКлюч", "Открытый ключ", true, func(e *Entry) string { return sha256 + e.KeyID }, func(e *Entry, s string) error { return readDigest(&e.KeyID, sha256, s) }},
	{"ПроверкаЗапроса", "Проверка запроса", true, func(e *Entry) string { return passed + e.Checked }, func(e *Entry, s string) error { return readDigest(&e.Checked, passed, s) }},
	{"СверкаСРеестрами", "Сверка с реестрами", true, func(e *Entry) string { return passed + e.Registers }, func(e *Entry, s string) error { return readDigest(&e.Registers, passed, s) }},
}

const (
	// moment is a date with its zone.
	moment = "02.01.2006 15:04:05 -07:00"
	sha256 = "SHA-256 "
	passed = "пройдена, отчёт SHA-256 "
	byn    = " BYN"
)

var errValue = errors.New("a value that no list has")

func keep(to *string, s string) error { *to = s; return nil }

// number leaves out what is not there.
func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}

func readNumber(to *int64, s string) (err error) {
	*to, err = strconv.ParseInt(s, 10, 64)
	return err
}

func readMoment(to *time.Time, s string) error {
	at, err := time.Parse(moment, s)
	*to = at.In(order.Minsk())
	return err
}

func sum(k order.Kopecks) string { return k.Grouped() + byn }

func readSum(to *order.Kopecks, s string) (err error) {
	amount, found := strings.CutSuffix(s, byn)
	if !found {
		return errValue
	}
	*to, err = order.ParseKopecks(strings.ReplaceAll(amount, "\u00a0", ""))
	return err
}

func term(years int) string { return wording.Years.Count("ru", years) }

func readTerm(to *int, s string) (err error) {
	years, _, _ := strings.Cut(s, " ")
	*to, err = strconv.Atoi(years)
	return err
}

func readDigest(to *string, prefix, s string) error {
	digest, found := strings.CutPrefix(s, prefix)
	if *to = digest; !found || !isDigest(digest) {
		return errValue
	}
	return nil
}

func isDigest(s string) bool {
	octets, err := hex.DecodeString(s)
	return err == nil && len(octets) == 32 && strings.ToLower(s) == s
}
