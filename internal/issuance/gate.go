package issuance

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Refusal is a stable slug of what is missing for a certificate.
type Refusal string

// The refusals, in the order in which they are looked for.
const (
	RefusedStage       Refusal = "stage"       // the order has ended, or its checks are not over
	RefusedConsent     Refusal = "consent"     // S1: not both documents, or later than the upload
	RefusedRequest     Refusal = "request"     // S2, S3: the file is not the one that was checked
	RefusedVerdict     Refusal = "verdict"     // S3–S6: the first check did not pass
	RefusedRegisters   Refusal = "registers"   // S7: no passed report of the second check
	RefusedCertificate Refusal = "certificate" // A1: not the certificate signed in with
	RefusedApproval    Refusal = "approval"    // M6: no signed list
	RefusedSignature   Refusal = "signature"   // M6: the signature over the list is not good
	RefusedSigner      Refusal = "signer"      // M1: not signed by the head of that organisation
	RefusedList        Refusal = "list"        // M5: the list does not name this order, key, position and price
	RefusedPayment     Refusal = "payment"     // P4: nothing pays for the order
	RefusedAmount      Refusal = "amount"      // P3, P7: not the exact sum
	RefusedKind        Refusal = "kind"        // 6.0.00 and 6.0.01 serve other kinds of applicants
	RefusedTerm        Refusal = "term"        // S6: the term is not allowed or not the one ordered
	RefusedDates       Refusal = "dates"       // I2: not the dates that the rules give
	RefusedKey         Refusal = "key"         // S3: another key than the one checked and approved
	RefusedSubject     Refusal = "subject"     // I3: another subject than the one compared
	RefusedStanding    Refusal = "standing"    // A1: the certificate signed in with was not good when the order was made
	RefusedRevocation  Refusal = "revoked"     // A1c: revoked between order and issue
)

const (
	// clockTolerance is between the database's clock and ours.
	clockTolerance = 5 * time.Minute
	// currency is the one of all prices.
	currency = "BYN"
)

// RefusedError says why a certificate is not reserved.
type RefusedError struct{ Refusals []Refusal }

// Error lists the refusals.
func (e *RefusedError) Error() string {
	texts := make([]string, 0, len(e.Refusals))
	for _, r := range e.Refusals {
		texts = append(texts, string(r))
	}
	return "not proven: " + strings.Join(texts, ", ")
}

// Is makes it ErrNotProven, or ErrRevoked when nothing but the revocation of
// the certificate signed in with stands against the issue (A1c). It is neither
// when only the dates are wrong: they come from the clock of this process, and
// the order must not wait for its term until a right one has its turn (I2).
func (e *RefusedError) Is(target error) bool {
	only := RefusedStage
	if len(e.Refusals) == 1 {
		only = e.Refusals[0]
	}
	switch target {
	case ErrRevoked:
		return only == RefusedRevocation
	case ErrNotProven:
		return only != RefusedRevocation && only != RefusedDates
	default:
		return false
	}
}

// ErrRevoked says that the certificate signed in with was revoked between order and
// issue (A1c).
var ErrRevoked = errors.New("the certificate signed in with was revoked")

// Prove is the gate before the signature (I1, M6, P4): whatever a workflow or
// a message says, a certificate is reserved only for what this function finds
// proven. It is pure. Error: *RefusedError with everything that is missing.
func Prove(e Evidence) error {
	var missing []Refusal
	for _, rule := range gate {
		if !rule.holds(e) {
			missing = append(missing, rule.refusal)
		}
	}
	if len(missing) > 0 {
		return &RefusedError{Refusals: missing}
	}
	return nil
}

