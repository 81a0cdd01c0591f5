package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/faults/judge"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// driver is everybody outside: applicants, managers, payers and gateways. What fails it does again, as people and gateways do.
type driver struct {
	rig    *rig
	http   *http.Client
	people *people

	mu   sync.Mutex
	done judge.Done
	// later are the units that go on when days have passed.
	later []waiting
	// begun are the ids of orders and confirmations, by object.
	begun sync.Map
}

// object is the first order of a unit, or its confirmation.
type object struct {
	unit         int
	confirmation bool
}

// waiting is a unit whose term runs out.
type waiting struct {
	unit  unit
	payer *caller.Caller
	of    string
}

// callPatience bounds one call: a frozen process answers nothing.
const callPatience = 30 * time.Second

func newDriver(r *rig) *driver {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = 256, 256
	d := &driver{rig: r, http: &http.Client{Transport: transport, Timeout: callPatience}}
	d.people = &people{driver: d}
	return d
}

func (d *driver) caller(token string) *caller.Caller {
	return &caller.Caller{Base: d.rig.stack.URLs.API, Token: token, HTTP: d.http}
}

// program calls in the name of a gateway or an operator.
func (d *driver) program(name string) *caller.Caller {
	token, err := d.rig.stack.Issuer().Token(name)
	if err != nil {
		d.rig.tally.note("no token for " + name + ": " + err.Error())
	}
	return d.caller(token)
}

const (
	firstPause = 100 * time.Millisecond
	longPause  = 3 * time.Second
)

// persist does something until it succeeds; what it does again must be the same for the other side.
func (d *driver) persist(ctx context.Context, what string, do func() error) error {
	end := time.Now().Add(d.rig.plan.patience)
	for wait := firstPause; ; wait = min(2*wait, longPause) {
		err := do()
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case time.Now().After(end):
			err = fmt.Errorf("%s: given up after %s: %w", what, d.rig.plan.patience, err)
			d.rig.tally.stop(err.Error())
			return err
		}
		d.rig.tally.refusal(what)
		pause(ctx, wait)
	}
}

// ordered takes an order to the end of its checks and writes down what is to become of it.
func (d *driver) ordered(ctx context.Context, a applicant, u unit) (id order.ID, err error) {
	err = d.persist(ctx, "open", func() error {
		o, err := a.Open(ctx, a.service)
		id = o.ID
		return err
	})
	if err != nil {
		return id, err
	}
	d.mu.Lock()
	d.done.Orders = append(d.done.Orders, judge.Order{ID: id, Story: string(u.story), Ends: u.story.ends()})
	d.mu.Unlock()
	d.begun.LoadOrStore(object{unit: u.n}, id)
	return id, d.submitted(ctx, a, id)
}

func (d *driver) submitted(ctx context.Context, a applicant, id order.ID) error {
	version := int64(0)
	return d.persist(ctx, "submit and check", func() error {
		for {
			var o contract.Order
			if err := a.Get(ctx, fmt.Sprintf("%s?wait=15s&after=%d", caller.OfOrder(id), version), &o); err != nil {
				return err
			}
			version = o.Version
			switch o.Stage {
			case order.StageTerms:
				if _, err := a.AcceptTerms(ctx, id); err != nil {
					return err
				}
			case order.StageRequest:
				if _, _, err := a.Submit(ctx, id, a.upload); err != nil {
					return err
				}
			case order.StageChecking:
			case order.StageAwaitingApproval, order.StageAwaitingPayment, order.StageIssuing, order.StageEnded:
				return nil
			}
		}
	})
}

// withdraw takes an order back; one that is paid meanwhile refuses, which is an answer too.
func (d *driver) withdraw(ctx context.Context, a applicant, id order.ID) error {
	return d.persist(ctx, "withdraw", func() error {
		err := a.Post(ctx, caller.OfOrder(id)+"/withdrawal", nil, nil)
		if err == nil {
			return nil
		}
		// The answer to an earlier try may have been lost.
		o, read := a.Order(ctx, id)
		if read == nil && (o.Stage == order.StageEnded || !o.Stage.Withdrawable()) {
			return nil
		}
		return err
	})
}

