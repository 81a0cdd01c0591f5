package activities

import "context"

// DocumentKind names what a stored document is.
type DocumentKind string

// The kinds of documents; each is kept whole, byte for byte.
const (
	DocumentCertificate DocumentKind = "certificate"
	DocumentRequest     DocumentKind = "request"
	DocumentList        DocumentKind = "list"
	DocumentSignature   DocumentKind = "list-signature"
)

// Document is a stored document. Owner is the keyed hash of whom it belongs
// to, or the UNP of the organisation.
type Document struct {
	ID        string
	Kind      DocumentKind
	MediaType string
	Owner     string
	Content   []byte
}

// Documents keeps documents. Saving the same id again changes nothing; loading
// what is not there is ErrNotFound.
type Documents interface {
	SaveDocument(ctx context.Context, d Document) error
	LoadDocument(ctx context.Context, id string) (Document, error)
}
