package e2e_test

import (
	"errors"
	"net/http"
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
	director := persons.Employ(persons.Invent(s.Holder(persons.Vera).Person, n), n)
	director.Head, director.Subject.Position = true, "Директор"
	w.director = w.settle(director)
	return w
}

func (w *world) caller(id string) *caller.Caller {
	token, err := w.stack.Issuer().Token(id)
	require.NoError(w.t, err)
	return &caller.Caller{Base: w.stack.URLs.API, Token: token, HTTP: w.http}
}

// person invents a person like the sample one of the kind; an employee works for the director.
func (w *world) person(kind order.Kind) persons.Person {
	like := persons.Vera
	switch kind {
	case order.KindIndividual:
		like = persons.Individual
	case order.KindSoleProprietor:
		like = persons.Proprietor
	case order.KindEmployee:
	}
	p := persons.Invent(w.stack.Holder(like).Person, serial.Add(1))
	if kind == order.KindEmployee {
		d := w.director.Subject
		p.Subject.Organisation, p.Subject.CommonName, p.Subject.UNP = d.Organisation, d.CommonName, d.UNP
	}
	return p
}

// settle gives a person a certificate, entries in the registers and a token.
func (w *world) settle(p persons.Person) *party {
	w.t.Helper()
	h, token, err := w.stack.Enrol(p)
	require.NoError(w.t, err)
	return &party{Holder: h, Caller: &caller.Caller{Base: w.stack.URLs.API, Token: token, HTTP: w.http}}
}

// employee is a new employee of the world's organisation.
func (w *world) employee() *party {
	w.t.Helper()
	return w.settle(w.person(order.KindEmployee))
}

// private is a new individual or sole proprietor.
func (w *world) private(kind order.Kind) *party {
	w.t.Helper()
	return w.settle(w.person(kind))
}

// upload is a good request file with the person's contacts.
func (w *world) upload(p *party, years int, change ...func(*order.Subject)) caller.Upload {
	w.t.Helper()
	file, err := p.Request(time.Now(), years, change...)
	require.NoError(w.t, err)
	return caller.Upload{File: file, Email: p.Subject.Email, Phone: p.Phone}
}

// problem is the problem document that a call was refused with.
func problem(t *testing.T, err error) *caller.Problem {
	t.Helper()
	var p *caller.Problem
	require.Truef(t, errors.As(err, &p), "want a problem document, got %v", err)
	return p
}
