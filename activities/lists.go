package activities

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// ComposeListInput asks for the list that a manager signs (M5).
type ComposeListInput struct {
	ConfirmationID string    `json:"confirmationId"`
	UNP            string    `json:"unp"`
	CertificateID  string    `json:"certificateId"`
	OrderIDs       []string  `json:"orderIds"`
	At             time.Time `json:"at"`
}

// ComposeListResult names the stored list. NeedSignature are the orders that
// are not approved yet; it is empty when all were approved in a confirmation
// that lapsed (P8), and then there is no list to sign.
type ComposeListResult struct {
	ListID        string   `json:"listId,omitempty"`
	OrderIDs      []string `json:"orderIds"`
	NeedSignature []string `json:"needSignature,omitempty"`
	// SignBy is when the first of the orders leaves the list (D1).
	SignBy time.Time `json:"signBy"`
}

// VerifyListInput names a signature over the stored list.
type VerifyListInput struct {
	ConfirmationID string    `json:"confirmationId"`
	UNP            string    `json:"unp"`
	ListID         string    `json:"listId"`
	SignatureID    string    `json:"signatureId"`
	At             time.Time `json:"at"`
}

// VerifyListResult is the verdict over signature and signer (M1, M6).
type VerifyListResult struct {
	Report order.Report `json:"report"`
}

// ListMaker composes lists and verifies signatures over them.
type ListMaker interface {
	ComposeList(ctx context.Context, in ComposeListInput) (ComposeListResult, error)
	VerifyList(ctx context.Context, in VerifyListInput) (VerifyListResult, error)
}

// Lists makes the lists of confirmations.
type Lists struct{ Maker ListMaker }

// ComposeList makes and stores the list of the chosen orders (M5).
func (l *Lists) ComposeList(ctx context.Context, in ComposeListInput) (ComposeListResult, error) {
	res, err := l.Maker.ComposeList(ctx, in)
	return res, applicationError(err)
}

// VerifyList checks signature, chain, revocation, exact bytes and that the
// signer is the head whom the EGR records (M1, M6).
func (l *Lists) VerifyList(ctx context.Context, in VerifyListInput) (VerifyListResult, error) {
	res, err := l.Maker.VerifyList(ctx, in)
	return res, applicationError(err)
}
