package admission

import "github.com/remote-issuance/remote-issuance/internal/order"

// Reason is why somebody may not order, as they are told it.
type Reason string

// The reasons, by rule.
const (
	// ReasonNone: they may order.
	ReasonNone Reason = ""
	// ReasonNotInForce: the certificate is not one to sign in with now (A1).
	ReasonNotInForce Reason = "certificate-not-in-force"
	// ReasonOrderEmployee and ReasonOrderIndividual: another service is theirs (A1d).
	ReasonOrderEmployee   Reason = CauseOrderEmployee
	ReasonOrderIndividual Reason = CauseOrderIndividual
	// ReasonIDCard: the certificate is on an ID card (A2).
	ReasonIDCard Reason = "id-card"
	// ReasonRepresentative: they act for somebody else (A3).
	ReasonRepresentative Reason = "representative"
	// ReasonContract: the organisation is not under the public contract, or does
	// not pay from its own funds (A4).
	ReasonContract Reason = "public-contract"
	// ReasonResident: they are no resident of Belarus (A5).
	ReasonResident Reason = "not-resident"
	// ReasonOther: another check failed, such as one against the registers (S7).
	ReasonOther Reason = "other"
)

// ReasonOf gives the first reason of a report, of this package or of the
// registers: who may not order at all is told so, not that data differ.
func ReasonOf(report order.Report) Reason {
	reasons := map[order.CheckCode]Reason{
		order.CheckCertificate: ReasonNotInForce, order.CheckIDCard: ReasonIDCard,
		order.CheckRepresentative: ReasonRepresentative, order.CheckContract: ReasonContract, order.CheckResident: ReasonResident,
	}
	out := ReasonNone
	for _, c := range report.Failed() {
		if c.Code == order.CheckService && c.Cause != CauseUnreadable {
			return Reason(c.Cause)
		}
		if r, ok := reasons[c.Code]; ok {
			return r
		}
		out = ReasonOther
	}
	return out
}
