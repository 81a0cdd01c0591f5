package activities

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// OrderOpening is what is known when an order begins; it never changes.
type OrderOpening struct {
	Number       int64         `json:"number"`
	WorkflowID   string        `json:"workflowId"`
	Service      order.Service `json:"service"`
	Kind         order.Kind    `json:"kind"`
	ApplicantKey string        `json:"applicantKey"`
	UNP          string        `json:"unp,omitempty"`
	// CertificateID is the stored document of the certificate signed in with.
	CertificateID string    `json:"certificateId"`
	Language      string    `json:"language"`
	StartedAt     time.Time `json:"startedAt"`
}

// Terms is the consent of S1: both documents or nothing.
type Terms struct {
	AgreementVersion string    `json:"agreementVersion"`
	ContractVersion  string    `json:"contractVersion"`
	AcceptedAt       time.Time `json:"acceptedAt"`
}

// Notice asks for a message to the applicant or, for a confirmation, to the manager.
type Notice struct {
	Kind     order.NoticeKind `json:"kind"`
	Deadline time.Time        `json:"deadline,omitzero"`
	Amount   order.Kopecks    `json:"amount,omitempty"`
	Number   int64            `json:"number,omitempty"`
	// Certificates counts the certificates of a confirmation.
	Certificates int `json:"certificates,omitempty"`
}

// AuditEvent is one line for the audit chain; Evidence names ids, never values.
type AuditEvent struct {
	Action   string            `json:"action"`
	Actor    string            `json:"actor"`
	At       time.Time         `json:"at"`
	Evidence map[string]string `json:"evidence,omitempty"`
}

// OrderState is the part of an order that changes, as of Version.
type OrderState struct {
	OrderID string `json:"orderId"`
	// Version counts the transitions; an older one never overwrites a newer.
	Version int64           `json:"version"`
	Stage   order.Stage     `json:"stage"`
	End     order.End       `json:"end,omitempty"`
	Reason  order.EndReason `json:"reason,omitempty"`
	// Note is the manager's reason of a rejection.
	Note string `json:"note,omitempty"`
	// Until is when the present wait ends; zero when nothing is waited for.
	Until time.Time `json:"until,omitzero"`
	PayBy time.Time `json:"payBy,omitzero"`
	// Terms, Contacts, RequestID and Report stay once they are known.
	Terms     *Terms          `json:"terms,omitempty"`
	Contacts  *order.Contacts `json:"contacts,omitempty"`
	RequestID string          `json:"requestId,omitempty"`
	Report    order.Report    `json:"report,omitempty"`
	// UploadedAt starts the visibility term, CompletedAt the payment term (D1, D2).
	UploadedAt     time.Time `json:"uploadedAt,omitzero"`
	CompletedAt    time.Time `json:"completedAt,omitzero"`
	ConfirmationID string    `json:"confirmationId,omitempty"`
	ApprovedAt     time.Time `json:"approvedAt,omitzero"`
	PaymentID      string    `json:"paymentId,omitempty"`
}

// RecordOrderInput is one transition of an order with everything that has to
// become visible together with it, in one transaction.
type RecordOrderInput struct {
	// Opening is given with the first version only.
	Opening *OrderOpening `json:"opening,omitempty"`
	State   OrderState    `json:"state"`
	// SaveRequest makes the request of State the saved one (S8); a key that is
	// already in another open order is refused with ErrTypeNotSaved.
	SaveRequest bool         `json:"saveRequest,omitempty"`
	Notices     []Notice     `json:"notices,omitempty"`
	Events      []AuditEvent `json:"events,omitempty"`
}

// ConfirmationOpening is what is known when a confirmation begins.
type ConfirmationOpening struct {
	WorkflowID string `json:"workflowId"`
	UNP        string `json:"unp"`
	ManagerKey string `json:"managerKey"`
	// CertificateID is the stored document of the manager's certificate.
	CertificateID string    `json:"certificateId"`
	Language      string    `json:"language"`
	Email         string    `json:"email,omitempty"`
	StartedAt     time.Time `json:"startedAt"`
}

// ConfirmationState is the part of a confirmation that changes, as of Version.
type ConfirmationState struct {
	ConfirmationID string            `json:"confirmationId"`
	Version        int64             `json:"version"`
	Stage          ConfirmationStage `json:"stage"`
	ListID         string            `json:"listId,omitempty"`
	SignatureID    string            `json:"signatureId,omitempty"`
	SignedAt       time.Time         `json:"signedAt,omitzero"`
	OrderIDs       []string          `json:"orderIds"`
	IssuedIDs      []string          `json:"issuedIds,omitempty"`
	LeftIDs        []string          `json:"leftIds,omitempty"`
	Number         int64             `json:"number,omitempty"`
	Total          order.Kopecks     `json:"total,omitempty"`
	Until          time.Time         `json:"until,omitzero"`
	PaymentID      string            `json:"paymentId,omitempty"`
}

// ConfirmationStage is where a confirmation stands.
type ConfirmationStage string

// The stages of a confirmation.
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

// RecordConfirmationInput is one transition of a confirmation.
type RecordConfirmationInput struct {
	Opening *ConfirmationOpening `json:"opening,omitempty"`
	State   ConfirmationState    `json:"state"`
	Notices []Notice             `json:"notices,omitempty"`
	Events  []AuditEvent         `json:"events,omitempty"`
}

// RecordStore keeps the read model, the outbox of notices and the audit chain
// together: one call is one transaction, and repeating it changes nothing.
type RecordStore interface {
	RecordOrder(ctx context.Context, in RecordOrderInput) error
	RecordConfirmation(ctx context.Context, in RecordConfirmationInput) error
}

// Records writes transitions where screens, messages and auditors see them.
type Records struct{ Store RecordStore }

// RecordOrder writes one transition of an order.
func (r *Records) RecordOrder(ctx context.Context, in RecordOrderInput) error {
	return applicationError(r.Store.RecordOrder(ctx, in))
}

// RecordConfirmation writes one transition of a confirmation.
func (r *Records) RecordConfirmation(ctx context.Context, in RecordConfirmationInput) error {
	return applicationError(r.Store.RecordConfirmation(ctx, in))
}
