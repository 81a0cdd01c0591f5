package request

import (
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Verify makes the first check together with that of the current certificate
// (A1, A1d, A2, S3–S6), as the service does: the whole report on a file, as a tool
// prints it. The organisation chosen at sign-in is taken to be the
// certificate's. That the key is new means only that it is not the current
// certificate's.
func Verify(in Input, v admission.Validator) Result {
	out := Check(in)
	if in.Current == nil {
		if out.Request == nil {
			out.Report = append(order.Report{{Code: order.CheckCertificate, Verdict: order.VerdictFailed, Cause: CauseMissing}}, out.Report...)
		}
		return out
	}
	admitted := admission.Check(v, admission.Applicant{
		Service: in.Service, Certificate: in.Current, UNP: order.UNP(in.Current.Subject().UNP), Representative: false,
	}, in.Now)
	out.Report = append(admitted, out.Report...)
	if out.KeyID != "" && !mentions(out.Report, order.CheckKeyNew) {
		out.Report = append(out.Report, order.Check{Code: order.CheckKeyNew, Verdict: order.VerdictPassed})
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
