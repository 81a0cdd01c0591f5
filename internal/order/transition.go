package order

import (
	"maps"
	"strconv"
	"time"
)

// Transition is what a decision makes of a record, with the messages and the
// audit events that become visible together with it, in one transaction.
type Transition struct {
	Record  Record
	Notices []Notice
	Events  []Event
}

// Decision looks at a record that nobody else can change meanwhile and says
// what becomes of it. It is pure and can be taken again: ErrUnchanged tells
// that it was taken before, ErrStage that the stage does not allow it (any
// more).
type Decision func(Record) (Transition, error)

// AcceptTerms accepts both documents (S1). Accepting the same versions again
// is no error and changes nothing.
func AcceptTerms(c Consent) Decision {
	return func(r Record) (Transition, error) {
		if r.Consent != nil && r.Consent.AgreementVersion == c.AgreementVersion && r.Consent.ContractVersion == c.ContractVersion {
			return Transition{}, ErrUnchanged
		}
		if !r.Stage.Draft() {
			return Transition{}, ErrStage
		}
		r.Consent, r.Stage = &c, StageRequest
		return Transition{Record: r, Events: []Event{{
			Action: "terms-accepted", By: ByApplicant, At: c.AcceptedAt,
			Evidence: map[string]string{"agreement": c.AgreementVersion, "contract": c.ContractVersion},
		}}}, nil
	}
}

// Upload is a request file with its contacts and what the first check found (S2–S6).
type Upload struct {
	Request  CheckedRequest
	Contacts Contacts
	// FileDigest and CertificateDigest are of the file and of the certificate
	// that it was compared with, as the audit log writes digests. The store
	// gives both, of what it keeps.
	FileDigest        string
	CertificateDigest string
}

// TakeUpload keeps contacts and verdict of an upload. A file that passed makes
// the draft an order whose registers are checked next; any other leaves it
// ready for another file.
func TakeUpload(u Upload) Decision {
	return func(r Record) (Transition, error) {
		if r.Stage != StageRequest {
			return Transition{}, ErrStage
		}
		at := u.Request.CheckedAt
		if r.Consent != nil && at.Before(r.Consent.AcceptedAt) {
			// The clock of the machine that took the terms is ahead, or was: the upload came after them all the same (S1).
			at = r.Consent.AcceptedAt
		}
		r.Contacts, r.Report = &u.Contacts, append(u.Request.Report.Failed(), u.Request.Report.Changed()...)
		evidence := map[string]string{
			"verdict": string(VerdictFailed), "report": u.Request.Report.Digest(),
			"certificate": u.CertificateDigest, "certificate-id": r.CertificateID.String(),
		}
		if u.Request.Report.Passed() {
			r.RequestID, r.UploadedAt, r.Stage, r.Until = u.Request.ID, at, StageChecking, r.Policy.FinishBy(at)
			evidence["verdict"], evidence["request-id"] = string(VerdictPassed), u.Request.ID.String()
			evidence["request"], evidence["key"] = u.FileDigest, u.Request.KeyID
			if u.Request.NamedPayment != 0 {
				evidence["payment-number"] = u.Request.NamedPayment.ERIP()
			}
		}
		return Transition{Record: r, Events: []Event{{Action: "request-checked", By: ByApplicant, At: at, Evidence: evidence}}}, nil
	}
}

// Bill is what is to be paid under which number (P7).
type Bill struct {
	Number PaymentNumber
	Total  Kopecks
}

// Save ends the second check (S8): an order of 6.0.01 waits for the manager
// (S9), one of 6.0.00 for the payment of its bill.
func Save(registers Report, bill Bill, at time.Time) Decision {
	return func(r Record) (Transition, error) {
		switch {
		case r.Stage == StageEnded:
			return Transition{}, ErrStage
		case r.Stage != StageChecking:
			return Transition{}, ErrUnchanged
		}
		r.CompletedAt, r.PayBy = at, r.Policy.PayBy(at)
		t := Transition{Events: []Event{{
			Action: "request-saved", By: BySystem, At: at,
			Evidence: map[string]string{"request-id": r.RequestID.String(), "registers": registers.Digest()},
		}}}
		if r.Service.NeedsApproval() {
			r.Stage, r.Until = StageAwaitingApproval, r.Policy.ApproveBy(r.UploadedAt)
			t.Notices = []Notice{{Kind: NoticeWaitingForManager, Deadline: r.Until}}
		} else {
			r.Stage, r.Until = StageAwaitingPayment, r.PayBy
			t.Notices = []Notice{{Kind: NoticePaymentDue, Deadline: r.PayBy, Amount: bill.Total, Number: bill.Number}}
		}
		t.Record = r
		return t, nil
	}
}

