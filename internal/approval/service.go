package approval

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// ListedOrder is an order that a manager may put on a list.
type ListedOrder struct {
	ID           order.ID
	Entry        Entry
	Organisation string
	// Approved orders need no second signature (P8).
	Approved bool
	// ConfirmBy and PayBy are the order's terms (D1, D2).
	ConfirmBy time.Time
	PayBy     time.Time
}

// Signed is a confirmation whose signature was verified, or that needs none (P8).
type Signed struct {
	Confirmation order.Confirmation
	// SignatureID names the signature's document; zero when there is none (P8).
	SignatureID order.ID
	// SignerID names the document of the certificate that signed, SignerKey is
	// the SHA-256 of its public key in hexadecimal.
	SignerID  order.ID
	SignerKey string
	// Signature is the CMS message, one document; Evidence is what it was
	// verified against, and the signer's certificate. Both are empty when there
	// is none (P8).
	Signature, Evidence []order.Document
	At                  time.Time
}

// Store keeps confirmations.
type Store interface {
	// ListOrders gives those of the orders that are the organisation's, wait
	// for approval within the visibility term or for payment, and are in no
	// other open payment, with their prices; sorted by name and number. A
	// missing price is order.ErrNoPrice.
	ListOrders(ctx context.Context, unp string, ids []order.ID, at time.Time) ([]ListedOrder, error)
	// SaveList keeps a confirmation that waits for its signature, and its list.
	SaveList(ctx context.Context, c order.Confirmation, list order.Document) error
	// Confirm approves what can still be confirmed, in one transaction. Errors:
	// order.ErrStage, order.ErrNothingToConfirm, order.ErrNoPrice.
	Confirm(ctx context.Context, s Signed) (order.Confirmation, error)
	// MarkStarted notes that the workflow runs.
	MarkStarted(ctx context.Context, id order.ID) error
}

// Keeper stores documents besides reading them.
type Keeper interface {
	Documents
	Put(ctx context.Context, d order.Document) error
}

// Heads knows the heads of organisations (M1).
type Heads interface {
	Head(ctx context.Context, unp order.UNP) (registers.Head, error)
}

// Anchors are the certificates and revocation lists that are trusted now.
type Anchors interface{ Trust() path.Trust }

// Starter starts the workflow of a confirmation; one that runs already is no error.
type Starter interface {
	StartConfirmation(ctx context.Context, c order.Confirmation) error
}

// Service makes the lists of confirmations and takes the signatures over them (6.0.02).
type Service struct {
	Store     Store
	Documents Keeper
	Trust     Validator
	// Heads asks the register itself: a signature is worth a question (M1).
	Heads Heads
	// Anchors are kept as evidence with every good signature.
	Anchors Anchors
	Starter Starter
	Log     *slog.Logger
	Policy  order.Policy
	Now     func() time.Time
}

// Choice is what a manager has chosen to confirm.
type Choice struct {
	UNP string
	// ManagerKey is the keyed hash of the manager.
	ManagerKey string
	// Certificate is the one signed in with.
	Certificate *pki.Certificate
	Orders      []order.ID
	// Email is where the manager is reminded; empty for nowhere.
	Email    string
	Language string
}

// Compose makes the list of the chosen orders (M5). When every one of them was
// approved in a confirmation that lapsed, there is nothing to sign and the
// payment is open at once (P8). Errors: order.ErrNothingToConfirm, order.ErrNoPrice.
func (s *Service) Compose(ctx context.Context, in Choice) (order.Confirmation, error) {
	at := s.Now()
	chosen, err := s.Store.ListOrders(ctx, in.UNP, in.Orders, at)
	if err != nil {
		return order.Confirmation{}, err
	}
	if len(chosen) == 0 {
		return order.Confirmation{}, order.ErrNothingToConfirm
	}
	c := order.Confirmation{
		ID: order.NewID(), UNP: in.UNP, ManagerKey: in.ManagerKey, CertificateID: order.CertificateDocumentID(in.Certificate.Raw),
		Language: in.Language, Email: in.Email, StartedAt: at, Policy: s.Policy, Stage: order.ConfirmationSigning,
	}
	err = s.Documents.Put(ctx, order.Document{
		ID: c.CertificateID, Kind: order.DocumentCertificate, MediaType: "application/pkix-cert", OwnerKey: in.ManagerKey,
		Content: in.Certificate.Raw,
	})
	if err != nil {
		return order.Confirmation{}, err
	}
	entries := make([]Entry, 0, len(chosen))
	for _, o := range chosen {
		c.OrderIDs, entries = append(c.OrderIDs, o.ID), append(entries, o.Entry)
		if !o.Approved && (c.Until.IsZero() || o.ConfirmBy.Before(c.Until)) {
			c.Until = o.ConfirmBy
		}
	}
	if c.Until.IsZero() {
		return s.confirm(ctx, Signed{Confirmation: c, At: at})
	}
	document, err := listDocument(&c, chosen[0].Organisation, entries)
	if err != nil {
		return order.Confirmation{}, err
	}
	return c, s.Store.SaveList(ctx, c, document)
}

