package api

import (
	"context"
	"errors"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// Heads knows the heads of organisations (M1).
type Heads interface {
	Head(ctx context.Context, unp order.UNP) (registers.Head, error)
}

// identities tell who a caller is: by the token and by the certificate signed
// in with, which have to name the same person.
type identities struct {
	trust admission.Validator
	heads Heads
	// hash is the keyed hash of personal data for ids.
	hash func(text string) string
	now  func() time.Time
}

// applicantKey is the keyed hash of person and organisation: whose order it is.
func (i *identities) applicantKey(caller auth.Caller) string {
	return i.hash("applicant\x00" + string(caller.PersonalNumber) + "\x00" + string(caller.UNP))
}

func (i *identities) managerKey(caller auth.Caller) string {
	return i.hash(order.ManagerIdentity(string(caller.PersonalNumber), string(caller.UNP)))
}

func (i *identities) operatorKey(caller auth.Caller) string {
	return i.hash("operator\x00" + caller.Subject)
}

// clientKey is the keyed hash of a program with a token, for one organisation or for none.
func (i *identities) clientKey(caller auth.Caller) string {
	return i.hash("client\x00" + caller.Subject + "\x00" + string(caller.UNP))
}

// person is the keyed hash of a person, whatever the organisation: limits hold
// for persons.
func (i *identities) person(caller auth.Caller) string {
	if caller.PersonalNumber == "" {
		return i.hash("caller\x00" + caller.Subject)
	}
	return i.hash("person\x00" + string(caller.PersonalNumber))
}

// applicant reads the certificate of the caller, who has to be the person it
// names.
func (i *identities) applicant(c *gin.Context) (draft.Applicant, error) {
	caller := web.CallerOf(c)
	certificate, err := pki.ParseCertificate(caller.Certificate)
	if err != nil {
		return draft.Applicant{}, web.Refuse(web.ProblemNotInForce, errCertificate)
	}
	a := draft.Applicant{
		Key: i.applicantKey(caller), UNP: caller.UNP, Representative: caller.Representative, Certificate: certificate,
	}
	subject := certificate.Subject()
	if !sameNumber(subject.PersonalNumber, caller.PersonalNumber) {
		return a, web.Refuse(web.ProblemOtherPerson, nil)
	}
	if order.Latin(subject.UNP) != string(caller.UNP) {
		found := order.Check{
			Code: order.CheckOrganisation, Verdict: order.VerdictFailed, Field: order.FieldUNP, Found: subject.UNP,
			Expected: string(caller.UNP), Cause: admission.CauseOtherUNP,
		}
		return a, web.Failed(web.ProblemOrganisationMissing, order.Report{found})
	}
	return a, nil
}

// errCertificate stands for what the parser says, which may quote the certificate.
var errCertificate = errors.New("the certificate signed in with cannot be read")

func sameNumber(ofCertificate string, ofToken order.PersonalNumber) bool {
	return order.BareNumber(ofCertificate) == string(ofToken)
}

// admissionProblem is the problem of a refused applicant.
func admissionProblem(refused *draft.RefusedError) *web.Problem {
	slug := web.ProblemNotInForce
	switch first := refused.Report[0]; admission.ReasonOf(refused.Report) {
	case admission.ReasonOrderEmployee:
		slug = web.ProblemOrderEmployee
	case admission.ReasonOrderIndividual:
		slug = web.ProblemOrderIndividual
	case admission.ReasonIDCard:
		slug = web.ProblemIDCard
	case admission.ReasonRepresentative:
		slug = web.ProblemRepresentative
	case admission.ReasonResident:
		slug = web.ProblemNotResident
	case admission.ReasonOther:
		if first.Code == order.CheckOrganisation {
			slug = web.ProblemOrganisationMissing
		}
	case admission.ReasonNotInForce:
		slug = certificateProblem(first)
	case admission.ReasonNone, admission.ReasonContract:
	}
	return web.Failed(slug, refused.Report)
}

// certificateProblem tells a certificate that is not for signing in from one
// that is not in force.
func certificateProblem(c order.Check) web.Slug {
	switch c.Cause {
	case string(fault.KeyUsage):
		return web.ProblemNotForSigning
	case string(fault.NotYetValid):
		return web.ProblemNotBegun
	default:
		return web.ProblemNotInForce
	}
}

// head is a caller who has been found to be the head of an organisation.
type head struct {
	unp string
	// key is the keyed hash of person and organisation, person that of the person alone.
	key, person string
	certificate *pki.Certificate
}

// headOf decides by certificate and EGR, not by the token, whether the caller
// is the head of the organisation they have chosen (M1).
func (i *identities) headOf(c *gin.Context) (head, error) {
	caller := web.CallerOf(c)
	certificate, err := i.inForce(caller)
	if err != nil {
		return head{}, err
	}
	if caller.Representative {
		return head{}, web.Refuse(web.ProblemRepresentative, nil)
	}
	if caller.UNP == "" {
		return head{}, web.Refuse(web.ProblemOrganisationMissing, nil)
	}
	recorded, err := registers.Definite(i.heads.Head(c.Request.Context(), caller.UNP))
	if err != nil {
		return head{}, err
	}
	subject := certificate.Subject()
	if report := registers.CompareCaller(subject, recorded); !report.Passed() {
		return head{}, notManager(report)
	}
	if !sameNumber(subject.PersonalNumber, caller.PersonalNumber) {
		return head{}, web.Refuse(web.ProblemOtherPerson, nil)
	}
	return head{unp: string(caller.UNP), key: i.managerKey(caller), person: i.person(caller), certificate: certificate}, nil
}

// notManager names what differs; the register's data about another person are
// not for the caller.
func notManager(report order.Report) *web.Problem {
	p := web.Failed(web.ProblemNotManager, report)
	for k := range p.Checks {
		p.Checks[k].Expected = ""
	}
	return p
}

// inForce checks chain, dates, revocation and usage of the certificate signed in with.
func (i *identities) inForce(caller auth.Caller) (*pki.Certificate, error) {
	certificate, err := pki.ParseCertificate(caller.Certificate)
	if err != nil {
		return nil, web.Refuse(web.ProblemNotInForce, errCertificate)
	}
	if check := admission.Certificate(i.trust, certificate, i.now()); check.Verdict != order.VerdictPassed {
		return nil, web.Failed(certificateProblem(check), order.Report{check})
	}
	return certificate, nil
}