// Approve puts an order on a signed list (M6), or takes over one that was
// approved before in a confirmation that lapsed (P8).
func Approve(confirmation ID, managerKey string, evidence map[string]string, at time.Time) Decision {
	return func(r Record) (Transition, error) {
		if r.ConfirmationID == confirmation {
			return Transition{}, ErrUnchanged
		}
		if r.Stage != StageAwaitingApproval && r.Stage != StageAwaitingPayment || !r.Service.NeedsApproval() {
			return Transition{}, ErrStage
		}
		if r.ApprovedAt.IsZero() {
			r.ApprovedAt = at
		}
		r.Stage, r.Until, r.ConfirmationID = StageAwaitingPayment, r.PayBy, confirmation
		return Transition{Record: r, Events: []Event{{Action: "approved", By: ByManager(managerKey), At: at, Evidence: evidence}}}, nil
	}
}

// Ending is the wish or the rule by which an order ends unissued.
type Ending struct {
	OrderID ID
	End     End
	Reason  EndReason
	// By is who ends it; Note the manager's reason (M4).
	By   string
	Note string
	// Report is what the registers found (S7).
	Report Report
	At     time.Time
	// KeepConfirmed leaves the order open when an open confirmation holds it:
	// its approval is on the way (D7). Without it only money holds an order.
	KeepConfirmed bool
}

// Ended is what became of an Ending.
type Ended struct {
	// Done is false when money, or a confirmation that is kept, holds the order.
	Done bool
	// ConfirmationID is the open confirmation that the order has left, or the
	// one that holds it; zero for none.
	ConfirmationID ID
	// ConfirmationNumber is that confirmation's payment number.
	ConfirmationNumber PaymentNumber
	// End and Reason are those of the order, which may have ended otherwise before.
	End    End
	Reason EndReason
}

// Finish ends an order that is not issued. Whether money holds it is decided
// before, where the payment is locked (D7).
func Finish(e Ending) Decision {
	return func(r Record) (Transition, error) {
		if r.Stage == StageEnded {
			if r.End == e.End {
				return Transition{}, ErrUnchanged
			}
			return Transition{}, ErrStage
		}
		// Whoever withdraws what was never an order needs no letter about it.
		silent := r.Stage.Draft() && e.End == EndWithdrawn
		evidence := map[string]string{"reason": string(e.Reason)}
		if r.Stage == StageChecking && len(e.Report) > 0 {
			evidence["request-id"], evidence["registers"] = r.RequestID.String(), e.Report.Digest()
		}
		r.Stage, r.End, r.Reason, r.Note, r.Until = StageEnded, e.End, e.Reason, e.Note, time.Time{}
		if r.Report = append(r.Report, e.Report.Failed()...); len(r.Report) > 0 {
			evidence["final-report"] = r.Report.Digest()
		}
		t := Transition{Record: r, Events: []Event{{Action: string(e.End), By: e.By, At: e.At, Evidence: evidence}}}
		if kind, ok := e.End.notice(); ok && r.Contacts != nil && !silent {
			t.Notices = []Notice{{Kind: kind}}
			if e.End == EndWithdrawn {
				// Whoever orders and withdraws again and again has a letter a day.
				t.Notices[0].Once = r.ApplicantKey + "/" + DateOf(e.At).String()
			}
		}
		return t, nil
	}
}

// Issue ends an order with its certificate (I1). Evidence names serial number,
// digests and payment.
func Issue(payment ID, evidence map[string]string, at time.Time) Decision {
	return func(r Record) (Transition, error) {
		if r.End == EndIssued {
			return Transition{}, ErrUnchanged
		}
		if r.Stage != StageAwaitingPayment && r.Stage != StageIssuing {
			return Transition{}, ErrStage
		}
		r.Stage, r.End, r.Until, r.PaymentID = StageEnded, EndIssued, time.Time{}, payment
		// A card for evidence proves offline what the order was.
		evidence := maps.Clone(evidence)
		if evidence == nil {
			evidence = make(map[string]string)
		}
		evidence["number"], evidence["service"] = strconv.FormatInt(r.Number, 10), string(r.Service)
		return Transition{
			Record: r, Notices: []Notice{{Kind: NoticeIssued}},
			Events: []Event{{Action: "certificate-issued", By: BySystem, At: at, Evidence: evidence}},
		}, nil
	}
}

// Remind tells whoever can act that the deadline is near (D6). Nobody is
// reminded of what only the system can do, or of what is over. The reminder of
// a payment says how much is to be paid under which number; others have no bill.
func Remind(kind NoticeKind, bill Bill) Decision {
	return func(r Record) (Transition, error) {
		if r.Contacts == nil || !r.Stage.Open() || r.Stage.WaitsFor(r.Service) == ActorSystem {
			return Transition{}, ErrUnchanged
		}
		return Transition{Record: r, Notices: []Notice{{Kind: kind, Deadline: r.Until, Amount: bill.Total, Number: bill.Number}}}, nil
	}
}
