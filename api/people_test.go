package api

import (
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

const (
	unp      = "190000018"
	otherUNP = "190000020"
)

// The bearer tokens of the tests, named after who carries them.
const (
	asEmployee   = "Bearer employee"
	asManager    = "Bearer manager"
	asIndividual = "Bearer individual"
	asStranger   = "Bearer stranger"
	asGateway    = "Bearer gateway"
	asOperator   = "Bearer operator"
)

// people are invented persons with certificates of an authority of the tests.
type people struct {
	trust  *path.Validator
	tokens tokens
}

// bossSubject is the invented head of the invented organisation.
func bossSubject() order.Subject {
	s := testca.SampleEmployee()
	s.Surname, s.GivenName, s.Patronymic, s.PersonalNumber = "Узорова", "Нина", "Павловна", "4020280A003PB0"
	s.Position, s.Email = "Директор", "nina@example.by"
	return s
}

// register is what the EGR says about the head.
func register() registers.Head {
	b := bossSubject()
	return registers.Head{
		UNP: unp, PersonalNumber: order.PersonalNumber(b.PersonalNumber), Surname: b.Surname, GivenName: b.GivenName, Patronymic: b.Patronymic,
	}
}

// everybody is made once: keys and certificates take time and never change.
var everybody = sync.OnceValues(makePeople)

func theirs(t testing.TB) people {
	t.Helper()
	p, err := everybody()
	require.NoError(t, err)
	return p
}

// maker issues certificates and remembers the first failure.
type maker struct {
	ca  *testca.CA
	now time.Time
	err error
}

func makePeople() (people, error) {
	now := time.Now()
	ca, err := testca.New(testca.Options{From: now.AddDate(-2, 0, 0)})
	if err != nil {
		return people{}, err
	}
	foreign, err := testca.New(testca.Options{From: now.AddDate(-2, 0, 0)})
	if err != nil {
		return people{}, err
	}
	m, strange := &maker{ca: ca, now: now}, &maker{ca: foreign, now: now}
	boss, employee, individual := bossSubject(), testca.SampleEmployee(), testca.SampleIndividual()
	card := employee
	card.PersonalNumber = "IDCBY-" + card.PersonalNumber
	elsewhere := boss
	elsewhere.UNP = otherUNP
	revoked := m.issue(testca.ProfileExtensions, boss, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0))
	p := people{tokens: tokens{
		asEmployee:                  m.caller(testca.ProfileExtensions, employee, auth.ScopeApplicant),
		asIndividual:                m.caller(testca.ProfileIndividual, individual, auth.ScopeApplicant),
		asManager:                   m.caller(testca.ProfileExtensions, boss, auth.ScopeManager, auth.ScopeApplicant),
		"Bearer manager-without":    m.with(m.caller(testca.ProfileExtensions, boss, auth.ScopeManager), ""),
		"Bearer manager-elsewhere":  m.with(m.caller(testca.ProfileExtensions, boss, auth.ScopeManager), otherUNP),
		"Bearer other-manager":      m.caller(testca.ProfileExtensions, elsewhere, auth.ScopeManager),
		"Bearer false-manager":      m.caller(testca.ProfileExtensions, employee, auth.ScopeManager),
		"Bearer expired-manager":    m.named(boss, m.issue(testca.ProfileExtensions, boss, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1)), auth.ScopeManager),
		"Bearer revoked-manager":    m.named(boss, revoked, auth.ScopeManager, auth.ScopeApplicant),
		"Bearer foreign-manager":    strange.caller(testca.ProfileExtensions, boss, auth.ScopeManager),
		"Bearer unreadable-manager": {Subject: "u", UNP: unp, Certificate: []byte("no certificate"), Scopes: []auth.Scope{auth.ScopeManager, auth.ScopeApplicant}},
		"Bearer idcard":             m.named(employee, m.issue(testca.ProfileIndividual, card, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)), auth.ScopeApplicant),
		"Bearer expired":            m.named(employee, m.issue(testca.ProfileExtensions, employee, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1)), auth.ScopeApplicant),
		asGateway:                   {Subject: "gateway", Scopes: []auth.Scope{auth.ScopeGateway}},
		asOperator:                  {Subject: "operator", Scopes: []auth.Scope{auth.ScopeOperator}},
	}}
	p.tokens["Bearer no-organisation"] = m.with(p.tokens[asEmployee], "")
	representative := p.tokens[asIndividual]
	representative.Representative = true
	p.tokens["Bearer representative"] = representative
	business := individual
	business.UNP = "AA0000050"
	p.tokens["Bearer proprietor"] = m.caller(testca.ProfileIndividual, business, auth.ScopeApplicant)
	// The kind of applicant is the certificate's, whatever the account (A1d).
	p.tokens["Bearer pretender"] = m.with(p.tokens[asIndividual], "AA0000050")
	stranger := p.tokens[asIndividual]
	stranger.Subject, stranger.PersonalNumber = "stranger", "3010190A009PB4"
	p.tokens[asStranger] = stranger
	p.trust = m.validator(revoked)
	return p, m.first(strange.err)
}

func (m *maker) issue(profile testca.Profile, s order.Subject, from, to time.Time) *pki.Certificate {
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	c, err := m.ca.Issue(profile, s, key.Public(), from, to)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	return c
}

func (m *maker) caller(profile testca.Profile, s order.Subject, scopes ...auth.Scope) auth.Caller {
	return m.named(s, m.issue(profile, s, m.now.AddDate(0, -1, 0), m.now.AddDate(1, 0, 0)), scopes...)
}

func (m *maker) named(s order.Subject, c *pki.Certificate, scopes ...auth.Scope) auth.Caller {
	return auth.Caller{
		Subject: "u-" + s.PersonalNumber[:3], PersonalNumber: order.PersonalNumber(s.PersonalNumber), Name: s.Surname + " " + s.GivenName,
		UNP: order.UNP(s.UNP), Certificate: c.Raw, Scopes: scopes,
	}
}

// with is the caller for another organisation.
func (m *maker) with(c auth.Caller, organisation order.UNP) auth.Caller {
	c.UNP = organisation
	return c
}

func (m *maker) validator(revoked *pki.Certificate) *path.Validator {
	trust := m.ca.Trust()
	root, err := m.ca.RootCRL(m.now.Add(-time.Hour))
	if m.first(err) != nil {
		return nil
	}
	issuing, err := m.ca.CRL(m.now.Add(-time.Hour), pki.Revoked{SerialNumber: revoked.SerialNumber, At: m.now.Add(-2 * time.Hour)})
	if m.first(err) != nil {
		return nil
	}
	trust.CRLs = append(trust.CRLs, root, issuing)
	return path.NewValidator(trust, path.Options{})
}

// first remembers the first failure.
func (m *maker) first(err error) error {
	if m.err == nil {
		m.err = err
	}
	return m.err
}