// gate is the table of all refusals.
var gate = []struct {
	refusal Refusal
	holds   func(Evidence) bool
}{
	{RefusedStage, payableStage},
	{RefusedConsent, consented},
	{RefusedRequest, sameFile},
	{RefusedVerdict, func(e Evidence) bool { return len(e.Checked.Report) > 0 && e.Checked.Report.Passed() }},
	{RefusedRegisters, func(e Evidence) bool { return len(e.Registers) > 0 && e.Registers.Passed() }},
	{RefusedCertificate, ownCertificate},
	{RefusedApproval, func(e Evidence) bool { return !needsApproval(e) || approved(e) }},
	{RefusedSignature, func(e Evidence) bool { return !approved(e) || wellSigned(e.Approval) }},
	{RefusedSigner, func(e Evidence) bool { return !approved(e) || signedByHead(e) }},
	{RefusedList, func(e Evidence) bool { return !approved(e) || listed(e) }},
	{RefusedPayment, paidFor},
	{RefusedAmount, func(e Evidence) bool { return e.Payment == nil || exactSum(*e.Payment) }},
	{RefusedKind, func(e Evidence) bool { return e.Order.Kind.Orders(e.Order.Service) }},
	{RefusedTerm, func(e Evidence) bool { return e.Order.Kind.TermAllowed(e.Checked.Years) }},
	{RefusedDates, rightDates},
	{RefusedKey, func(e Evidence) bool { return e.Prepared.KeyID != "" && e.Prepared.KeyID == e.Checked.KeyID }},
	{RefusedSubject, comparedSubject},
	{RefusedStanding, func(e Evidence) bool { return e.Standing.Verdict == order.VerdictPassed || revoked(e.Standing) }},
	{RefusedRevocation, func(e Evidence) bool { return !revoked(e.Standing) }},
}

func revoked(standing order.Check) bool {
	return standing.Verdict == order.VerdictFailed && standing.Cause == string(fault.Revoked)
}

func needsApproval(e Evidence) bool { return e.Order.Service.NeedsApproval() }
func approved(e Evidence) bool      { return needsApproval(e) && e.Approval != nil }

func payableStage(e Evidence) bool {
	return (e.Order.Stage == order.StageAwaitingPayment || e.Order.Stage == order.StageIssuing) && !e.Order.ClosedToMoney &&
		!e.Order.CompletedAt.IsZero()
}

func consented(e Evidence) bool {
	c := e.Order.Consent
	return c != nil && c.AgreementVersion != "" && c.ContractVersion != "" && !c.AcceptedAt.IsZero() &&
		!c.AcceptedAt.After(e.Order.UploadedAt)
}

// sameFile: the file that is stored is the one the first check saw, by
// identifier, digest and key.
func sameFile(e Evidence) bool {
	return !e.Order.RequestID.IsZero() && e.File.ID == e.Order.RequestID && e.Checked.ID == e.Order.RequestID &&
		e.Checked.OrderID == e.Order.ID && e.File.Kind == order.DocumentRequest &&
		e.File.SHA256 == sha256.Sum256(e.File.Content) && e.FileKeyID != "" && e.FileKeyID == e.Checked.KeyID
}

func ownCertificate(e Evidence) bool {
	return !e.Order.CertificateID.IsZero() && e.SignedInWith.ID == e.Order.CertificateID &&
		e.SignedInWith.ID == order.CertificateDocumentID(e.SignedInWith.Content) && e.Holder == e.Checked.Current
}

func wellSigned(a *Approval) bool {
	return len(a.Verified) > 0 && a.Verified.Passed() && !a.Confirmation.SignedAt.IsZero()
}

// signedByHead: the signer's certificate names the organisation of the order,
// and is that of the manager who was found to be its head.
func signedByHead(e Evidence) bool {
	a := e.Approval
	return e.Order.UNP != "" && a.Confirmation.UNP == e.Order.UNP && a.List.UNP == e.Order.UNP &&
		order.Latin(a.Signer.UNP) == order.Latin(e.Order.UNP) && a.SignerKey != "" && a.SignerKey == a.Confirmation.ManagerKey &&
		order.BareNumber(a.Signer.PersonalNumber) == a.List.HeadNumber
}

// listed: the signed list is the confirmation's and says of this order what
// both checks found: file, key, person, positions, term and, in the confirmation
// it was signed for, this price.
func listed(e Evidence) bool {
	a := e.Approval
	if a.List.Number == 0 || a.List.Number != a.Confirmation.ListNumber {
		return false
	}
	var found []list.Entry
	for _, entry := range a.List.Entries {
		if entry.Number == e.Order.Number {
			found = append(found, entry)
		}
	}
	if len(found) != 1 || found[0] != approval.EntryOf(e.Order.Number, e.Checked, e.File.SHA256, e.Registers, found[0].Price) {
		return false
	}
	return samePrice(found[0], e)
}

