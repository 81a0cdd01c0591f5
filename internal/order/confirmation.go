package order

import (
	"fmt"
	"time"
)

// ConfirmationStage is where a confirmation stands.
type ConfirmationStage string

// The stages of a confirmation. A list that waits for its signature is a row
// only; the workflow begins with the verified signature.
const (
	ConfirmationSigning  ConfirmationStage = "awaiting-signature"
	ConfirmationPayment  ConfirmationStage = "awaiting-payment"
	ConfirmationIssuing  ConfirmationStage = "issuing"
	ConfirmationFinished ConfirmationStage = "finished"
	ConfirmationLapsed   ConfirmationStage = "lapsed"
	ConfirmationVoid     ConfirmationStage = "void"
)

// Open tells whether something can still happen to the confirmation.
func (s ConfirmationStage) Open() bool {
	return s == ConfirmationSigning || s == ConfirmationPayment || s == ConfirmationIssuing
}

// Confirmation is one manager's chosen orders with one payment (6.0.02), as
// the database keeps it.
type Confirmation struct {
	ID  ID
	UNP string
	// ManagerKey is the keyed hash of the manager.
	ManagerKey string
	// CertificateID is the document of the manager's certificate.
	CertificateID ID
	Language      string
	// Email is where the manager is reached; empty when none was given.
	Email     string
	StartedAt time.Time
	Policy    Policy

	Version int64
	Stage   ConfirmationStage
	// ListID is the document that is signed; zero when every order was
	// approved in a confirmation that lapsed (P8).
	ListID ID
	// ListNumber is the one that people know the list by; zero without a list.
	ListNumber  int64
	SignatureID ID
	SignedAt    time.Time
	OrderIDs    []ID
	IssuedIDs   []ID
	LeftIDs     []ID
	Number      PaymentNumber
	Total       Kopecks
	Until       time.Time
	PaymentID   ID
}

// Certificates is how many are to be issued: one an order that has not left.
func (c Confirmation) Certificates() int { return len(c.OrderIDs) - len(c.LeftIDs) }

// Done tells whether every order has its certificate or has left.
func (c Confirmation) Done() bool { return len(c.IssuedIDs)+len(c.LeftIDs) >= len(c.OrderIDs) }

// WorkflowID is the id of an order's workflow: it begins with the number
// by which people know the order.
func WorkflowID(number int64, id ID) string { return fmt.Sprintf("%d-order-%s", number, id) }

// ConfirmationWorkflowID is the id of a confirmation's workflow: it begins
// with the payment number.
func ConfirmationWorkflowID(n PaymentNumber, id ID) string {
	return fmt.Sprintf("%s-confirmation-%s", n.ERIP(), id)
}
