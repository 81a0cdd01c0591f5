package activities

import (
	"context"
	"time"
)

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
)

// Document is kept whole, byte for byte, and never changes.
type Document struct {
	ID        string
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

// Documents keeps documents. Putting the same id again changes nothing;
// getting what is not there is ErrNotFound.
type Documents interface {
	Put(ctx context.Context, d Document) error
	Get(ctx context.Context, id string) (Document, error)
}
