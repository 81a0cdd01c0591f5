package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// world is a test's view of a stack: an organisation of its own with persons nobody else knows, so that tests do not meet (A6).
type world struct {
	t     *testing.T
	stack *stack.Stack
	http  *http.Client

	director          *party
	operator, gateway *caller.Caller
}

// party is a person who calls the API.
type party struct {
	persons.Holder
	*caller.Caller
}

// serial makes persons and organisations that differ.
var serial atomic.Int64

func newWorld(t *testing.T, s *stack.Stack) *world {
	t.Helper()
	document, err := loadContract()
	require.NoError(t, err)
	w := &world{t: t, stack: s, http: &http.Client{Transport: &caller.Checked{Contract: document, Covered: &all.covered,
		Violation: func(err error) { t.Errorf("contract: %v", err) }}}}
	w.operator, w.gateway = w.caller(persons.Operator), w.caller(persons.Gateway)
	n := serial.Add(1)
	director := w.person(n, order.KindEmployee, fmt.Sprintf("Общество с ограниченной ответственностью \"Проба %d\"", n), unp(n))
	director.Head, director.Subject.Position = true, "Директор"
	w.director = w.settle(director)
	return w
}

func (w *world) caller(id string) *caller.Caller {
	token, err := w.stack.Issuer().Token(id)
	require.NoError(w.t, err)
	return &caller.Caller{Base: w.stack.URLs.API, Token: token, HTTP: w.http}
}

// person invents a person; kinds and profiles are those of a sample person.
func (w *world) person(n int64, kind order.Kind, organisation, number string) persons.Person {
	like := persons.Vera
	switch kind {
	case order.KindIndividual:
		like = persons.Individual
	case order.KindSoleProprietor:
		like = persons.Proprietor
	case order.KindEmployee:
	}
	p := w.stack.Holder(like).Person
	p.ID, p.Phone = fmt.Sprintf("test%d", n), fmt.Sprintf("+37529%07d", 1000000+n)
	p.Subject.Surname, p.Subject.PersonalNumber = "Пробный"+letters(n), personalNumber(n)
	p.Subject.Email = p.ID + "@example.by"
	if kind == order.KindEmployee {
		p.Subject.Organisation, p.Subject.CommonName = organisation, organisation
	}
	if kind != order.KindIndividual {
		p.Subject.UNP = number
	}
	return p
}

// settle gives a person a certificate, entries in the registers and a token.
func (w *world) settle(p persons.Person) *party {
	w.t.Helper()
	h, err := persons.Make(w.stack.Authorities(), time.Now(), p)
	require.NoError(w.t, err)
	data := persons.Entries([]persons.Person{p})
	for _, entry := range data.Persons {
		require.NoError(w.t, w.stack.Registers().PutPerson(entry))
	}
	for _, entry := range data.Organisations {
		if p.Kind == order.KindEmployee && !p.Head {
			continue
		}
		require.NoError(w.t, w.stack.Registers().PutOrganisation(entry))
	}
	w.stack.Issuer().PutPerson(h.SignIn())
	return &party{Holder: h, Caller: w.caller(p.ID)}
}

// employee is a new employee of the world's organisation.
func (w *world) employee() *party {
	w.t.Helper()
	s := w.director.Subject
	p := w.person(serial.Add(1), order.KindEmployee, s.Organisation, s.UNP)
	return w.settle(p)
}

// private is a new individual or sole proprietor.
func (w *world) private(kind order.Kind) *party {
	w.t.Helper()
	n := serial.Add(1)
	return w.settle(w.person(n, kind, "", unp(n)))
}

// upload is a good request file with the person's contacts.
func (w *world) upload(p *party, years int, change ...func(*order.Subject)) caller.Upload {
	w.t.Helper()
	file, err := p.Request(time.Now(), years, change...)
	require.NoError(w.t, err)
	return caller.Upload{File: file, Email: p.Subject.Email, Phone: p.Phone}
}

// letters writes a number in Cyrillic letters, for surnames that differ.
func letters(n int64) string {
	return strings.Map(func(r rune) rune { return 'а' + r - '0' }, fmt.Sprint(n))
}

func personalNumber(n int64) string {
	prefix := fmt.Sprintf("3%06dA%03dPB", 10190+n, n%1000)
	for digit := range 10 {
		if number := order.PersonalNumber(fmt.Sprint(prefix, digit)); number.CheckDigitOK() {
			return string(number)
		}
	}
	panic("no check digit fits")
}

// unp finds the n-th number from 500000000 that has a check digit.
func unp(n int64) string {
	for candidate := 50000000 + n*7; ; candidate++ {
		for digit := range 10 {
			if number, err := order.ParseUNP(fmt.Sprintf("%d%d", candidate, digit)); err == nil {
				return string(number)
			}
		}
	}
}

// problem is the problem document that a call was refused with.
func problem(t *testing.T, err error) *caller.Problem {
	t.Helper()
	var p *caller.Problem
	require.Truef(t, errors.As(err, &p), "want a problem document, got %v", err)
	return p
}
