package activities

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/registers"
)

// ComposeListInput asks for the list that a manager signs (M5).
type ComposeListInput struct {
	ConfirmationID string    `json:"confirmationId"`
	UNP            string    `json:"unp"`
	OrderIDs       []string  `json:"orderIds"`
	At             time.Time `json:"at"`
}

// ComposeListResult names the stored list. NeedSignature is false when all
// orders were approved in a confirmation that lapsed (P8): then there is no
// list to sign.
type ComposeListResult struct {
	ListID        string   `json:"listId,omitempty"`
	OrderIDs      []string `json:"orderIds"`
	NeedSignature bool     `json:"needSignature"`
	// SignBy is when the first of the orders leaves the manager's list (D1).
	SignBy time.Time `json:"signBy"`
}

// ListedOrder is an order that a manager may put on a list.
type ListedOrder struct {
	Entry        approval.Entry
	Organisation string
	// Approved orders need no second signature (P8).
	Approved bool
	// ConfirmBy and PayBy are the order's terms (D1, D2).
	ConfirmBy time.Time
	PayBy     time.Time
}

// ListStore finds the orders of lists.
type ListStore interface {
	// ListOrders gives those of the orders that are the organisation's, wait
	// for approval within the visibility term or for payment, and are in no
	// other open payment, with their prices; sorted by name and number. A
	// missing price is ErrNoPrice.
	ListOrders(ctx context.Context, unp string, orderIDs []string, at time.Time) ([]ListedOrder, error)
}

// VerifyListInput names a signature over the stored list.
type VerifyListInput struct {
	UNP           string    `json:"unp"`
	CertificateID string    `json:"certificateId"`
	ListID        string    `json:"listId"`
	SignatureID   string    `json:"signatureId"`
	At            time.Time `json:"at"`
}

// VerifyListResult is the verdict over signature and signer (M1, M6).
type VerifyListResult struct {
	Report order.Report `json:"report,omitempty"`
}

// Lists makes the lists of confirmations and verifies signatures over them.
type Lists struct {
	Documents Documents
	Store     ListStore
	Trust     approval.Validator
	Heads     Heads
	// Anchors are kept as evidence with every good signature.
	Anchors Anchors
}

// ComposeList makes and stores the list of the chosen orders (M5).
func (l *Lists) ComposeList(ctx context.Context, in ComposeListInput) (ComposeListResult, error) {
	res, err := l.compose(ctx, in)
	return res, applicationError(err)
}

func (l *Lists) compose(ctx context.Context, in ComposeListInput) (ComposeListResult, error) {
	chosen, err := l.Store.ListOrders(ctx, in.UNP, in.OrderIDs, in.At)
	if err != nil {
		return ComposeListResult{}, err
	}
	if len(chosen) == 0 {
		return ComposeListResult{}, ErrNothingToConfirm
	}
	var res ComposeListResult
	var entries []approval.Entry
	for _, o := range chosen {
		res.OrderIDs = append(res.OrderIDs, o.Entry.OrderID)
		entries = append(entries, o.Entry)
		if o.Approved {
			continue
		}
		if !res.NeedSignature || o.ConfirmBy.Before(res.SignBy) {
			res.SignBy = o.ConfirmBy
		}
		res.NeedSignature = true
	}
	if !res.NeedSignature {
		return res, nil
	}
	res.ListID, err = l.save(ctx, in, chosen[0].Organisation, entries)
	return res, err
}

func (l *Lists) save(ctx context.Context, in ComposeListInput, organisation string, entries []approval.Entry) (string, error) {
	list, err := approval.NewList(in.ConfirmationID, organisation, in.UNP, in.At, entries)
	if err != nil {
		return "", err
	}
	canonical, err := list.Canonical()
	if err != nil {
		return "", err
	}
	// The id follows from the confirmation, so that a repeated step finds the
	// list that was stored first.
	id := uuid.NewSHA1(uuid.NameSpaceOID, []byte("list:"+in.ConfirmationID)).String()
	return id, l.Documents.Put(ctx, Document{
		ID: id, Kind: DocumentList, MediaType: "application/json", OwnerKey: in.UNP, Content: canonical,
	})
}

// VerifyList checks signature, chain, revocation, exact bytes and that the
// signer is the head whom the EGR records (M1, M6).
func (l *Lists) VerifyList(ctx context.Context, in VerifyListInput) (VerifyListResult, error) {
	list, err := l.Documents.Get(ctx, in.ListID)
	if err != nil {
		return VerifyListResult{}, applicationError(fmt.Errorf("load the list: %w", err))
	}
	signature, err := l.Documents.Get(ctx, in.SignatureID)
	if err != nil {
		return VerifyListResult{}, applicationError(fmt.Errorf("load the signature: %w", err))
	}
	certificate, err := loadCertificate(ctx, l.Documents, in.CertificateID)
	if err != nil {
		return VerifyListResult{}, applicationError(err)
	}
	report, signer := approval.Verify(l.Trust, list.Content, signature.Content, in.At, certificate)
	if !report.Passed() {
		return VerifyListResult{Report: report.Failed()}, nil
	}
	head, err := registers.Definite(l.Heads.Head(ctx, order.UNP(in.UNP)))
	if err != nil {
		return VerifyListResult{}, err
	}
	if report = registers.CompareHead(signer, head).Failed(); len(report) > 0 {
		return VerifyListResult{Report: report}, nil
	}
	return VerifyListResult{}, l.keepEvidence(ctx, in)
}
