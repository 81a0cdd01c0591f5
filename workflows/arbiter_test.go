package workflows_test

import (
	"context"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// OpenPayable fixes total and due; repeating it gives the first answer.
func (w *world) OpenPayable(_ context.Context, in activities.OpenPayableInput) (activities.OpenPayableResult, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p, ok := w.payables[in.PayableID]; ok {
		return w.opened(p), nil
	}
	if w.price != nil {
		if err := w.price(); err != nil {
			return activities.OpenPayableResult{}, err
		}
	}
	p := &payableRow{number: int64(len(w.payables) + 1), service: in.Service, state: payments.PayableOpen}
	for _, id := range in.OrderIDs {
		row, ok := w.orders[id]
		if !ok || row.closed || w.holder(id) != nil || !waitsForMoney(in.Service, row.state.Stage) || !row.state.PayBy.After(in.At) {
			continue
		}
		p.lines = append(p.lines, lineRow{orderID: id, amount: certificatePrice, held: true})
		p.total += certificatePrice
		if p.due.IsZero() || row.state.PayBy.Before(p.due) {
			p.due = row.state.PayBy
		}
	}
	if len(p.lines) == 0 {
		return activities.OpenPayableResult{}, activities.ErrNothingToConfirm
	}
	w.payables[in.PayableID] = p
	return w.opened(p), nil
}

func (w *world) opened(p *payableRow) activities.OpenPayableResult {
	res := activities.OpenPayableResult{Number: p.number, Due: p.due}
	for _, l := range p.lines {
		res.Total += l.amount
		res.Orders = append(res.Orders, activities.PayableOrder{OrderID: l.orderID, WorkflowID: w.orders[l.orderID].workflowID})
	}
	return res
}

func waitsForMoney(service order.Service, stage order.Stage) bool {
	switch stage {
	case order.StageAwaitingPayment:
		return true
	case order.StageAwaitingApproval:
		return service == order.ServiceManager
	case order.StageChecking:
		return service == order.ServiceIndividual
	default:
		return false
	}
}

// CloseOrder closes an order to money unless something holds it.
func (w *world) CloseOrder(_ context.Context, in activities.CloseOrderInput) (activities.CloseOrderResult, error) {
	if w.closing != nil {
		w.closing()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	row, ok := w.orders[in.OrderID]
	switch {
	case !ok:
		return activities.CloseOrderResult{}, activities.ErrNotFound
	case row.closed:
		return activities.CloseOrderResult{Closed: true, ConfirmationID: row.leftID, Share: row.leftShare}, nil
	}
	id, held := w.heldBy(in.OrderID)
	if held != nil && (in.KeepConfirmed || held.state == payments.PayablePaid) {
		return activities.CloseOrderResult{ConfirmationID: id}, nil
	}
	row.closed = true
	if held == nil {
		return activities.CloseOrderResult{Closed: true}, nil
	}
	line := held.line(in.OrderID)
	line.held = false
	if held.service != order.ServiceManager {
		held.state = payments.PayableClosed
		return activities.CloseOrderResult{Closed: true}, nil
	}
	held.total -= line.amount
	row.leftID, row.leftShare = id, line.amount
	return activities.CloseOrderResult{Closed: true, ConfirmationID: id, Share: line.amount}, nil
}

// heldBy names the confirmation that holds the order; an own payment is none.
func (w *world) heldBy(orderID string) (string, *payableRow) {
	for id, p := range w.payables {
		if l := p.line(orderID); l != nil && l.held {
			if p.service == order.ServiceManager {
				return id, p
			}
			return "", p
		}
	}
	return "", nil
}

// ClosePayable closes a payment unless it was in time.
func (w *world) ClosePayable(_ context.Context, in activities.ClosePayableInput) (activities.ClosePayableResult, error) {
	if w.closing != nil {
		w.closing()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p, ok := w.payables[in.PayableID]
	if !ok {
		return activities.ClosePayableResult{}, activities.ErrNotFound
	}
	if p.state == payments.PayablePaid {
		return activities.ClosePayableResult{}, nil
	}
	p.state = payments.PayableClosed
	for i := range p.lines {
		p.lines[i].held = false
	}
	return activities.ClosePayableResult{Closed: true}, nil
}

// ReportUnapplied keeps a payment, or the share of one order in it, for an operator.
func (w *world) ReportUnapplied(_ context.Context, in activities.ReportUnappliedInput) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := payments.ParseReason(in.Reason); err != nil {
		return err
	}
	p, ok := w.payments[in.PaymentID]
	switch {
	case !ok:
		return activities.ErrNotFound
	case !p.applied:
		return nil
	case in.OrderID != "" && in.OrderID != p.payableID:
		if l := w.payables[p.payableID].line(in.OrderID); l != nil && l.held {
			w.unapplied[in.PaymentID+"/"+in.OrderID] = l.amount
		}
		return nil
	}
	p.applied = false
	w.unapplied[in.PaymentID] = p.amount
	return nil
}

// pay is a payer's notification over the present total; the second result
// tells whether it pays, which its workflow is told then.
func (w *world) pay(payableID string, at time.Time) (string, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.payables[payableID]
	if p == nil || p.total == 0 {
		return "", false
	}
	id := fmt.Sprintf("payment-%d", len(w.payments)+1)
	row := &paymentRow{payableID: payableID, amount: p.total, applied: p.state == payments.PayableOpen && at.Before(p.due)}
	w.payments[id] = row
	if row.applied {
		p.state = payments.PayablePaid
	} else {
		w.unapplied[id] = row.amount
	}
	return id, row.applied
}
