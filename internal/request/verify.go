package request

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// CheckCertificate checks that a certificate is in force at an instant: path,
// dates and revocation (A1). The cause of a failure is a code of package pki.
func CheckCertificate(v *path.Validator, cert *pki.Certificate, at time.Time) order.Check {
	check := order.Check{Code: order.CheckCertificate, Verdict: order.VerdictPassed}
	if cert == nil {
		check.Verdict, check.Cause = order.VerdictFailed, CauseMissing
		return check
	}
	if _, err := v.Validate(cert, at); err != nil {
		check.Verdict, check.Cause = order.VerdictFailed, string(fault.CodeOf(err))
	}
	return check
}

// Verify makes the first check together with that of the current certificate
// (A1, A2, S3–S6): the whole report on a file, as a tool prints it. That the key
// is new then means only that it is not the current certificate's.
func Verify(in Input, v *path.Validator) Result {
	out := Check(in)
	if in.Current != nil || out.Request == nil {
		out.Report = append(order.Report{CheckCertificate(v, in.Current, in.Now)}, out.Report...)
	}
	if out.Request == nil {
		return out
	}
	for _, code := range []order.CheckCode{order.CheckIDCard, order.CheckKeyNew} {
		if !mentions(out.Report, code) && (code != order.CheckKeyNew || out.KeyID != "") {
			out.Report = append(out.Report, order.Check{Code: code, Verdict: order.VerdictPassed})
		}
	}
	return out
}

func mentions(r order.Report, code order.CheckCode) bool {
	for _, c := range r {
		if c.Code == code {
			return true
		}
	}
	return false
}
