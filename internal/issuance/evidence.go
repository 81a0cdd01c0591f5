package issuance

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Evidence is all that a certificate rests on, as the database has it in the
// transaction that reserves the certificate, and what is about to be certified.
// Nothing of it comes from a workflow.
type Evidence struct {
	// At is the moment of the reservation.
	At time.Time
	// Order is the locked record of the order, Checked its request as the first
	// check found it.
	Order   order.Record
	Checked order.CheckedRequest
	// File is the stored request file, FileKeyID the SHA-256 of the public key
	// that stands in it, in hexadecimal; empty for a file that cannot be read.
	File      order.Document
	FileKeyID string
	// Registers is the second check's report; nil when none is stored.
	Registers order.Report
	// SignedInWith is the stored certificate of the applicant, Standing what
	// its chain, dates at the order and revocation now come to (A1, A1c).
	SignedInWith order.Document
	Holder       order.Subject
	Standing     order.Check
	// Approval is the manager's, for 6.0.01.
	Approval *Approval
	// Payment is what pays for the order; nil for nothing.
	Payment *Payment
	// Prepared is what is about to be reserved.
	Prepared Prepared
}

// Approval is the signed list that is said to name the order.
type Approval struct {
	// Confirmation is the one whose list was signed, CurrentID the one that
	// the order is paid in: another one when the first lapsed (P8).
	Confirmation order.Confirmation
	CurrentID    order.ID
	List         list.List
	// Verified is the report over the manager's signature, verified again now
	// against the stored evidence with the roots that are trusted here.
	Verified order.Report
	Signer   order.Subject
	// SignerKey is the keyed hash of the signer, as the confirmation names its
	// manager, who was found to be the head of the organisation (M1).
	SignerKey string
}

// Payment is a payable with its line for the order and the ledger rows that are
// applied to it.
type Payment struct {
	PayableID order.ID
	State     payments.PayableState
	// Share is the order's line; Held tells that the line counts.
	Share order.Kopecks
	Held  bool
	// Lines is the sum of all lines that are held.
	Lines   order.Kopecks
	Applied []Applied
}

// Applied is a ledger row that pays for the payable.
type Applied struct {
	ID       order.ID
	Kind     payments.Kind
	Amount   order.Kopecks
	Currency string
}

// Prepared is the certificate that is about to be reserved.
type Prepared struct {
	// KeyID is the SHA-256 of the public key in hexadecimal.
	KeyID     string
	Subject   order.Subject
	NotBefore time.Time
	NotAfter  time.Time
}
