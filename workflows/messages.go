package workflows

import (
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Names of the workflow types.
const (
	OrderWorkflow        = "Order"
	ConfirmationWorkflow = "Confirmation"
)

// Updates carry what a person waits for an answer to.
const (
	// UpdateOpen answers with the snapshot of an order or confirmation that is
	// new or was there already (A6); it carries no argument.
	UpdateOpen = "open"
	// UpdateAcceptTerms takes AcceptTermsInput and answers OrderSnapshot (S1).
	UpdateAcceptTerms = "accept-terms"
	// UpdateSubmitRequest takes SubmitRequestInput and answers SubmitRequestResult (S2–S6).
	UpdateSubmitRequest = "submit-request"
	// UpdateWithdraw takes nothing and answers OrderSnapshot (S10).
	UpdateWithdraw = "withdraw"
	// UpdateSignList takes SignListInput and answers SignListResult (M6, M8).
	UpdateSignList = "sign-list"
)

// Signals carry what others have decided and must not be lost even when no
// worker runs.
const (
	// SignalApproved carries Approved to an order.
	SignalApproved = "approved"
	// SignalRejected carries Rejected to an order (M4).
	SignalRejected = "rejected"
	// SignalPaymentReceived carries PaymentReceived to an order of 6.0.00 or a confirmation.
	SignalPaymentReceived = "payment-received"
	// SignalPaid carries Paid from a confirmation to an order.
	SignalPaid = "paid"
	// SignalIssued carries Issued to a confirmation.
	SignalIssued = "issued"
	// SignalOrderLeft carries OrderLeft from an order to its confirmation.
	SignalOrderLeft = "order-left"
)

// Types of the errors with which updates are refused; the API maps each to a
// problem document.
const (
	ErrTypeWrongStage      = "wrong-stage"
	ErrTypeBusy            = "busy"
	ErrTypeTermsOutdated   = "terms-outdated"
	ErrTypeAlreadyPaid     = "already-paid"
	ErrTypeRegistersSilent = "registers-silent"
)

// OrderInput starts an Order.
type OrderInput struct {
	OrderID       string        `json:"orderId"`
	Number        int64         `json:"number"`
	Service       order.Service `json:"service"`
	Kind          order.Kind    `json:"kind"`
	ApplicantKey  string        `json:"applicantKey"`
	UNP           string        `json:"unp,omitempty"`
	CertificateID string        `json:"certificateId"`
	Language      string        `json:"language"`
	Policy        order.Policy  `json:"policy"`
	// AgreementVersion and ContractVersion are the ones on offer (S1).
	AgreementVersion string `json:"agreementVersion"`
	ContractVersion  string `json:"contractVersion"`
}

// OrderResult is how an Order ended.
type OrderResult struct {
	End    order.End       `json:"end"`
	Reason order.EndReason `json:"reason,omitempty"`
}

// OrderSnapshot is where an order stands.
type OrderSnapshot struct {
	OrderID string          `json:"orderId"`
	Version int64           `json:"version"`
	Stage   order.Stage     `json:"stage"`
	End     order.End       `json:"end,omitempty"`
	Reason  order.EndReason `json:"reason,omitempty"`
}

// AcceptTermsInput names the versions that the applicant has read (S1).
type AcceptTermsInput struct {
	AgreementVersion string `json:"agreementVersion"`
	ContractVersion  string `json:"contractVersion"`
}

// SubmitRequestInput names a stored request file and the contacts (S2).
type SubmitRequestInput struct {
	RequestID string         `json:"requestId"`
	Contacts  order.Contacts `json:"contacts"`
	// Years is the term from the form; 0 takes the one of the file.
	Years int `json:"years,omitempty"`
}

// SubmitRequestResult is the verdict of the first check; Report lists what
// failed or changed, the whole report is stored with the request.
type SubmitRequestResult struct {
	Accepted bool          `json:"accepted"`
	Report   order.Report  `json:"report,omitempty"`
	Snapshot OrderSnapshot `json:"snapshot"`
}

// Approved tells an order which confirmation has taken it.
type Approved struct {
	ConfirmationID string    `json:"confirmationId"`
	At             time.Time `json:"at"`
}

// Rejected tells an order that the manager said no (M4).
type Rejected struct {
	// By is the keyed hash of the manager; Note is the optional reason.
	By   string `json:"by"`
	Note string `json:"note,omitempty"`
}

// PaymentReceived tells what is paid for that the ledger holds the money.
type PaymentReceived struct {
	PaymentID string `json:"paymentId"`
}

// Paid tells an order that its confirmation is paid.
type Paid struct {
	ConfirmationID string `json:"confirmationId"`
	PaymentID      string `json:"paymentId"`
}

// Issued tells a confirmation that the certificate of an order is out.
type Issued struct {
	OrderID string `json:"orderId"`
}

// OrderLeft tells a confirmation that an order will not be issued.
type OrderLeft struct {
	OrderID string `json:"orderId"`
	// Share is by how much less is to be paid now.
	Share order.Kopecks `json:"share,omitempty"`
}

// ConfirmationInput starts a Confirmation.
type ConfirmationInput struct {
	ConfirmationID string   `json:"confirmationId"`
	UNP            string   `json:"unp"`
	ManagerKey     string   `json:"managerKey"`
	CertificateID  string   `json:"certificateId"`
	OrderIDs       []string `json:"orderIds"`
	Language       string   `json:"language"`
	// Email is where the manager is reminded; optional.
	Email  string       `json:"email,omitempty"`
	Policy order.Policy `json:"policy"`
}

// ConfirmationResult is how a Confirmation ended.
type ConfirmationResult struct {
	Stage activities.ConfirmationStage `json:"stage"`
}

// ConfirmationSnapshot is where a confirmation stands.
type ConfirmationSnapshot struct {
	ConfirmationID string                       `json:"confirmationId"`
	Version        int64                        `json:"version"`
	Stage          activities.ConfirmationStage `json:"stage"`
	ListID         string                       `json:"listId,omitempty"`
	Number         int64                        `json:"number,omitempty"`
	Total          order.Kopecks                `json:"total,omitempty"`
}

// SignListInput names the stored signature over the list (M6).
type SignListInput struct {
	SignatureID string `json:"signatureId"`
}

// SignListResult is the verdict over the signature and, when it is good, what
// is to be paid (M8).
type SignListResult struct {
	Accepted bool                 `json:"accepted"`
	Report   order.Report         `json:"report,omitempty"`
	Snapshot ConfirmationSnapshot `json:"snapshot"`
}

// OrderWorkflowID is the id of the one order that a person can have open for a
// service (A6). The key is a keyed hash: no personal data stands in ids.
func OrderWorkflowID(service order.Service, applicantKey string) string {
	return fmt.Sprintf("order-%s-%s", service, applicantKey)
}

// ConfirmationWorkflowID is the workflow id of a confirmation.
func ConfirmationWorkflowID(confirmationID string) string { return "confirmation-" + confirmationID }
