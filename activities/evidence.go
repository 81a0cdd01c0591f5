package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// EvidenceID is the document id of what a signature was verified against.
func EvidenceID(signatureID string) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte("evidence:"+signatureID)).String()
}

// RevocationListID is the document id of a revocation list: the same list is
// stored once, however many signatures were verified against it.
func RevocationListID(der []byte) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, append([]byte("revocation-list:"), der...)).String()
}

// Anchors are the certificates and revocation lists that are trusted now.
type Anchors interface{ Trust() path.Trust }

// keepEvidence stores what the signature was verified against, so that it can
// be verified again when certificates and lists are long gone.
func (l *Lists) keepEvidence(ctx context.Context, in VerifyListInput) error {
	if l.Anchors == nil {
		return nil
	}
	trust := l.Anchors.Trust()
	var errs []error
	for _, list := range trust.CRLs {
		errs = append(errs, l.Documents.Put(ctx, Document{
			ID: RevocationListID(list.Raw), Kind: DocumentEvidence, MediaType: "application/pkix-crl", Content: list.Raw,
		}))
	}
	content, err := json.Marshal(approval.EvidenceOf(trust, in.At, RevocationListID))
	errs = append(errs, err, l.Documents.Put(ctx, Document{
		ID: EvidenceID(in.SignatureID), Kind: DocumentEvidence, MediaType: "application/json", OwnerKey: in.UNP, Content: content,
	}))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("keep the evidence of a signature: %w", err)
	}
	return nil
}

// Approval gathers a confirmation's approval from stored documents, for
// verifying it again. Error: ErrNotFound when anything of it is not stored.
func Approval(ctx context.Context, documents Documents, confirmationID string, ids ApprovalDocuments) (approval.Bundle, error) {
	content := make(map[string][]byte)
	for _, id := range []string{ids.ListID, ids.SignatureID, ids.CertificateID, EvidenceID(ids.SignatureID)} {
		d, err := documents.Get(ctx, id)
		if err != nil {
			return approval.Bundle{}, fmt.Errorf("document of the approval: %w", err)
		}
		content[id] = d.Content
	}
	evidence, err := approval.ParseEvidence(content[EvidenceID(ids.SignatureID)])
	if err != nil {
		return approval.Bundle{}, err
	}
	b := approval.Bundle{
		Format: approval.BundleFormat, ConfirmationID: confirmationID, At: evidence.At, List: content[ids.ListID],
		Signature: content[ids.SignatureID], SignedInWith: content[ids.CertificateID], Certificates: evidence.Certificates,
	}
	for _, id := range evidence.ListIDs {
		d, err := documents.Get(ctx, id)
		if err != nil {
			return approval.Bundle{}, fmt.Errorf("revocation list of the approval: %w", err)
		}
		b.Lists = append(b.Lists, d.Content)
	}
	return b, nil
}

// ApprovalDocuments name the stored documents of an approval.
type ApprovalDocuments struct {
	ListID        string
	SignatureID   string
	CertificateID string
}
