package api

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
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
	// asColleague is another employee of the organisation.
	asColleague = "Bearer colleague"
	asGateway   = "Bearer gateway"
	asOperator  = "Bearer operator"
	// asClient and asOtherClient are programs, asTheirs one of an organisation.
	asClient      = "Bearer client"
	asOtherClient = "Bearer other-client"
	asTheirs      = "Bearer client-of-organisation"
)

// people are invented persons with certificates of an authority of the tests.
type people struct {
	trust  *path.Validator
	tokens tokens
	// ca is the trusted authority, for certificates that only one test needs.
	ca *testca.CA
	// keys are those of the certificates, by the certificates' DER.
	keys map[string]crypto.Signer
	// agent speaks STB 34.101.78 for the CA.
	agent bpki.Holder
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
var everybody = sync.OnceValues(func() (people, error) { return peopleAt(time.Now()) })

func theirs(t testing.TB) people {
	t.Helper()
	p, err := everybody()
	require.NoError(t, err)
	return p
}

// maker issues certificates and remembers the first failure.
type maker struct {
	ca   *testca.CA
	now  time.Time
	keys map[string]crypto.Signer
	err  error
}

// peopleAt are the people with certificates that are good around an instant.
func peopleAt(now time.Time) (people, error) {
	ca, err := testca.New(testca.Options{From: now.AddDate(-2, 0, 0)})
	if err != nil {
		return people{}, err
	}
	foreign, err := testca.New(testca.Options{From: now.AddDate(-2, 0, 0)})
	if err != nil {
		return people{}, err
	}
	keys := map[string]crypto.Signer{}
	m, strange := &maker{ca: ca, now: now, keys: keys}, &maker{ca: foreign, now: now, keys: keys}
	boss, employee, individual := bossSubject(), testca.SampleEmployee(), testca.SampleIndividual()
	card := employee
	card.PersonalNumber = "IDCBY-" + card.PersonalNumber
	elsewhere := boss
	elsewhere.UNP = otherUNP
	revoked := m.issue(testca.ProfileExtensions, boss, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0))
	revokedEmployee := m.issue(testca.ProfileExtensions, employee, now.AddDate(0, -2, 0), now.AddDate(1, 0, 0))
	p := people{ca: ca, keys: keys, agent: m.agent(), tokens: tokens{
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
		"Bearer early":              m.named(individual, m.issue(testca.ProfileIndividual, individual, now.AddDate(0, 0, 1), now.AddDate(1, 0, 0)), auth.ScopeApplicant),
		"Bearer expired":            m.named(employee, m.issue(testca.ProfileExtensions, employee, now.AddDate(-1, 0, 0), now.AddDate(0, 0, -1)), auth.ScopeApplicant),
		asGateway:                   {Subject: "gateway", Scopes: []auth.Scope{auth.ScopeGateway}},
		asOperator:                  {Subject: "operator", Scopes: []auth.Scope{auth.ScopeOperator}},
		asClient:                    {Subject: "client", Scopes: []auth.Scope{auth.ScopeEvents, auth.ScopeWebhooks}},
		asOtherClient:               {Subject: "other-client", Scopes: []auth.Scope{auth.ScopeEvents, auth.ScopeWebhooks}},
		asTheirs:                    {Subject: "client", UNP: unp, Scopes: []auth.Scope{auth.ScopeEvents, auth.ScopeWebhooks}},
	}}
	p.tokens["Bearer no-organisation"] = m.with(p.tokens[asEmployee], "")
	representative := p.tokens[asIndividual]
	representative.Representative = true
	p.tokens["Bearer representative"] = representative
	deputy := p.tokens[asManager]
	deputy.Representative = true
	p.tokens["Bearer deputy"] = deputy
	proprietor := testca.SampleIndividual()
	proprietor.UNP, proprietor.PersonalNumber = "AA0000017", "3010190A003PB8"
	p.tokens["Bearer proprietor"] = m.caller(testca.ProfileName, proprietor, auth.ScopeApplicant)
	p.tokens["Bearer pretender"] = m.with(p.tokens[asIndividual], "AA0000017")
	abroad := testca.SampleIndividual()
	abroad.Country = "PL"
	p.tokens["Bearer abroad"] = m.caller(testca.ProfileIndividual, abroad, auth.ScopeApplicant)
	stranger := testca.SampleIndividual()
	stranger.Surname, stranger.PersonalNumber = "Чужой", "3010190A009PB4"
	p.tokens[asStranger] = m.caller(testca.ProfileIndividual, stranger, auth.ScopeApplicant)
	colleague := testca.SampleEmployee()
	colleague.Surname, colleague.PersonalNumber = "Соседова", "4010190A004PB3"
	p.tokens[asColleague] = m.caller(testca.ProfileExtensions, colleague, auth.ScopeApplicant)
	// Of the head's name, with another number, on a certificate that names no organisation.
	namesake := boss
	namesake.PersonalNumber, namesake.UNP = "4020280A007PB2", ""
	p.tokens["Bearer namesake"] = m.with(m.caller(testca.ProfileIndividual, namesake, auth.ScopeManager), unp)
	borrowed := p.tokens[asIndividual]
	borrowed.Certificate = p.tokens[asStranger].Certificate
	p.tokens["Bearer borrowed-certificate"] = borrowed
	authority := p.tokens[asIndividual]
	authority.Certificate = ca.Issuing.Certificate.Raw
	p.tokens["Bearer ca-certificate"] = authority
	for name, der := range map[string][]byte{
		"foreign-employee":    strange.issue(testca.ProfileExtensions, employee, now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)).Raw,
		"early-employee":      m.issue(testca.ProfileExtensions, employee, now.AddDate(0, 0, 1), now.AddDate(1, 0, 0)).Raw,
		"borrowed-employee":   p.tokens[asColleague].Certificate,
		"ca-employee":         ca.Issuing.Certificate.Raw,
		"server-employee":     m.forServers(employee).Raw,
		"unreadable-employee": []byte("no certificate"),
		"revoked-employee":    revokedEmployee.Raw,
	} {
		caller := p.tokens[asEmployee]
		caller.Certificate = der
		p.tokens["Bearer "+name] = caller
	}
	p.tokens["Bearer employee-elsewhere"] = m.with(p.tokens[asEmployee], otherUNP)
	p.trust = m.validator(revoked, revokedEmployee)
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
	m.keys[string(c.Raw)] = key
	return c
}

