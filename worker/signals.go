package worker

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/intake"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// ErrClosed is returned for a workflow that is closed or never was.
var ErrClosed = activities.ErrClosed

// Signals tells workflows what has happened elsewhere. Each method returns
// ErrClosed when nobody is there to be told.
type Signals struct{ Client client.Client }

// Approved tells an order which confirmation has taken it.
func (s Signals) Approved(ctx context.Context, to order.Record, in activities.Approved) error {
	return s.signal(ctx, order.WorkflowID(to.Number, to.ID), workflows.SignalApproved, in)
}

// Paid tells an order that its confirmation is paid.
func (s Signals) Paid(ctx context.Context, to order.Record, in activities.Paid) error {
	return s.signal(ctx, order.WorkflowID(to.Number, to.ID), workflows.SignalPaid, in)
}

// Issued tells a confirmation that its last certificate is out.
func (s Signals) Issued(ctx context.Context, to order.Confirmation) error {
	return s.signal(ctx, order.ConfirmationWorkflowID(to.Number, to.ID), workflows.SignalIssued, workflows.Look{})
}

// TellPayment tells what is paid for that the ledger holds the money;
// intake.ErrNobodyWaits when nobody is there.
func (s Signals) TellPayment(ctx context.Context, d payments.Delivery) error {
	payment, err := order.ParseID(d.PaymentID)
	if err != nil {
		return fmt.Errorf("payment %q: %w", d.PaymentID, err)
	}
	err = s.signal(ctx, d.WorkflowID, workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	if errors.Is(err, ErrClosed) {
		return fmt.Errorf("%w: %w", intake.ErrNobodyWaits, err)
	}
	return err
}

func (s Signals) signal(ctx context.Context, workflowID, name string, payload any) error {
	err := s.Client.SignalWorkflow(ctx, workflowID, "", name, payload)
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return ErrClosed
	}
	return err
}
