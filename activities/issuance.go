package activities

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// IssueCertificateInput asks for the one certificate of an order that is said
// to be paid. Everything else is read, and proven, from the database.
type IssueCertificateInput struct {
	OrderID order.ID `json:"orderId"`
	// Confirmed says that a confirmation waits for the certificate (M10).
	Confirmed bool `json:"confirmed,omitempty"`
	// Shown says that operators see the order wait for its certificate.
	Shown bool `json:"shown,omitempty"`
}

// IssueCertificateResult names the certificate, or says why there is none.
type IssueCertificateResult struct {
	// SerialNumber is hexadecimal; empty when the order was refused.
	SerialNumber string `json:"serialNumber,omitempty"`
	// PaymentID is what the certificate was paid by.
	PaymentID order.ID `json:"paymentId,omitzero"`
	// Revoked says that the certificate signed in with was revoked meanwhile:
	// the order has ended, its money waits as unapplied (A1c).
	Revoked bool `json:"revoked,omitempty"`
	// Delayed says that the first attempts failed: the order is shown as being
	// issued, and asks again until it is.
	Delayed bool `json:"delayed,omitempty"`
	// Channels are those by which the credentials are to be sent (I4).
	Channels []Channel `json:"channels,omitempty"`
}

// attemptsBeforeDelay is after how many attempts, four seconds or so, an issue
// is a wait that operators should see. Nearly every order is issued before, and
// is spared the row of the visibility store.
const attemptsBeforeDelay = 3

// Authority proves from the database what an order's certificate rests on and
// issues it together with its credentials and the end of its order: one
// certificate an order, the same one for every repetition (I1).
//
// Errors: ErrNotProven, ErrRevoked; any other is tried again.
type Authority interface {
	Issue(ctx context.Context, orderID order.ID) (Issued, error)
}

// Issued is a certificate that is out.
type Issued struct {
	// SerialNumber is hexadecimal.
	SerialNumber string
	PaymentID    order.ID
	// Channels are those by which the credentials are to be sent (I4).
	Channels []Channel
}

// ErrRevoked is returned by an authority for a certificate signed in with that
// was revoked between order and issue; the order was ended (A1c).
var ErrRevoked = errors.New("the certificate signed in with was revoked")

// IssuedConfirmations tells whether an order was the last of its confirmation.
type IssuedConfirmations interface {
	Issued(ctx context.Context, orderID order.ID) (confirmation order.Confirmation, last bool, err error)
}

// Issuance issues certificates.
type Issuance struct {
	Authority     Authority
	Confirmations IssuedConfirmations
	Signals       Signals
}

// IssueCertificate issues the certificate of a paid order (I1) and tells the
// confirmation when it was the last one. A retry after a crash finishes what
// was begun. What is not proven is a final error; everything else is tried
// again: who has paid gets the certificate once the cause is mended. When the
// third attempt, or a later one, of an order that is not Shown fails, the result
// is Delayed.
func (i *Issuance) IssueCertificate(ctx context.Context, in IssueCertificateInput) (IssueCertificateResult, error) {
	result, err := i.issue(ctx, in)
	if err == nil || in.Shown || isFinal(err) || !activity.IsActivity(ctx) || activity.GetInfo(ctx).Attempt < attemptsBeforeDelay {
		return result, err
	}
	activity.GetLogger(ctx).Warn("the certificate cannot be issued yet", "error", err)
	return IssueCertificateResult{Delayed: true}, nil
}

func isFinal(err error) bool {
	var refused *temporal.ApplicationError
	return errors.As(err, &refused) && refused.NonRetryable()
}

func (i *Issuance) issue(ctx context.Context, in IssueCertificateInput) (IssueCertificateResult, error) {
	issued, err := i.Authority.Issue(ctx, in.OrderID)
	revoked := errors.Is(err, ErrRevoked)
	if err != nil && !revoked {
		return IssueCertificateResult{}, applicationError(fmt.Errorf("issue: %w", err))
	}
	if in.Confirmed {
		if err := i.tellConfirmation(ctx, in.OrderID); err != nil {
			return IssueCertificateResult{}, err
		}
	}
	return IssueCertificateResult{
		SerialNumber: issued.SerialNumber, PaymentID: issued.PaymentID, Revoked: revoked, Channels: issued.Channels,
	}, nil
}

// tellConfirmation tells the confirmation of an order that its last certificate is out.
func (i *Issuance) tellConfirmation(ctx context.Context, orderID order.ID) error {
	confirmation, last, err := i.Confirmations.Issued(ctx, orderID)
	if err != nil {
		return applicationError(fmt.Errorf("look for further certificates: %w", err))
	}
	if !last {
		return nil
	}
	if err := i.Signals.Issued(ctx, confirmation); err != nil && !errors.Is(err, ErrClosed) {
		return fmt.Errorf("tell the confirmation: %w", err)
	}
	return nil
}
