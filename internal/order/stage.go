package order

// Stage is where an order stands.
type Stage string

// The stages of an order, in the order in which they are passed.
const (
	// StageTerms waits for the applicant to accept the agreement and the contract (S1).
	StageTerms Stage = "terms"
	// StageRequest waits for the request file and the contacts (S2).
	StageRequest Stage = "request"
	// StageChecking compares with the registers; a silent register is asked again (S7).
	StageChecking Stage = "checking"
	// StageAwaitingApproval waits for the manager (S9); 6.0.00 skips it.
	StageAwaitingApproval Stage = "awaiting-approval"
	// StageAwaitingPayment waits for the money (P4, D2).
	StageAwaitingPayment Stage = "awaiting-payment"
	// StageIssuing makes the certificate (I1).
	StageIssuing Stage = "issuing"
	// StageEnded is final; End says how.
	StageEnded Stage = "ended"
)

// Draft tells whether the applicant's own steps are not over: no workflow runs yet (A6, S11).
func (s Stage) Draft() bool { return s == StageTerms || s == StageRequest }

// Open tells whether something can still happen to an order at this stage.
func (s Stage) Open() bool { return s != StageEnded }

// Withdrawable tells whether the applicant can still take the order back (S10).
func (s Stage) Withdrawable() bool {
	switch s {
	case StageTerms, StageRequest, StageChecking, StageAwaitingApproval, StageAwaitingPayment:
		return true
	case StageIssuing, StageEnded:
		return false
	default:
		return false
	}
}

// End is how an order ended; empty while it is open.
type End string

// The ends of an order.
const (
	EndNone      End = ""
	EndIssued    End = "issued"    // paid and issued
	EndRefused   End = "refused"   // registers differ, or the applicant may not order (S7, A1–A5)
	EndRejected  End = "rejected"  // the manager said no (M4)
	EndWithdrawn End = "withdrawn" // the applicant said no (S10)
	EndAnnulled  End = "annulled"  // a deadline passed (S11, M3, D3)
)

// notice is the message about the end, if there is one.
func (e End) notice() (NoticeKind, bool) {
	switch e {
	case EndRefused:
		return NoticeRefused, true
	case EndRejected:
		return NoticeRejected, true
	case EndWithdrawn:
		return NoticeWithdrawn, true
	case EndAnnulled:
		return NoticeAnnulled, true
	case EndIssued, EndNone:
		return "", false
	default:
		return "", false
	}
}

// EndReason says why an order ended, as far as End alone does not.
type EndReason string

// The reasons of an end.
const (
	ReasonNone            EndReason = ""
	ReasonNotFinished     EndReason = "not-finished"     // S11
	ReasonNotConfirmed    EndReason = "not-confirmed"    // M3
	ReasonNotPaid         EndReason = "not-paid"         // D3
	ReasonRegistersDiffer EndReason = "registers-differ" // S7
	ReasonNotAllowed      EndReason = "not-allowed"      // A1–A3
	ReasonContract        EndReason = "public-contract"  // A4: not under the public contract, or not from own funds
	ReasonNotResident     EndReason = "not-resident"     // A5
	ReasonRevoked         EndReason = "revoked"          // A1c: the certificate signed in with was revoked
	ReasonNotSaved        EndReason = "not-saved"        // S8
	ReasonByManager       EndReason = "by-manager"       // M4
	ReasonByApplicant     EndReason = "by-applicant"     // S10
)

// Actor is who is waited for.
type Actor string

// The actors.
const (
	ActorApplicant Actor = "applicant"
	ActorManager   Actor = "manager"
	ActorPayer     Actor = "payer"
	ActorSystem    Actor = "system"
	ActorNobody    Actor = "nobody"
)

// WaitsFor tells who has to act for an order of a service to leave the stage.
func (s Stage) WaitsFor(service Service) Actor {
	switch s {
	case StageTerms, StageRequest:
		return ActorApplicant
	case StageAwaitingApproval:
		return ActorManager
	case StageAwaitingPayment:
		if service.NeedsApproval() {
			return ActorManager
		}
		return ActorPayer
	case StageChecking, StageIssuing:
		return ActorSystem
	case StageEnded:
		return ActorNobody
	default:
		return ActorNobody
	}
}
