package persons

import (
	"fmt"
	"strings"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Invent makes the n-th of any number (below nine million) of persons like a sample one, each with names, numbers and contacts of
// their own.
func Invent(like Person, n int64) Person {
	p := like
	p.ID, p.Phone = fmt.Sprintf("invented%d", n), fmt.Sprintf("+37529%07d", 1000000+n)
	p.Subject.Surname, p.Subject.PersonalNumber = "Пробный"+letters(n), personalNumber(n)
	p.Subject.Email = p.ID + "@example.by"
	if p.Kind == order.KindSoleProprietor {
		p.Subject.UNP = UNP(n)
	}
	return p
}

// Employ makes a person an employee of the n-th invented organisation.
func Employ(p Person, n int64) Person {
	name := fmt.Sprintf("Общество с ограниченной ответственностью \"Проба %d\"", n)
	p.Subject.Organisation, p.Subject.CommonName, p.Subject.UNP = name, name, UNP(n)
	return p
}

// UNP is the n-th invented taxpayer number: the first one after 500000000 and a distance that grows with n whose check digit fits.
func UNP(n int64) string {
	for candidate := 50000000 + n*7; ; candidate++ {
		for digit := range 10 {
			if number, err := order.ParseUNP(fmt.Sprintf("%d%d", candidate, digit)); err == nil {
				return string(number)
			}
		}
	}
}

// letters writes a number in Cyrillic letters, for surnames that differ.
func letters(n int64) string {
	return strings.Map(func(r rune) rune { return 'а' + r - '0' }, fmt.Sprint(n))
}

// personalNumber counts within a day of birth, and then on the same day of the next year.
func personalNumber(n int64) string {
	prefix := fmt.Sprintf("3%06dA%03dPB", 10180+n/1000, n%1000)
	for digit := range 10 {
		if number := order.PersonalNumber(fmt.Sprint(prefix, digit)); number.CheckDigitOK() {
			return string(number)
		}
	}
	panic("no check digit fits")
}
