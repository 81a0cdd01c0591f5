package order

import "time"

// DocumentKind names what a stored document is.
type DocumentKind string

// The kinds of documents; each is kept whole, byte for byte.
const (
	DocumentCertificate DocumentKind = "certificate"
	DocumentRequest     DocumentKind = "request"
	DocumentList        DocumentKind = "list"
	DocumentSignature   DocumentKind = "list-signature"
	DocumentListPage    DocumentKind = "list-page"
	DocumentInvoice     DocumentKind = "invoice"
	// DocumentEvidence is what a signature was verified against (M6).
	DocumentEvidence DocumentKind = "evidence"
	// DocumentStatement is a signed request of STB 34.101.78: the applicant's will
	// to renew and, where it says so, the acceptance of the terms (S1).
	DocumentStatement DocumentKind = "signed-request"
)

// Document is kept whole, byte for byte, and never changes.
type Document struct {
	ID        ID
	Kind      DocumentKind
	MediaType string
	// OwnerKey is the keyed hash of the person, or the UNP of the
	// organisation, it belongs to.
	OwnerKey string
	Content  []byte
	// SHA256 is of the content; it and CreatedAt are given when a document is read.
	SHA256    [32]byte
	CreatedAt time.Time
}

// CertificateDocumentID is the identifier of a certificate's document: the
// same certificate is stored once.
func CertificateDocumentID(der []byte) ID { return DerivedID("certificate", der) }

// RevocationListDocumentID is the identifier of a revocation list's document.
func RevocationListDocumentID(der []byte) ID { return DerivedID("revocation-list", der) }

// ListDocumentID is the identifier of a confirmation's list (M5).
func ListDocumentID(confirmation ID) ID { return DerivedID("list", confirmation[:]) }

// EvidenceDocumentID is the identifier of what a signature was verified against (M6).
func EvidenceDocumentID(signature ID) ID { return DerivedID("evidence", signature[:]) }
