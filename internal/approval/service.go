package approval

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// ListedOrder is an order that a manager may put on a list.
type ListedOrder struct {
	ID           order.ID
	Entry        list.Entry
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
	// List are the octets that the signature was verified over; empty when there
	// is none (P8).
	List []byte
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
	// NextListNumber gives the number of a new list; numbers of lists that are
	// never kept are left out.
	NextListNumber(ctx context.Context) (int64, error)
	// SaveList keeps a confirmation that waits for its signature, and its list.
	SaveList(ctx context.Context, c order.Confirmation, list order.Document) error
	// Confirm approves what can still be confirmed, in one transaction. Errors:
	// order.ErrStage, order.ErrNothingToConfirm, order.ErrNoPrice, order.ErrListOutdated.
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
	entries := make([]list.Entry, 0, len(chosen))
	for _, o := range chosen {
		c.OrderIDs, entries = append(c.OrderIDs, o.ID), append(entries, o.Entry)
		if !o.Approved && (c.Until.IsZero() || o.ConfirmBy.Before(c.Until)) {
			c.Until = o.ConfirmBy
		}
	}
	if c.Until.IsZero() {
		return s.confirm(ctx, Signed{Confirmation: c, At: at})
	}
	head := in.Certificate.Subject()
	made := list.List{
		MadeAt: at, Organisation: chosen[0].Organisation, UNP: in.UNP, Head: nameOf(head), HeadNumber: order.BareNumber(head.PersonalNumber), Entries: entries,
	}
	if made.Number, err = s.Store.NextListNumber(ctx); err != nil {
		return order.Confirmation{}, err
	}
	if made, err = list.New(made); err != nil {
		return order.Confirmation{}, fmt.Errorf("list of %d orders: %w", len(entries), err)
	}
	c.ListNumber, c.ListID = made.Number, order.ListDocumentID(c.ID)
	return c, s.Store.SaveList(ctx, c, order.Document{
		ID: c.ListID, Kind: order.DocumentList, MediaType: list.MediaType, OwnerKey: c.UNP, Content: made.Canonical(),
	})
}

// nameOf is a person's full name as it stands in a certificate.
func nameOf(s order.Subject) string {
	if s.Surname == "" {
		return s.CommonName
	}
	return s.FullName()
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
// order.ErrNothingToConfirm, order.ErrNoPrice, order.ErrListOutdated.
func (s *Service) Sign(ctx context.Context, c order.Confirmation, signature []byte) (order.Confirmation, error) {
	if c.Stage != order.ConfirmationSigning || c.ListID.IsZero() {
		return c, order.ErrStage
	}
	at := s.Now()
	octets, signer, err := s.verify(ctx, c, signature, at)
	if err != nil {
		return c, err
	}
	signed := Signed{Confirmation: c, List: octets, SignatureID: order.NewID(), At: at}
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

// verify makes the checks of M6 and M1 and gives the list's octets and the certificate
// that signed them.
func (s *Service) verify(ctx context.Context, c order.Confirmation, signature []byte, at time.Time) ([]byte, *pki.Certificate, error) {
	doc, err := s.Documents.Get(ctx, c.ListID)
	if err != nil {
		return nil, nil, fmt.Errorf("load the list: %w", err)
	}
	stored, err := s.Documents.Get(ctx, c.CertificateID)
	if err != nil {
		return nil, nil, fmt.Errorf("load the manager's certificate: %w", err)
	}
	certificate, err := pki.ParseCertificate(stored.Content)
	if err != nil {
		return nil, nil, fmt.Errorf("read the manager's certificate: %w", err)
	}
	report, signer := Verify(s.Trust, doc.Content, signature, at, certificate)
	if !report.Passed() {
		return nil, nil, &RejectedError{Report: report.Failed()}
	}
	listed, err := list.Parse(doc.Content)
	if err != nil {
		return nil, nil, fmt.Errorf("read the list: %w", err)
	}
	if number := order.BareNumber(signer.PersonalNumber); number != listed.HeadNumber {
		return nil, nil, &RejectedError{Report: order.Report{{
			Code: order.CheckHead, Verdict: order.VerdictFailed, Field: order.FieldPersonalNumber, Found: number, Expected: listed.HeadNumber,
			Cause: registers.CauseDiffers,
		}}}
	}
	head, err := registers.Definite(s.Heads.Head(ctx, order.UNP(c.UNP)))
	if err != nil {
		return nil, nil, err
	}
	if report = registers.CompareHead(signer, head).Failed(); len(report) > 0 {
		return nil, nil, &RejectedError{Report: report}
	}
	with, err := signedWith(doc.Content, signature, certificate)
	return doc.Content, with, err
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