func (d *driver) reject(ctx context.Context, m *manager, id order.ID) error {
	path := "/v1/organisation/orders/" + id.String() + "/rejection"
	return d.persist(ctx, "reject", func() error {
		err := m.Post(ctx, path, contract.Rejection{}, nil)
		var p *caller.Problem
		if errors.As(err, &p) && (p.Status == http.StatusConflict || p.Status == http.StatusNotFound || p.Status == http.StatusGone) {
			// It was rejected by an earlier try, unless the judge finds it otherwise.
			return nil
		}
		return err
	})
}

// confirmed lets the manager make the list and sign it.
func (d *driver) confirmed(ctx context.Context, m *manager, u unit, ids []order.ID) (c contract.Confirmation, err error) {
	key := fmt.Sprintf("faults-%d-%d", u.seed, u.n)
	if err = d.persist(ctx, "make a list", func() error {
		c, err = m.MakeList(ctx, ids, caller.Header{Name: "Idempotency-Key", Value: key})
		return err
	}); err != nil {
		return c, err
	}
	id := c.ID
	d.begun.Store(object{unit: u.n, confirmation: true}, id)
	return c, d.persist(ctx, "sign a list", func() error {
		if err := m.Get(ctx, caller.OfConfirmation(id), &c); err != nil {
			return err
		}
		if c.Stage == order.ConfirmationSigning {
			list, err := m.List(ctx, id)
			if err != nil {
				return err
			}
			signature, err := m.Holder.Sign(list, d.rig.stack.Now())
			if err != nil {
				return err
			}
			if _, err := m.Caller.Sign(ctx, id, signature); err != nil {
				return err
			}
		}
		c, err = m.AwaitConfirmation(ctx, id, order.ConfirmationPayment, order.ConfirmationIssuing, order.ConfirmationFinished)
		return err
	})
}

// play does to a unit what its story says, but for what happens when days have passed.
func (d *driver) play(ctx context.Context, u unit) error {
	defer d.rig.tally.driven.Add(int64(u.orders()))
	if u.each == 0 {
		return d.individual(ctx, u)
	}
	return d.confirmation(ctx, u)
}

func (d *driver) individual(ctx context.Context, u unit) error {
	a, err := d.people.applicant(persons.Individual, nil, u.story == differs)
	if err != nil {
		return err
	}
	id, err := d.ordered(ctx, a, u)
	if err != nil || u.story == differs {
		return err
	}
	return d.settleUp(ctx, u, a.Caller, caller.OfOrder(id), []applicant{a}, []order.ID{id})
}

func (d *driver) confirmation(ctx context.Context, u unit) error {
	m, err := d.people.manager(u.n)
	if err != nil {
		return err
	}
	applicants, ids := make([]applicant, u.each), make([]order.ID, u.each)
	ordering, inner := errgroup.WithContext(ctx)
	for i := range applicants {
		if applicants[i], err = d.people.applicant(persons.Vera, m, u.story == differs); err != nil {
			return errors.Join(err, ordering.Wait())
		}
		ordering.Go(func() (err error) { ids[i], err = d.ordered(inner, applicants[i], u); return err })
	}
	if err := ordering.Wait(); err != nil {
		return err
	}
	before := u.random().IntN(2) == 0
	switch {
	case u.story == differs || u.story == unconfirmed:
		return nil
	case u.story == rejected:
		return each(ids, func(_ int, id order.ID) error { return d.reject(ctx, m, id) })
	case u.story == withdrawn && before:
		return each(ids, func(i int, id order.ID) error { return d.withdraw(ctx, applicants[i], id) })
	}
	c, err := d.confirmed(ctx, m, u, ids)
	if err != nil {
		return err
	}
	if u.story == oneLeaves {
		if err := d.leave(ctx, applicants[0], ids[0]); err != nil {
			return err
		}
	}
	return d.settleUp(ctx, u, m.Caller, caller.OfConfirmation(c.ID), applicants, ids)
}
