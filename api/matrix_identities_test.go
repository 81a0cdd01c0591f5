package api

import (
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// identity is who tries every route.
type identity struct {
	name, token string
	may         policy
	// egr is what the EGR says about the head; nil for the head of E's organisation.
	egr *registers.Head
}

// withoutPerson are those whom no token names.
func withoutPerson(p *portal, c *cast) []identity {
	e := c.is(asEmployee)
	none, bad := locked(web.ProblemUnauthenticated), locked(web.ProblemToken)
	claims := p.claims(e)
	return []identity{
		{name: "nobody", may: none},
		{name: "another scheme", token: "Basic dTpw", may: none},
		{name: "a scheme without token", token: "Bearer ", may: none},
		{name: "a broken token", token: "Bearer unknown", may: bad},
		{name: "a token cut off", token: p.token(e)[:len(p.token(e))-20], may: bad},
		{name: "a token of 20 KiB", token: p.changed(e, "padding", string(make([]byte, 20<<10))), may: bad},
		{name: "an expired token", token: p.changed(e, "exp", c.now.Add(-time.Hour).Unix()), may: bad},
		{name: "a token not valid yet", token: p.changed(e, "nbf", c.now.Add(time.Hour).Unix()), may: bad},
		{name: "a token of another issuer", token: p.changed(e, "iss", "https://issuer.example.by"), may: bad},
		{name: "a token for another audience", token: p.changed(e, "aud", "another-service"), may: bad},
		{name: "an unsigned token", token: p.unsigned(e), may: bad},
		{name: "a token signed by another key", token: p.signedBy(newPortalKey(p.t), jose.ES256, claims), may: bad},
		{name: "a token signed with the public key as secret", token: p.confused(e), may: bad},
		{name: "a token with the content of another", token: p.altered(c.is(asStranger), e), may: bad},
		{name: "a token without issuer", token: p.changed(e, "iss", nil), may: bad},
		{name: "a token without audience", token: p.changed(e, "aud", nil), may: bad},
		{name: "a token without subject", token: p.changed(e, "sub", nil), may: bad},
		{name: "a token without end", token: p.changed(e, "exp", nil), may: bad},
		{name: "a token without personal number", token: p.changed(e, "personal_number", nil), may: bad},
		{name: "a token with a personal number that is none", token: p.changed(e, "personal_number", "1"), may: bad},
		{name: "a token with a number for a name", token: p.changed(e, "name", 7), may: bad},
		{name: "a token without certificate", token: p.changed(e, "certificate", nil), may: bad},
		{name: "a token with bytes for a certificate", token: p.changed(e, "certificate", "AAAA"), may: bad},
		{name: "a token with a UNP that is none", token: p.changed(e, "unp", "1"), may: bad},
		{name: "a token without scope", token: p.changed(e, "scope", nil), may: locked(web.ProblemForbidden)},
		{name: "a token with scopes that nobody has", token: p.changed(e, "scope", "admin * Applicant"), may: locked(web.ProblemForbidden)},
	}
}

// services are the gateway and the operators, and persons with their scopes.
func services(p *portal, c *cast) []identity {
	forbidden := locked(web.ProblemForbidden)
	machine := func(name string, scopes ...auth.Scope) string {
		return p.token(auth.Caller{Subject: name, Scopes: scopes})
	}
	return []identity{
		{name: "a gateway", token: machine("gateway", auth.ScopeGateway), may: forbidden.but(letIn, notify)},
		{name: "an operator", token: machine("operator", auth.ScopeOperator), may: forbidden.but(letIn, ledger)},
		{name: "both in one", token: machine("both", auth.ScopeGateway, auth.ScopeOperator), may: forbidden.but(letIn, notify, ledger)},
		{name: "an operator who calls himself an applicant", token: machine("operator", auth.ScopeOperator, auth.ScopeApplicant), may: locked(web.ProblemToken)},
		{name: "an employee who is an operator", token: p.token(c.is(asEmployee, auth.ScopeOperator)), may: forbidden.but(letIn, ledger)},
		{name: "an employee who is an operator too", token: p.token(c.is(asEmployee, auth.ScopeOperator, auth.ScopeApplicant)), may: ownerE().but(letIn, ledger)},
		{name: "a gateway with the head's certificate", token: p.token(c.is(asManager, auth.ScopeGateway)), may: forbidden.but(letIn, notify)},
		{
			name: "an employee with every scope", may: ownerE().asHead(web.ProblemNotManager).but(letIn, notify, ledger).program(),
			token: p.token(c.is(asEmployee, auth.ScopeApplicant, auth.ScopeManager, auth.ScopeGateway, auth.ScopeOperator, auth.ScopeEvents, auth.ScopeWebhooks)),
		},
	}
}

// employees have E's token, or would like to have it.
func employees(p *portal, c *cast) []identity {
	e, s := c.is(asEmployee), testca.SampleEmployee()
	moved := s
	moved.UNP = otherUNP
	named := func(certificate []byte) string { return p.token(c.holding(e, certificate)) }
	notInForce, notForSigning := readerE(web.ProblemNotInForce), readerE(web.ProblemNotForSigning)
	card := ownerE().but(web.ProblemIDCard, writeE).but(web.ProblemIDCard, opening...)
	strangers := anApplicant().but(web.ProblemOrganisationMissing, openEmployee, activate).but(web.ProblemOrderEmployee, openIndividual)
	return []identity{
		{name: "the employee", token: p.token(e), may: ownerE()},
		{name: "the employee, renewed", token: named(c.renewed(s)), may: ownerE()},
		{name: "the employee without a name in the token", token: p.changed(e, "name", nil), may: ownerE()},
		{name: "the employee for several audiences", token: p.changed(e, "aud", []string{"another", portalAudience}), may: ownerE()},
		{name: "the employee under another account", token: p.changed(e, "sub", "another-account"), may: ownerE()},
		{name: "a colleague", token: p.token(c.is(asColleague)), may: anEmployee()},
		{
			name: "the employee at another organisation", may: anEmployee(),
			token: p.token(c.elsewhere(c.holding(e, c.renewed(moved)), otherUNP)),
		},
		{name: "the employee for no organisation", token: p.changed(e, "unp", nil), may: strangers},
		{name: "the employee for an organisation not theirs", token: p.token(c.elsewhere(e, otherUNP)), may: strangers},
		{name: "the employee with a certificate of another organisation", token: named(c.renewed(moved)),
			may: readerE(web.ProblemOrganisationMissing).but(web.ProblemOrderEmployee, openIndividual)},
		{name: "the employee with a colleague's certificate", token: named(c.is(asColleague).Certificate),
			may: readerE(web.ProblemOtherPerson).but(web.ProblemOrderEmployee, openIndividual)},
		{name: "a colleague with the employee's certificate", token: p.token(c.holding(c.is(asColleague), e.Certificate)),
			may: anEmployee().but(web.ProblemOtherPerson, openEmployee, activate)},
		{name: "the employee on an ID card", token: named(c.card(natural(s))), may: card.but(web.ProblemOrganisationMissing, activate)},
		{name: "the employee, expired", token: named(c.expired(s)), may: notInForce},
		{name: "the employee, too early", token: named(c.early(s)), may: readerE(web.ProblemNotBegun)},
		{name: "the employee, revoked", token: p.token(c.is("Bearer revoked-employee")), may: notInForce},
		{name: "the employee of another chain", token: named(c.untrusted(s)), may: notInForce},
		{name: "the employee, self-signed", token: named(c.selfSigned(s)), may: notInForce},
		{name: "the employee, signed by a colleague", token: named(c.underLeaf(s)), may: notInForce},
		{name: "the employee under the name of our authority", token: named(c.forged(s)), may: notInForce},
		{name: "the employee with a sequence for a certificate", token: named([]byte{0x30, 0x03, 0x02, 0x01, 0x07}), may: notInForce},
		{name: "the employee with the certificate of the authority", token: named(c.ofAuthority()), may: notForSigning},
		{name: "the employee with a certificate for encryption", token: named(c.forEncryption(s)), may: notForSigning},
		{name: "the employee with a certificate for servers", token: named(c.forTLS(s)), may: notForSigning},
		// A3 is about 6.0.00: who acts for an organisation acts for somebody else by profession.
		{name: "the employee as a representative", token: p.token(c.representing(e)),
			may: ownerE().but(web.ProblemRepresentative, openIndividual)},
	}
}

// individuals are private persons and sole proprietors.
func individuals(p *portal, c *cast) []identity {
	i, s, proprietor := c.is(asIndividual), testca.SampleIndividual(), c.is("Bearer proprietor")
	day := c.now.AddDate(0, 0, -1)
	unknown := s
	unknown.UNP, unknown.PersonalNumber = "AA0000032", "3010190A003PB8"
	private := s
	private.PersonalNumber = "3010190A003PB8"
	return []identity{
		{name: "the individual", token: p.token(i), may: ownerI()},
		{name: "the individual, renewed", token: p.token(c.holding(i, c.certificate(testca.ProfileIndividual, s, day))), may: ownerI()},
		{name: "another individual", token: p.token(c.is(asStranger)), may: anIndividual()},
		{name: "the individual as a representative", token: p.token(c.representing(i)),
			may: ownerI().but(web.ProblemRepresentative, writeI, openIndividual, activate)},
		{name: "the individual on an ID card", token: p.token(c.holding(i, c.card(natural(s)))),
			may: ownerI().but(web.ProblemIDCard, writeI).but(web.ProblemIDCard, opening...)},
		{name: "the individual, expired", token: p.token(c.holding(i, c.certificate(testca.ProfileIndividual, s, c.now.AddDate(-1, 0, -1)))),
			may: readerI(web.ProblemNotInForce)},
		{name: "the individual with another's certificate", token: p.token(c.is("Bearer borrowed-certificate")),
			may: readerI(web.ProblemOtherPerson).but(web.ProblemOrderIndividual, openEmployee)},
		{name: "the individual who calls himself a proprietor", token: p.token(c.is("Bearer pretender")),
			may: anIndividual().but(web.ProblemOrganisationMissing, openIndividual, activate)},
		{name: "an individual of another country", token: p.token(c.is("Bearer abroad")),
			may: ownerI().but(web.ProblemNotResident, writeI, openIndividual)},
		{name: "the sole proprietor", token: p.token(proprietor), may: ownerP()},
		{name: "the sole proprietor, renewed", token: p.token(c.holding(proprietor, c.certificate(testca.ProfileName, proprietorSubject(), day))), may: ownerP()},
		{name: "the sole proprietor as a representative", token: p.token(c.representing(proprietor)),
			may: ownerP().but(web.ProblemRepresentative, writeP, openIndividual, activate)},
		{name: "the sole proprietor as a private person",
			token: p.token(c.elsewhere(c.holding(proprietor, c.certificate(testca.ProfileIndividual, private, day)), "")), may: anIndividual()},
		{name: "the sole proprietor with a certificate of another business",
			token: p.token(c.holding(proprietor, c.certificate(testca.ProfileName, unknown, day))),
			may:   ownerP().but(web.ProblemOrganisationMissing, writeP, activate, openIndividual)},
	}
}

func proprietorSubject() order.Subject {
	s := testca.SampleIndividual()
	s.UNP, s.PersonalNumber = "AA0000017", "3010190A003PB8"
	return s
}

// heads are the head of E's organisation, and those who are not.
func heads(p *portal, c *cast) []identity {
	b, s := c.is(asManager), bossSubject()
	onlyHead := locked(web.ProblemForbidden)
	other, nobody, unnumbered := register(), registers.Head{}, register()
	other.PersonalNumber, other.Surname = "4020280A004PB1", "Другая"
	unnumbered.PersonalNumber = ""
	holding := func(certificate []byte) string {
		return p.token(c.holding(c.is(asManager, auth.ScopeManager), certificate))
	}
	card := c.card(natural(s))
	onCard := anApplicant().but(web.ProblemIDCard, opening...).but(web.ProblemOrganisationMissing, activate)
	return []identity{
		{name: "the head", token: p.token(b), may: anEmployee().head()},
		{name: "the head, renewed", token: p.token(c.holding(b, c.renewed(s))), may: anEmployee().head()},
		{name: "the head without the manager's scope", token: p.token(c.is(asManager, auth.ScopeApplicant)), may: anEmployee()},
		{name: "the head with the manager's scope only", token: p.token(c.is(asManager, auth.ScopeManager)), may: onlyHead.head()},
		{name: "the head on an ID card", token: p.token(c.holding(b, card)), may: onCard.head()},
		{name: "a former head", token: p.token(b), egr: &other, may: anEmployee().asHead(web.ProblemNotManager)},
		{name: "the head of whom the register knows nothing", token: p.token(b), egr: &nobody, may: anEmployee().asHead(web.ProblemNotManager)},
		{name: "the head whose number the register lacks", token: p.token(b), egr: &unnumbered, may: anEmployee().head()},
		{name: "that head on an ID card", token: p.token(c.holding(b, card)), egr: &unnumbered, may: onCard.asHead(web.ProblemNotManager)},
		{name: "a namesake", token: p.token(c.is("Bearer namesake")), may: onlyHead.asHead(web.ProblemNotManager)},
		{name: "a namesake where the register lacks the number", token: p.token(c.is("Bearer namesake")), egr: &unnumbered,
			may: onlyHead.asHead(web.ProblemNotManager)},
		{name: "the head of another organisation", token: p.token(c.is("Bearer other-manager")), may: onlyHead.foreignHead()},
		{name: "the head for an organisation not theirs", token: p.token(c.is("Bearer manager-elsewhere")), may: onlyHead.asHead(web.ProblemNotManager)},
		{name: "the head for no organisation", token: p.token(c.is("Bearer manager-without")), may: onlyHead.asHead(web.ProblemOrganisationMissing)},
		{name: "the employee as a manager", token: p.token(c.is(asEmployee, auth.ScopeManager, auth.ScopeApplicant)),
			may: ownerE().asHead(web.ProblemNotManager)},
		{name: "the employee with the head's certificate", may: onlyHead.asHead(web.ProblemOtherPerson),
			token: p.token(c.holding(c.is(asEmployee, auth.ScopeManager), b.Certificate))},
		{name: "the individual as a manager", token: p.token(c.elsewhere(c.is(asIndividual, auth.ScopeManager), unp)),
			may: onlyHead.asHead(web.ProblemNotManager)},
		{name: "the head as a representative", token: p.token(c.is("Bearer deputy")),
			may: anEmployee().but(web.ProblemRepresentative, openIndividual).asHead(web.ProblemRepresentative)},
		{name: "the head, expired", token: holding(c.expired(s)), may: onlyHead.asHead(web.ProblemNotInForce)},
		{name: "the head, too early", token: holding(c.early(s)), may: onlyHead.asHead(web.ProblemNotBegun)},
		{name: "the head, revoked", token: p.token(c.is("Bearer revoked-manager", auth.ScopeManager)), may: onlyHead.asHead(web.ProblemNotInForce)},
		{name: "the head of another chain", token: holding(c.untrusted(s)), may: onlyHead.asHead(web.ProblemNotInForce)},
		{name: "the head, self-signed", token: holding(c.selfSigned(s)), may: onlyHead.asHead(web.ProblemNotInForce)},
		{name: "the head, signed by an employee", token: holding(c.underLeaf(s)), may: onlyHead.asHead(web.ProblemNotInForce)},
		{name: "the head with the certificate of the authority", token: holding(c.ofAuthority()), may: onlyHead.asHead(web.ProblemNotForSigning)},
		{name: "the head with a certificate for encryption", token: holding(c.forEncryption(s)), may: onlyHead.asHead(web.ProblemNotForSigning)},
		{name: "the head with a certificate for servers", token: holding(c.forTLS(s)), may: onlyHead.asHead(web.ProblemNotForSigning)},
		{name: "the head with a sequence for a certificate", token: holding([]byte{0x30, 0x03, 0x02, 0x01, 0x07}), may: onlyHead.asHead(web.ProblemNotInForce)},
	}
}
