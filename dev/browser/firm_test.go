package browser_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/dev/browser"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/gateways"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
)

// serial makes persons and organisations that differ.
var serial atomic.Int64

// firm is an organisation nobody else knows, with its head and employees.
func firm(t *testing.T, s *stack.Stack, size int) (boss persons.Holder, staff []persons.Holder) {
	t.Helper()
	n := serial.Add(1)
	enrol := func(p persons.Person) persons.Holder {
		h, _, err := s.Enrol(p)
		require.NoError(t, err)
		s.Issuer().PutPerson(h.SignIn())
		return h
	}
	invent := func() persons.Person {
		return persons.Employ(persons.Invent(s.Holder(persons.Vera).Person, serial.Add(1)), n)
	}
	head := invent()
	head.Head, head.Subject.Position = true, "Директор"
	boss = enrol(head)
	for range size {
		staff = append(staff, enrol(invent()))
	}
	return boss, staff
}

// ordered takes an employee's order to where it waits for the manager.
func ordered(t *testing.T, s *stack.Stack, h persons.Holder) {
	t.Helper()
	token, err := s.Issuer().Token(h.ID)
	require.NoError(t, err)
	c := &caller.Caller{Base: s.URLs.API, Token: token}
	o, err := c.Open(t.Context(), h.Service())
	require.NoError(t, err)
	o, err = c.AcceptTerms(t.Context(), o.ID)
	require.NoError(t, err)
	file, err := h.Request(time.Now(), 2)
	require.NoError(t, err)
	o, _, err = c.Submit(t.Context(), o.ID, caller.Upload{File: file, Email: h.Subject.Email, Phone: h.Phone})
	require.NoError(t, err)
	_, err = c.Await(t.Context(), o.ID, "awaiting-approval")
	require.NoError(t, err)
}

// credited pays from the account of an organisation what a page asks for.
func credited(t *testing.T, s *stack.Stack, unp, amount, purpose string) {
	t.Helper()
	_, err := s.Gateways().AddCredit(gateways.Credit{PayerUNP: unp, Amount: amount, Purpose: purpose})
	require.NoError(t, err)
	answers, err := s.Gateways().UploadStatement(t.Context(), gateways.StatementText, gateways.Faults{})
	require.NoError(t, err)
	require.NotEmpty(t, answers)
}

// cell is the value beside a key of a summary list.
func (p *person) cell(key string) string {
	p.t.Helper()
	text, err := browser.Read[string](p.tab, "[...document.querySelectorAll('dt')].find((e) => e.textContent.trim() === "+quoted(p.texts.T(key))+").nextElementSibling.textContent.trim()")
	require.NoError(p.t, err)
	return text
}

// kopecks is a sum as people write it, as the bank wants it.
func kopecks(text string) string {
	return strings.Replace(strings.Fields(strings.ReplaceAll(text, "\u00a0", " "))[0], ",", ".", 1)
}
