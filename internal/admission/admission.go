package admission

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Causes of a refusal, stable, for translation; those of Certificate are the
// codes of package fault, such as "expired" and "revoked".
const (
	CauseIDCard         = "id-card"
	CauseRepresentative = "representative"
	CauseOtherUNP       = "other-unp"
	CauseUnreadable     = "unreadable"
	CauseNotResident    = "not-resident"
	// CauseOrderEmployee and CauseOrderIndividual name the service that the
	// certificate belongs to (A1d).
	CauseOrderEmployee   = "order-6.0.01"
	CauseOrderIndividual = "order-6.0.00"
)

// belarus is the country in certificates of residents (A5).
const belarus = "BY"

// Validator finds a certification path that is good at an instant.
type Validator interface {
	Validate(cert *pki.Certificate, at time.Time, candidates ...*pki.Certificate) ([]*pki.Certificate, error)
}

// StandingValidator finds a certification path that was good at an instant and
// of which nothing was revoked since.
type StandingValidator interface {
	ValidateSince(cert *pki.Certificate, then, now time.Time) ([]*pki.Certificate, error)
}

// Applicant is who wants to order and with which certificate.
type Applicant struct {
	Service order.Service
	// Certificate is the one signed in with.
	Certificate *pki.Certificate
	// UNP is the organisation chosen at sign-in; empty for a private person.
	UNP order.UNP
	// Representative is set for somebody who acts for another person.
	Representative bool
}

// Check makes the checks A1 to A3 and A5, as far as the certificate tells, at an
// instant. For 6.0.01 the UNP of the certificate has to be that of the
// organisation chosen.
func Check(v Validator, a Applicant, at time.Time) order.Report {
	read := a.Certificate.Read()
	report := order.Report{Certificate(v, a.Certificate, at)}
	report = append(report, verdict(order.CheckIDCard, order.OnIDCard(read.Subject.PersonalNumber), CauseIDCard))
	if a.Service == order.ServiceIndividual {
		report = append(report, verdict(order.CheckRepresentative, a.Representative, CauseRepresentative))
	}
	if a.Service.NeedsApproval() {
		report = append(report, organisation(a.UNP, read.Subject.UNP))
	}
	report = append(report, service(a.Service, read))
	if country := read.Subject.Country; country != "" && country != belarus {
		report = append(report, order.Check{
			Code: order.CheckResident, Verdict: order.VerdictFailed, Field: order.FieldCountry,
			Found: country, Expected: belarus, Cause: CauseNotResident,
		})
	}
	return report
}

// Certificate checks that a certificate is in force and one to sign in with:
// chain, validity, revocation and usage (A1).
func Certificate(v Validator, cert *pki.Certificate, at time.Time) order.Check {
	_, err := v.Validate(cert, at)
	return standing(cert, at, err)
}

// Standing checks the certificate that somebody signed in with when the order
// was made: its dates as of then, its revocation as of now (A1c).
func Standing(v StandingValidator, cert *pki.Certificate, then, now time.Time) order.Check {
	_, err := v.ValidateSince(cert, then, now)
	return standing(cert, then, err)
}

func standing(cert *pki.Certificate, at time.Time, err error) order.Check {
	c := order.Check{Code: order.CheckCertificate, Verdict: order.VerdictPassed}
	if err == nil {
		err = path.MaySignIn(cert, at)
	}
	if err != nil {
		c.Verdict, c.Cause = order.VerdictFailed, string(fault.CodeOf(err))
		if c.Cause == "" {
			c.Cause = CauseUnreadable
		}
	}
	return c
}

// KindOf tells the kind of applicant from a certificate (A1d). False for a
// certificate whose organisation, UNP or person nobody can tell: what cannot be
// read is not absent.
func KindOf(cert *pki.Certificate) (order.Kind, bool) { return kindOf(cert.Read()) }

func kindOf(read pki.Reading) (order.Kind, bool) {
	for _, f := range []order.Field{order.FieldOrganisation, order.FieldUNP, order.FieldSurname, order.FieldPersonalNumber} {
		if _, bad := read.Fault(f); bad {
			return "", false
		}
	}
	return order.KindOf(read.Subject), true
}

// service compares the service with the one that the certificate belongs to,
// which Expected names (A1d).
func service(chosen order.Service, read pki.Reading) order.Check {
	kind, ok := kindOf(read)
	if !ok {
		return verdict(order.CheckService, true, CauseUnreadable)
	}
	right := order.ServiceOf(kind)
	cause := CauseOrderIndividual
	if right == order.ServiceEmployee {
		cause = CauseOrderEmployee
	}
	c := verdict(order.CheckService, chosen != right, cause)
	c.Found, c.Expected = string(chosen), string(right)
	return c
}

func organisation(chosen order.UNP, found string) order.Check {
	c := verdict(order.CheckOrganisation, chosen == "" || found != string(chosen), CauseOtherUNP)
	c.Field, c.Found, c.Expected = order.FieldUNP, found, string(chosen)
	return c
}

func verdict(code order.CheckCode, failed bool, cause string) order.Check {
	if failed {
		return order.Check{Code: code, Verdict: order.VerdictFailed, Cause: cause}
	}
	return order.Check{Code: code, Verdict: order.VerdictPassed}
}
