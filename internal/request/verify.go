package request

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// CheckCertificate checks that a certificate is in force at an instant: path,
// dates and revocation (A1). The cause of a failure is a code of package pki.
func CheckCertificate(v *pki.Validator, cert *pki.Certificate, at time.Time) order.Check {
	check := order.Check{Code: order.CheckCertificate, Verdict: order.VerdictPassed}
	if _, err := v.Validate(cert, at); err != nil {
		check.Verdict, check.Cause = order.VerdictFailed, string(pki.CodeOf(err))
	}
	return check
}

// Verify makes the first check together with that of the current certificate
// (A1, A2, S3–S6): the whole report on a file, as a tool prints it.
func Verify(in Input, v *pki.Validator) Result {
	a1 := CheckCertificate(v, in.Current, in.Now)
	out := Check(in)
	out.Report = append(order.Report{a1}, out.Report...)
	return out
}
