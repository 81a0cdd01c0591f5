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

// Issued tells a confirmation that its last certificate is out.
func (s Signals) Issued(ctx context.Context, to order.Confirmation) error {
	return s.signal(ctx, order.ConfirmationWorkflowID(to.Number, to.ID), workflows.SignalIssued, workflows.Look{})
}

// TellPayment tells what is paid for, and the orders of a confirmation, that the
// ledger holds the money; intake.ErrNobodyWaits when what is paid for does not
// run, or nobody does. An order that does not is named, and holds up nobody.
func (s Signals) TellPayment(ctx context.Context, d payments.Delivery) (closed []string, err error) {
	payment, err := order.ParseID(d.PaymentID)
	if err != nil {
		return nil, fmt.Errorf("payment %q: %w", d.PaymentID, err)
	}
	silent, err := activities.TellEach(append([]string{d.WorkflowID}, d.Orders...), func(id string) error {
		return s.signal(ctx, id, workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
	})
	for _, id := range silent {
		if id != d.WorkflowID {
			closed = append(closed, id)
		}
	}
	if len(silent) > len(closed) && (d.Open || len(closed) == len(d.Orders)) {
		err = errors.Join(fmt.Errorf("%w: %w", intake.ErrNobodyWaits, ErrClosed), err)
	}
	return closed, err
}

func (s Signals) signal(ctx context.Context, workflowID, name string, payload any) error {
	err := s.Client.SignalWorkflow(ctx, workflowID, "", name, payload)
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return ErrClosed
	}
	return err
}
