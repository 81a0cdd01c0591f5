package activities

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Approved tells an order which confirmation has taken it (M6).
type Approved struct {
	ConfirmationID order.ID            `json:"confirmationId"`
	Number         order.PaymentNumber `json:"number"`
	At             time.Time           `json:"at"`
}

// Signals tells workflows to look; ErrClosed when nobody is there to be told.
type Signals interface {
	Approved(ctx context.Context, to order.Record, in Approved) error
	// Issued tells a confirmation that its last certificate is out.
	Issued(ctx context.Context, to order.Confirmation) error
}