func samePrice(entry list.Entry, e Evidence) bool {
	return e.Approval.CurrentID != e.Approval.Confirmation.ID || e.Payment == nil || entry.Price == e.Payment.Share
}

// comparedSubject: the certificate names whom the first check compared, and
// nothing else (I3).
func comparedSubject(e Evidence) bool {
	return e.Prepared.Subject == e.Checked.Subject && e.Prepared.Subject.PersonalNumber != ""
}

// paidFor: the payable of the order, or of the confirmation that has it, names
// the order and is paid.
func paidFor(e Evidence) bool {
	p := e.Payment
	if p == nil || p.State != payments.PayablePaid || !p.Held || p.Share <= 0 {
		return false
	}
	if needsApproval(e) {
		return p.PayableID == e.Order.ConfirmationID && e.Approval != nil && e.Approval.CurrentID == p.PayableID
	}
	return p.PayableID == e.Order.ID
}

// exactSum: applied payments of exactly what all held lines come to, and
// nothing that took money back.
func exactSum(p Payment) bool {
	var sum order.Kopecks
	for _, a := range p.Applied {
		if a.Kind != payments.KindPayment || a.Currency != currency || a.Amount <= 0 {
			return false
		}
		sum += a.Amount
	}
	return sum == p.Lines && sum > 0
}

// rightDates: the certificate begins now or, for 6.0.01, on the day that was
// asked for, and ends as the term says (I2).
func rightDates(e Evidence) bool {
	period := func(issue time.Time) (from, to time.Time, err error) {
		return ca.Validity(e.Order.Service, e.Order.Kind, e.Checked.Years, e.Checked.RequestedStart.Start(), issue)
	}
	begin, _, err := period(e.At)
	if err != nil {
		return false
	}
	if d := e.Prepared.NotBefore.Sub(begin); d < -clockTolerance || d > clockTolerance {
		return false
	}
	from, to, err := period(e.Prepared.NotBefore)
	return err == nil && from.Equal(e.Prepared.NotBefore) && to.Equal(e.Prepared.NotAfter)
}

// String describes a refusal to operators.
func (r Refusal) String() string {
	if text, ok := refusalTexts[r]; ok {
		return text
	}
	return fmt.Sprintf("refusal %q", string(r))
}

var refusalTexts = map[Refusal]string{
	RefusedStage:       "the order has ended, or its checks are not over",
	RefusedConsent:     "the applicant did not accept both documents before the upload (S1)",
	RefusedRequest:     "the stored request file is not the one that was checked (S2, S3)",
	RefusedVerdict:     "the first check did not pass (S3–S6)",
	RefusedRegisters:   "there is no passed report of the registers (S7)",
	RefusedCertificate: "the stored certificate is not the one signed in with (A1)",
	RefusedApproval:    "no signed list names the order (M6)",
	RefusedSignature:   "the signature over the list is not good (M6)",
	RefusedSigner:      "the list was not signed by the head of the organisation (M1)",
	RefusedList:        "the list does not name this order, key, position, term and price (M5)",
	RefusedPayment:     "nothing pays for the order (P4)",
	RefusedAmount:      "the payments are not the exact sum (P3, P7)",
	RefusedKind:        "the service does not serve this kind of applicant",
	RefusedTerm:        "the term is not allowed (S6)",
	RefusedDates:       "the dates are not those of the rules (I2)",
	RefusedKey:         "the key is not the one that was checked (S3)",
	RefusedSubject:     "the subject is not the one that was compared (I3)",
	RefusedStanding:    "the certificate signed in with was not good when the order was made (A1)",
	RefusedRevocation:  "the certificate signed in with was revoked (A1c)",
}

// Refusals lists every refusal of the gate.
func Refusals() []Refusal {
	out := make([]Refusal, 0, len(gate))
	for _, rule := range gate {
		out = append(out, rule.refusal)
	}
	return out
}
