package worker

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/workflows"
)

// ErrClosed is returned for a workflow that is closed or never was.
var ErrClosed = errors.New("the workflow is closed")

// Signals tells workflows what has happened elsewhere.
type Signals struct{ Client client.Client }

// SignalIssued tells a confirmation that a certificate is out; one that is
// closed needs no telling.
func (s Signals) SignalIssued(ctx context.Context, confirmationID, orderID string) error {
	err := s.signal(ctx, workflows.ConfirmationWorkflowID(confirmationID), workflows.SignalIssued, workflows.Issued{OrderID: orderID})
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}

// SignalPayment tells what is paid for that the ledger holds the money. It
// returns ErrClosed when nobody is there to be told.
func (s Signals) SignalPayment(ctx context.Context, workflowID, paymentID string) error {
	return s.signal(ctx, workflowID, workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: paymentID})
}

func (s Signals) signal(ctx context.Context, workflowID, name string, payload any) error {
	err := s.Client.SignalWorkflow(ctx, workflowID, "", name, payload)
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return ErrClosed
	}
	return err
}