// agent is an agent of the CA.
func (m *maker) agent() bpki.Holder {
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	if m.first(err) != nil {
		return bpki.Holder{}
	}
	c, err := m.ca.IssueAgent(key.Public(), m.now.AddDate(0, -1, 0), m.now.AddDate(1, 0, 0))
	if m.first(err) != nil {
		return bpki.Holder{}
	}
	light, err := bpki.ParseCertificate(c.Raw)
	if m.first(err) != nil {
		return bpki.Holder{}
	}
	return bpki.Holder{Certificate: light, Key: key}
}

func (m *maker) caller(profile testca.Profile, s order.Subject, scopes ...auth.Scope) auth.Caller {
	return m.named(s, m.issue(profile, s, m.now.AddDate(0, -1, 0), m.now.AddDate(1, 0, 0)), scopes...)
}

func (m *maker) named(s order.Subject, c *pki.Certificate, scopes ...auth.Scope) auth.Caller {
	return auth.Caller{
		Subject: "u-" + s.PersonalNumber, PersonalNumber: order.PersonalNumber(s.PersonalNumber), Name: s.Surname + " " + s.GivenName,
		UNP: order.UNP(s.UNP), Certificate: c.Raw, Scopes: scopes,
	}
}

// with is the caller for another organisation.
func (m *maker) with(c auth.Caller, organisation order.UNP) auth.Caller {
	c.UNP = organisation
	return c
}

// forServers is a certificate of the person that is for TLS servers only.
func (m *maker) forServers(s order.Subject) *pki.Certificate {
	name, err := testca.ProfileExtensions.Name(s)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	extensions, err := testca.ProfileExtensions.Extensions(s)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	authority := m.ca.Issuing
	tbs, err := pki.BuildTBS(pki.Template{
		SerialNumber: big.NewInt(4242), Subject: name, NotBefore: m.now.AddDate(0, -1, 0), NotAfter: m.now.AddDate(1, 0, 0),
		PublicKey: key.Public(), Extensions: append(extensions,
			pki.AuthorityKeyIDExtension(authority.Certificate.SubjectKeyID), pki.KeyUsageExtension(x509.KeyUsageDigitalSignature),
			pki.ExtKeyUsageExtension(pki.OID{1, 3, 6, 1, 5, 5, 7, 3, 1})),
	}, pki.IssuerOf(authority.Certificate))
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	algorithm, signature, err := alg.Sign(authority.Key, tbs)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	der, err := pki.Assemble(tbs, algorithm, signature)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	c, err := pki.ParseCertificate(der)
	if m.first(err) != nil {
		return &pki.Certificate{}
	}
	m.keys[string(c.Raw)] = key
	return c
}

func (m *maker) validator(revoked ...*pki.Certificate) *path.Validator {
	trust := m.ca.Trust()
	root, err := m.ca.RootCRL(m.now.Add(-time.Hour))
	if m.first(err) != nil {
		return nil
	}
	var list []pki.Revoked
	for _, c := range revoked {
		list = append(list, pki.Revoked{SerialNumber: c.SerialNumber, At: m.now.Add(-2 * time.Hour)})
	}
	issuing, err := m.ca.CRL(m.now.Add(-time.Hour), list...)
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
