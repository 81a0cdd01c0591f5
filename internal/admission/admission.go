package admission

import (
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Causes of a refusal, stable, for translation; those of CheckCertificate are
// the codes of package pki, such as "expired" and "revoked".
const (
	CauseIDCard         = "id-card"
	CauseRepresentative = "representative"
	CauseOtherUNP       = "other-unp"
	CauseUnreadable     = "unreadable"
)

// idCardPrefix begins the serial number attribute of keys on ID cards.
const idCardPrefix = "IDCBY-"

// Validator finds a certification path that is good at an instant.
type Validator interface {
	Validate(cert *pki.Certificate, at time.Time, candidates ...*pki.Certificate) ([]*pki.Certificate, error)
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

// Check makes the checks A1 to A3 at an instant. For 6.0.01 the UNP of the
// certificate has to be that of the organisation chosen.
func Check(v Validator, a Applicant, at time.Time) order.Report {
	report := order.Report{Certificate(v, a.Certificate, at)}
	report = append(report, verdict(order.CheckIDCard, isOnIDCard(a.Certificate), CauseIDCard))
	if a.Service == order.ServiceIndividual {
		report = append(report, verdict(order.CheckRepresentative, a.Representative, CauseRepresentative))
	}
	if a.Service.NeedsApproval() {
		report = append(report, organisation(a))
	}
	return report
}

// Certificate checks that a certificate is in force: chain, validity and
// revocation (A1).
func Certificate(v Validator, cert *pki.Certificate, at time.Time) order.Check {
	c := order.Check{Code: order.CheckCertificate, Verdict: order.VerdictPassed}
	if _, err := v.Validate(cert, at); err != nil {
		c.Verdict, c.Cause = order.VerdictFailed, string(fault.CodeOf(err))
		if c.Cause == "" {
			c.Cause = CauseUnreadable
		}
	}
	return c
}

func organisation(a Applicant) order.Check {
	found := a.Certificate.Subject().UNP
	c := verdict(order.CheckOrganisation, a.UNP == "" || order.Latin(found) != string(a.UNP), CauseOtherUNP)
	c.Field, c.Found, c.Expected = order.FieldUNP, found, string(a.UNP)
	return c
}

func isOnIDCard(cert *pki.Certificate) bool {
	return strings.HasPrefix(strings.ToUpper(cert.SubjectName.Get(pki.OIDSerialNumber)), idCardPrefix)
}

func verdict(code order.CheckCode, failed bool, cause string) order.Check {
	if failed {
		return order.Check{Code: code, Verdict: order.VerdictFailed, Cause: cause}
	}
	return order.Check{Code: code, Verdict: order.VerdictPassed}
}
