package main

import (
	"context"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// leave lets one of several orders go, whose right end is another one from then on.
func (d *driver) leave(ctx context.Context, a applicant, id order.ID) error {
	d.mu.Lock()
	at := slices.IndexFunc(d.done.Orders, func(o judge.Order) bool { return o.ID == id })
	d.done.Orders[at].Ends = withdrawn.ends()
	d.mu.Unlock()
	return d.withdraw(ctx, a, id)
}

func each(ids []order.ID, do func(int, order.ID) error) error {
	for i, id := range ids {
		if err := do(i, id); err != nil {
			return err
		}
	}
	return nil
}

// settleUp is what the story says about withdrawals and money.
func (d *driver) settleUp(ctx context.Context, u unit, payer *caller.Caller, of string, applicants []applicant, ids []order.ID) error {
	back := func() error {
		return each(ids, func(i int, id order.ID) error { return d.withdraw(ctx, applicants[i], id) })
	}
	switch u.story {
	case withdrawn:
		return back()
	case unpaid, tooLate:
		// The number is asked for while it can be paid.
		p, err := d.bill(ctx, u, payer, of)
		d.mu.Lock()
		d.later = append(d.later, waiting{unit: u, payer: payer, of: of})
		d.mu.Unlock()
		if err == nil && u.story == tooLate {
			d.people.keep(of, p.payment)
		}
		return err
	case withdrawnPaid:
		p, err := d.bill(ctx, u, payer, of)
		if err == nil {
			err = back()
		}
		if err != nil {
			return err
		}
		return p.notified(ctx, "withdrawn", closedFates()...)
	case race:
		return d.race(ctx, u, payer, of, back)
	default:
		p, err := d.bill(ctx, u, payer, of)
		if err != nil {
			return err
		}
		return p.pay(ctx)
	}
}

// race pays and withdraws at the same time.
func (d *driver) race(ctx context.Context, u unit, payer *caller.Caller, of string, back func() error) error {
	p, err := d.bill(ctx, u, payer, of)
	if err != nil {
		return err
	}
	var at errgroup.Group
	at.Go(back)
	at.Go(func() error {
		pause(ctx, within(p.random, 0, 200*time.Millisecond))
		return p.notified(ctx, "race", append(closedFates(), appliedFate())...)
	})
	return at.Wait()
}
