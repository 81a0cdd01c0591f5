package approval

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Documents reads stored documents; getting what is not there is order.ErrNotFound.
type Documents interface {
	Get(ctx context.Context, id order.ID) (order.Document, error)
}

// EvidenceDocuments are what a signature was verified against, as documents to
// keep: with them it can be verified again when certificates and lists are
// long gone. The same revocation list is one document, however many signatures
// were verified against it.
func EvidenceDocuments(trust path.Trust, signature order.ID, unp string, at time.Time) ([]order.Document, error) {
	docs := make([]order.Document, 0, len(trust.CRLs)+1)
	for _, crl := range trust.CRLs {
		docs = append(docs, order.Document{
			ID: order.RevocationListDocumentID(crl.Raw), Kind: order.DocumentEvidence, MediaType: "application/pkix-crl", Content: crl.Raw,
		})
	}
	content, err := json.Marshal(EvidenceOf(trust, at, func(der []byte) string { return order.RevocationListDocumentID(der).String() }))
	if err != nil {
		return nil, fmt.Errorf("evidence of a signature: %w", err)
	}
	return append(docs, order.Document{
		ID: order.EvidenceDocumentID(signature), Kind: order.DocumentEvidence, MediaType: "application/json", OwnerKey: unp, Content: content,
	}), nil
}

// StoredIDs name the stored documents of an approval.
type StoredIDs struct {
	Confirmation, List, Signature, Certificate order.ID
}

// StoredBundle gathers a confirmation's approval from stored documents, for
// verifying it again. Error: order.ErrNotFound when anything of it is not stored.
func StoredBundle(ctx context.Context, documents Documents, ids StoredIDs) (Bundle, error) {
	read := reader{documents: documents}
	list, signature := read.content(ctx, ids.List), read.content(ctx, ids.Signature)
	certificate, kept := read.content(ctx, ids.Certificate), read.content(ctx, order.EvidenceDocumentID(ids.Signature))
	if read.err != nil {
		return Bundle{}, read.err
	}
	evidence, err := ParseEvidence(kept)
	if err != nil {
		return Bundle{}, err
	}
	b := Bundle{
		Format: BundleFormat, ConfirmationID: ids.Confirmation.String(), At: evidence.At, List: list, Signature: signature,
		SignedInWith: certificate, Certificates: evidence.Certificates,
	}
	for _, text := range evidence.ListIDs {
		id, err := order.ParseID(text)
		if err != nil {
			return Bundle{}, fmt.Errorf("evidence names a revocation list: %w", err)
		}
		b.Lists = append(b.Lists, read.content(ctx, id))
	}
	return b, read.err
}

// reader keeps the first error of several readings.
type reader struct {
	documents Documents
	err       error
}

func (r *reader) content(ctx context.Context, id order.ID) []byte {
	d, err := r.documents.Get(ctx, id)
	if err != nil {
		r.err = errors.Join(r.err, fmt.Errorf("document of the approval: %w", err))
	}
	return d.Content
}
