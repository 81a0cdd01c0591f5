package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// ConfirmationStep names the confirmation that a step is for.
type ConfirmationStep struct {
	ConfirmationID order.ID  `json:"confirmationId"`
	At             time.Time `json:"at"`
}

// ConfirmationStepResult is where the confirmation stands afterwards.
type ConfirmationStepResult struct {
	order.ConfirmationEnded
	// PaymentID is what the confirmation is paid by, from TakePayment.
	PaymentID order.ID `json:"paymentId,omitzero"`
	// Told counts the orders that are still in the confirmation.
	Told int `json:"told,omitempty"`
	// Unreachable are orders whose workflow is closed.
	Unreachable []order.ID `json:"unreachable,omitempty"`
}

// ConfirmationStore keeps confirmations: every method is one transaction, and
// repeating it gives the same answer.
type ConfirmationStore interface {
	Confirmation(ctx context.Context, id order.ID) (order.Confirmation, error)
	// Orders gives those that are still in the confirmation.
	Orders(ctx context.Context, id order.ID) ([]order.Record, error)
	// Paid shows the confirmation as paid by what the ledger has applied to it;
	// order.ErrUnpaid when that is nothing.
	Paid(ctx context.Context, id order.ID, at time.Time) (order.Confirmation, error)
	// Close ends a confirmation that is not paid: as void when every order has
	// left, as lapsed from its due time on; before, nothing is done.
	Close(ctx context.Context, id order.ID, at time.Time) (order.ConfirmationEnded, error)
	Finish(ctx context.Context, id order.ID, at time.Time) (order.ConfirmationEnded, error)
	Remind(ctx context.Context, id order.ID) error
}

// Confirmations tells orders what became of their confirmation and ends it.
type Confirmations struct {
	Store   ConfirmationStore
	Signals Signals
}

// TellApproved tells every order of the confirmation that it is on a signed
// list (M6); those whose workflow is closed are named in the result.
func (c *Confirmations) TellApproved(ctx context.Context, in ConfirmationStep) (ConfirmationStepResult, error) {
	confirmation, err := c.Store.Confirmation(ctx, in.ConfirmationID)
	if err != nil {
		return ConfirmationStepResult{}, applicationError(err)
	}
	approved := Approved{ConfirmationID: in.ConfirmationID, Number: confirmation.Number, At: confirmation.SignedAt}
	orders, err := c.Store.Orders(ctx, in.ConfirmationID)
	if err != nil {
		return ConfirmationStepResult{}, applicationError(err)
	}
	closed, err := TellEach(orders, func(to order.Record) error { return c.Signals.Approved(ctx, to, approved) })
	if err != nil {
		return ConfirmationStepResult{}, fmt.Errorf("tell the orders: %w", err)
	}
	res := ConfirmationStepResult{Told: len(orders)}
	for _, o := range closed {
		res.Unreachable = append(res.Unreachable, o.ID)
	}
	return res, nil
}

// TakePayment shows the confirmation as paid; who told of the payment has told
// its orders too. Paid is false for what is said to be paid and is not.
func (c *Confirmations) TakePayment(ctx context.Context, in ConfirmationStep) (ConfirmationStepResult, error) {
	confirmation, err := c.Store.Paid(ctx, in.ConfirmationID, in.At)
	if errors.Is(err, order.ErrUnpaid) {
		return ConfirmationStepResult{}, nil
	}
	if err != nil {
		return ConfirmationStepResult{}, applicationError(err)
	}
	res := ConfirmationStepResult{PaymentID: confirmation.PaymentID}
	// Certificates that came out before there was anybody to tell have told nobody.
	res.Paid, res.Done = true, confirmation.Done()
	return res, nil
}

// CloseConfirmation closes the payment at its deadline, or when every order
// has left, unless the money was in time (D7, P8).
func (c *Confirmations) CloseConfirmation(ctx context.Context, in ConfirmationStep) (ConfirmationStepResult, error) {
	ended, err := c.Store.Close(ctx, in.ConfirmationID, in.At)
	return ConfirmationStepResult{ConfirmationEnded: ended}, applicationError(err)
}

// FinishConfirmation ends the confirmation when its last certificate is out (M10).
func (c *Confirmations) FinishConfirmation(ctx context.Context, in ConfirmationStep) (ConfirmationStepResult, error) {
	ended, err := c.Store.Finish(ctx, in.ConfirmationID, in.At)
	return ConfirmationStepResult{ConfirmationEnded: ended}, applicationError(err)
}

// RemindConfirmation asks for the reminder of the payment (D6).
func (c *Confirmations) RemindConfirmation(ctx context.Context, in ConfirmationStep) error {
	return applicationError(c.Store.Remind(ctx, in.ConfirmationID))
}
