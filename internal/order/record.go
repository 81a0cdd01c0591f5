package order

import "time"

// MaxOpen is how many open orders a person may have at a time, drafts included (A6).
const MaxOpen = 5

// Record is an order, or before S8 its draft, as the database keeps it. A
// draft is at StageTerms or StageRequest and is one per person and service.
type Record struct {
	ID      ID
	Number  int64
	Service Service
	Kind    Kind
	// ApplicantKey is the keyed hash of person and organisation.
	ApplicantKey string
	// UNP is of the organisation or of the sole proprietor; empty for an individual.
	UNP string
	// CertificateID is the document of the certificate signed in with.
	CertificateID ID
	// Language is ru, be or en.
	Language  string
	StartedAt time.Time
	// Policy are the terms that the order keeps until its end (D5).
	Policy Policy

	// Version counts the changes of the record; screens wait for the next one.
	Version int64
	Stage   Stage
	End     End
	Reason  EndReason
	// Note is the manager's reason of a rejection (M4).
	Note string
	// Until is when the present wait ends; zero when nothing is waited for.
	Until time.Time
	PayBy time.Time

	Consent  *Consent
	Contacts *Contacts
	// RequestID is the document of the last request file (S2).
	RequestID ID
	// Report lists what failed or changed in the last checks.
	Report Report
	// UploadedAt starts the visibility term, CompletedAt the payment term (D1, D2).
	UploadedAt     time.Time
	CompletedAt    time.Time
	ConfirmationID ID
	ApprovedAt     time.Time
	PaymentID      ID
	// ClosedToMoney orders can be in no payment any more (D7, P4).
	ClosedToMoney bool
}

// Consent is the acceptance of S1: both documents or nothing.
type Consent struct {
	AgreementVersion string    `json:"agreementVersion"`
	ContractVersion  string    `json:"contractVersion"`
	AcceptedAt       time.Time `json:"acceptedAt"`
}

// CheckedRequest is a request file as the first check found it (S3–S6).
type CheckedRequest struct {
	// ID is that of the file's document.
	ID      ID
	OrderID ID
	// Subject is whom the request names, Current whom the certificate names.
	Subject        Subject
	Current        Subject
	Report         Report
	Years          int
	RequestedStart Date
	// KeyID is the SHA-256 of the public key in hexadecimal.
	KeyID string
	// NamedPayment is the payment that the request names in challengePassword
	// (STB 34.101.78); 0 when it names none.
	NamedPayment PaymentNumber
	CheckedAt    time.Time
}

// Event is one line for the audit chain.
type Event struct {
	// Action is one of the audit log's actions.
	Action string
	// By is ByApplicant, BySystem, or ByManager of a keyed hash.
	By string
	At time.Time
	// Evidence names identifiers and digests, never values of people.
	Evidence map[string]string
}

// Who acts, as it stands in events.
const (
	ByApplicant = "applicant"
	BySystem    = "system"
)

// ByManager is the manager of the keyed hash.
func ByManager(key string) string { return "manager:" + key }

// Notice asks for a message to the applicant or, for a confirmation, to the manager.
type Notice struct {
	Kind     NoticeKind
	Deadline time.Time
	Amount   Kopecks
	// Was is the amount before, where it has changed.
	Was    Kopecks
	Number PaymentNumber
	// Certificates counts those of a confirmation.
	Certificates int
}
