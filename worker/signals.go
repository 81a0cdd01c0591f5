package worker

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"golang.org/x/sync/errgroup"

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

// paymentsToldAtOnce bounds how many orders of a confirmation are told of its payment at a time.
const paymentsToldAtOnce = 16

// TellPayment tells what is paid for, and the orders of a confirmation, that the
// ledger holds the money; intake.ErrNobodyWaits when what is paid for does not
// run, or nobody does. An order that does not is named, and holds up nobody.
func (s Signals) TellPayment(ctx context.Context, d payments.Delivery) (closed []string, err error) {
	payment, err := order.ParseID(d.PaymentID)
	if err != nil {
		return nil, fmt.Errorf("payment %q: %w", d.PaymentID, err)
	}
	everybody := append([]string{d.WorkflowID}, d.Orders...)
	failures := make([]error, len(everybody))
	var telling errgroup.Group
	telling.SetLimit(paymentsToldAtOnce)
	for i, id := range everybody {
		telling.Go(func() error {
			failures[i] = s.signal(ctx, id, workflows.SignalPaymentReceived, workflows.PaymentReceived{PaymentID: payment})
			return nil
		})
	}
	_ = telling.Wait()
	for i, id := range d.Orders {
		if errors.Is(failures[i+1], ErrClosed) {
			closed, failures[i+1] = append(closed, id), nil
		}
	}
	if own := failures[0]; errors.Is(own, ErrClosed) {
		failures[0] = nil
		if d.Open || len(closed) == len(d.Orders) {
			failures[0] = fmt.Errorf("%w: %w", intake.ErrNobodyWaits, own)
		}
	}
	return closed, errors.Join(failures...)
}

func (s Signals) signal(ctx context.Context, workflowID, name string, payload any) error {
	err := s.Client.SignalWorkflow(ctx, workflowID, "", name, payload)
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return ErrClosed
	}
	return err
}
