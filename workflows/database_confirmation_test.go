package workflows_test

import (
	"context"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// confirm is the transaction that a verified signature ends in: it takes those
// of the orders that can be taken, and fixes the total (M6, M8, P8).
func (d *database) confirm(id order.ID, chosen []order.ID, at time.Time) (order.Confirmation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	var taken []order.ID
	var due time.Time
	for _, o := range chosen {
		r := d.records[o]
		_, holder := d.holder(o)
		if holder != nil || r.ClosedToMoney || !r.PayBy.After(at) ||
			r.Stage == order.StageAwaitingApproval && !r.Until.After(at) {
			continue
		}
		if _, err := d.apply(o, order.Approve(id, "m", nil, at)); err != nil {
			continue
		}
		taken = append(taken, o)
		if due.IsZero() || r.PayBy.Before(due) {
			due = r.PayBy
		}
	}
	if len(taken) == 0 {
		return order.Confirmation{}, order.ErrNothingToConfirm
	}
	p := d.open(id, taken, due)
	c := order.Confirmation{
		ID: id, Stage: order.ConfirmationPayment, OrderIDs: taken, Number: p.number, Total: p.total, Until: due, SignedAt: at,
		Policy: order.DefaultPolicy(),
	}
	d.confirmations[id] = &c
	return c, nil
}

// Confirmation implements activities.ConfirmationStore.
func (d *database) Confirmation(_ context.Context, id order.ID) (order.Confirmation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, ok := d.confirmations[id]
	if !ok {
		return order.Confirmation{}, order.ErrNotFound
	}
	return *c, nil
}

// Orders implements activities.ConfirmationStore.
func (d *database) Orders(_ context.Context, id order.ID) ([]order.Record, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.confirmations[id]
	delete(d.unheard, id)
	var out []order.Record
	for _, o := range c.OrderIDs {
		if !slices.Contains(c.LeftIDs, o) {
			out = append(out, *d.records[o])
		}
	}
	return out, nil
}

// Paid implements activities.ConfirmationStore.
func (d *database) Paid(_ context.Context, id order.ID, _ time.Time) (order.Confirmation, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, y := d.confirmations[id], d.payables[id]
	if y.state != payments.PayablePaid {
		return *c, order.ErrUnpaid
	}
	if c.Stage == order.ConfirmationPayment {
		c.Stage, c.PaymentID = order.ConfirmationIssuing, y.paidBy
	}
	return *c, nil
}

// Close implements activities.ConfirmationStore.
func (d *database) Close(_ context.Context, id order.ID, at time.Time) (order.ConfirmationEnded, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c, y := d.confirmations[id], d.payables[id]
	switch {
	case y.state == payments.PayablePaid:
		return order.ConfirmationEnded{Paid: true, Stage: c.Stage}, nil
	case !c.Stage.Open():
	case len(c.LeftIDs) == len(c.OrderIDs):
		d.endConfirmation(c, y, order.ConfirmationVoid)
	case !at.Before(y.due):
		d.endConfirmation(c, y, order.ConfirmationLapsed)
	default:
		return order.ConfirmationEnded{Stage: c.Stage}, nil
	}
	return order.ConfirmationEnded{Done: true, Stage: c.Stage}, nil
}

func (d *database) endConfirmation(c *order.Confirmation, y *payable, stage order.ConfirmationStage) {
	c.Stage, y.state, y.held = stage, payments.PayableClosed, map[order.ID]bool{}
	d.notice("confirmation "+string(stage), c.ID)
}

// Finish implements activities.ConfirmationStore.
func (d *database) Finish(_ context.Context, id order.ID, _ time.Time) (order.ConfirmationEnded, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.confirmations[id]
	if c.Done() && c.Stage == order.ConfirmationIssuing {
		c.Stage = order.ConfirmationFinished
		d.notice("confirmation finished", id)
	}
	return order.ConfirmationEnded{Done: !c.Stage.Open(), Stage: c.Stage, Issued: len(c.IssuedIDs)}, nil
}

// reminder is the reminder of a confirmation's payment.
type reminder struct{ *database }

// Remind implements activities.ConfirmationStore.
func (r reminder) Remind(_ context.Context, id order.ID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.confirmations[id].Stage == order.ConfirmationPayment {
		r.notice(string(order.NoticeConfirmationReminder), id)
	}
	return nil
}

// Issue implements activities.Authority: nothing without proof.
func (d *database) Issue(_ context.Context, id order.ID) (activities.Issued, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	_, y := d.holder(id)
	if y == nil || y.state != payments.PayablePaid {
		return activities.Issued{}, activities.ErrNotProven
	}
	r := d.records[id]
	if r.Service.NeedsApproval() && r.ApprovedAt.IsZero() {
		return activities.Issued{}, activities.ErrNotProven
	}
	if r.End != order.EndIssued {
		d.issued[id]++
		if c := d.confirmations[r.ConfirmationID]; c != nil {
			c.IssuedIDs = append(c.IssuedIDs, id)
		}
	}
	if _, err := d.apply(id, order.Issue(y.paidBy, nil, time.Time{})); err != nil {
		return activities.Issued{}, err
	}
	return activities.Issued{
		SerialNumber: "01", PaymentID: y.paidBy, Channels: []activities.Channel{activities.ChannelEmail, activities.ChannelSMS},
	}, nil
}

// Issued implements activities.IssuedConfirmations.
func (d *database) Issued(_ context.Context, id order.ID) (order.Confirmation, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.confirmations[d.records[id].ConfirmationID]
	if c == nil {
		return order.Confirmation{}, false, nil
	}
	return *c, c.Done(), nil
}
