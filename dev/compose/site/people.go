package site

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/dev/authority"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Party is a person who calls the API.
type Party struct {
	persons.Holder
	*caller.Caller
}

// NewIndividual is a new natural person.
func (s *Site) NewIndividual() (*Party, error) {
	s.serial++
	return s.settle(s.person(persons.Individual, s.serial))
}

// NewDirector is the head of a new organisation.
func (s *Site) NewDirector() (*Party, error) {
	s.serial++
	p := s.person(persons.Vera, s.serial)
	p.Head, p.Subject.Position, p.Subject.UNP = true, "Директор", unp(s.serial)
	p.Subject.Organisation = fmt.Sprintf("Общество с ограниченной ответственностью \"Проба %d\"", s.serial)
	p.Subject.CommonName = p.Subject.Organisation
	return s.settle(p)
}

// NewEmployee is a new employee of a director's organisation.
func (s *Site) NewEmployee(director *Party) (*Party, error) {
	s.serial++
	p := s.person(persons.Vera, s.serial)
	p.Subject.UNP, p.Subject.Organisation, p.Subject.CommonName = director.Subject.UNP, director.Subject.Organisation, director.Subject.CommonName
	return s.settle(p)
}

// person is like a sample person, and nobody else.
func (s *Site) person(like string, n int64) persons.Person {
	sample := persons.Sample(authority.Bign)
	p := sample[slices.IndexFunc(sample, func(p persons.Person) bool { return p.ID == like })]
	p.ID, p.Phone = fmt.Sprintf("party%d", n), fmt.Sprintf("+37529%07d", 1000000+n)
	p.Subject.Surname = "Пробный" + strings.Map(func(r rune) rune { return 'а' + r - '0' }, fmt.Sprint(n))
	p.Subject.PersonalNumber, p.Subject.Email = personalNumber(n), p.ID+"@example.by"
	return p
}

// settle gives a person a certificate, entries in the registers and a token.
func (s *Site) settle(p persons.Person) (*Party, error) {
	h, err := persons.Make(s.Authorities, time.Now(), p)
	if err != nil {
		return nil, err
	}
	data := persons.Entries([]persons.Person{p})
	for _, entry := range data.Persons {
		if err := s.Registers.PutPerson(entry); err != nil {
			return nil, err
		}
	}
	for _, entry := range data.Organisations {
		if p.Kind == order.KindEmployee && !p.Head {
			continue
		}
		if err := s.Registers.PutOrganisation(entry); err != nil {
			return nil, err
		}
	}
	s.Issuer.PutPerson(h.SignIn())
	token, err := s.Issuer.Token(p.ID)
	return &Party{Holder: h, Caller: &caller.Caller{Base: "https://" + APIHost, Token: token, HTTP: s.Client}}, err
}

func personalNumber(n int64) string {
	prefix := fmt.Sprintf("3%06dA%03dPB", 10190+n, n%1000)
	for digit := range 10 {
		if number := order.PersonalNumber(fmt.Sprint(prefix, digit)); number.CheckDigitOK() {
			return string(number)
		}
	}
	return ""
}

// unp finds a number from 500000000 that has a check digit; numbers of different n differ.
func unp(n int64) string {
	for candidate := 50000000 + n*7; ; candidate++ {
		for digit := range 10 {
			if number, err := order.ParseUNP(fmt.Sprintf("%d%d", candidate, digit)); err == nil {
				return string(number)
			}
		}
	}
}