func listDocument(c *order.Confirmation, organisation string, entries []Entry) (order.Document, error) {
	list, err := NewList(c.ID.String(), organisation, c.UNP, c.StartedAt, entries)
	if err != nil {
		return order.Document{}, err
	}
	canonical, err := list.Canonical()
	if err != nil {
		return order.Document{}, err
	}
	c.ListID = order.ListDocumentID(c.ID)
	return order.Document{
		ID: c.ListID, Kind: order.DocumentList, MediaType: "application/json", OwnerKey: c.UNP, Content: canonical,
	}, nil
}

// RejectedError is a signature that is not good, or not the head's (M1, M6);
// nothing is approved on it.
type RejectedError struct {
	// Report lists the checks that failed.
	Report order.Report
}

// Error says that the signature is rejected.
func (e *RejectedError) Error() string { return "the signature over the list is rejected" }

// Sign verifies a detached CMS signature over the exact bytes of the list, and
// that its signer is the head whom the EGR records now (M1, M6). On a good one
// every order that can still be confirmed is approved and the payment is open
// (M8). Errors: order.ErrStage, *RejectedError, registers.ErrUnavailable,
// order.ErrNothingToConfirm, order.ErrNoPrice.
func (s *Service) Sign(ctx context.Context, c order.Confirmation, signature []byte) (order.Confirmation, error) {
	if c.Stage != order.ConfirmationSigning || c.ListID.IsZero() {
		return c, order.ErrStage
	}
	at := s.Now()
	signer, err := s.verify(ctx, c, signature, at)
	if err != nil {
		return c, err
	}
	signed := Signed{Confirmation: c, SignatureID: order.NewID(), At: at}
	signed.Signature = []order.Document{{
		ID: signed.SignatureID, Kind: order.DocumentSignature, MediaType: "application/pkcs7-signature", OwnerKey: c.UNP, Content: signature,
	}}
	if signed.Evidence, err = EvidenceDocuments(s.Anchors.Trust(), signed.SignatureID, c.UNP, at); err != nil {
		return c, err
	}
	if signed.SignerKey, err = alg.KeyID(signer.PublicKey); err != nil {
		return c, fmt.Errorf("the signer's key: %w", err)
	}
	signed.SignerID = order.CertificateDocumentID(signer.Raw)
	signed.Evidence = append(signed.Evidence, order.Document{
		ID: signed.SignerID, Kind: order.DocumentCertificate, MediaType: "application/pkix-cert", OwnerKey: c.ManagerKey, Content: signer.Raw,
	})
	return s.confirm(ctx, signed)
}

// verify makes the checks of M6 and M1 and gives the certificate that signed.
func (s *Service) verify(ctx context.Context, c order.Confirmation, signature []byte, at time.Time) (*pki.Certificate, error) {
	list, err := s.Documents.Get(ctx, c.ListID)
	if err != nil {
		return nil, fmt.Errorf("load the list: %w", err)
	}
	stored, err := s.Documents.Get(ctx, c.CertificateID)
	if err != nil {
		return nil, fmt.Errorf("load the manager's certificate: %w", err)
	}
	certificate, err := pki.ParseCertificate(stored.Content)
	if err != nil {
		return nil, fmt.Errorf("read the manager's certificate: %w", err)
	}
	report, signer := Verify(s.Trust, list.Content, signature, at, certificate)
	if !report.Passed() {
		return nil, &RejectedError{Report: report.Failed()}
	}
	head, err := registers.Definite(s.Heads.Head(ctx, order.UNP(c.UNP)))
	if err != nil {
		return nil, err
	}
	if report = registers.CompareHead(signer, head).Failed(); len(report) > 0 {
		return nil, &RejectedError{Report: report}
	}
	return signedWith(list.Content, signature, certificate)
}

// confirm opens the payment and starts the workflow. Where Temporal is away, a
// job of the worker starts it later.
func (s *Service) confirm(ctx context.Context, signed Signed) (order.Confirmation, error) {
	c, err := s.Store.Confirm(ctx, signed)
	if err != nil {
		return signed.Confirmation, err
	}
	// What is approved is approved, whether its caller still waits or not.
	ctx = context.WithoutCancel(ctx)
	if err = s.Starter.StartConfirmation(ctx, c); err == nil {
		err = s.Store.MarkStarted(ctx, c.ID)
	}
	if err != nil {
		s.Log.WarnContext(ctx, "workflow of a confirmation not started, a job starts it later", "confirmation", c.ID.String(), "error", err)
	}
	return c, nil
}
