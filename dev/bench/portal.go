package main

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// portal takes real orders through the public API, as the state portal and a payment gateway do.
type portal struct {
	stack   *stack.Stack
	http    *http.Client
	gateway *caller.Caller
	// invented counts the persons: each orders once.
	invented atomic.Int64
}

// connections are kept open: what is measured is not how they are made.
const connections = 256

func newPortal(s *stack.Stack) (*portal, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = connections, connections
	p := &portal{stack: s, http: &http.Client{Transport: transport}}
	token, err := s.Issuer().Token(persons.Gateway)
	p.gateway = p.caller(token)
	return p, err
}

func (p *portal) caller(token string) *caller.Caller {
	return &caller.Caller{Base: p.stack.URLs.API, Token: token, HTTP: p.http}
}

// applicant is a person with everything that an order takes, request file included.
type applicant struct {
	*caller.Caller
	service order.Service
	upload  caller.Upload
}

// applicant invents the next person like a sample one; change says what is different.
func (p *portal) applicant(like string, change func(persons.Person) persons.Person) (applicant, error) {
	person := change(persons.Invent(p.stack.Holder(like).Person, p.invented.Add(1)))
	h, token, err := p.stack.Enrol(person)
	if err != nil {
		return applicant{}, err
	}
	file, err := h.Request(time.Now(), 1)
	return applicant{Caller: p.caller(token), service: person.Service(),
		upload: caller.Upload{File: file, Email: person.Subject.Email, Phone: person.Phone}}, err
}

// order takes the applicant's order to the wait for the manager or for the payment.
func (a applicant) order(ctx context.Context, stage order.Stage) (id order.ID, err error) {
	o, err := a.Open(ctx, a.service)
	if err != nil {
		return order.ID{}, err
	}
	if _, err = a.AcceptTerms(ctx, o.ID); err != nil {
		return order.ID{}, err
	}
	if _, _, err = a.Submit(ctx, o.ID, a.upload); err != nil {
		return order.ID{}, err
	}
	_, err = a.Await(ctx, o.ID, stage)
	return o.ID, err
}

func (a applicant) issued(ctx context.Context, id order.ID, paid time.Time) (time.Duration, error) {
	_, err := a.AwaitIssued(ctx, id)
	return time.Since(paid), err
}

// pay chooses ERIP and reports the payment; it returns when it began to.
func (p *portal) pay(ctx context.Context, payer *caller.Caller, of string) (time.Time, error) {
	payment, err := payer.ChooseMethod(ctx, of, "erip")
	if err != nil {
		return time.Time{}, err
	}
	began := time.Now()
	entry, err := p.gateway.Notify(ctx, contract.PaymentNotification{Source: "erip", ExternalID: "bench-" + payment.Number, Number: payment.Number,
		Amount: payment.Amount, Currency: payment.Currency, OccurredAt: began})
	if err == nil && entry.State != contract.Applied {
		err = fmt.Errorf("the payment of %s is %s (%s)", payment.Number, entry.State, entry.Reason)
	}
	return began, err
}

// payIssued pays an order of 6.0.00 and awaits its certificate; it returns how long that took.
func (p *portal) payIssued(ctx context.Context, a applicant, id order.ID) ([]time.Duration, error) {
	paid, err := p.pay(ctx, a.Caller, caller.OfOrder(id))
	if err != nil {
		return nil, err
	}
	took, err := a.issued(ctx, id, paid)
	return []time.Duration{took}, err
}

// individual invents the next applicant of 6.0.00.
func (p *portal) individual() (applicant, error) {
	return p.applicant(persons.Individual, func(p persons.Person) persons.Person { return p })
}

// individuals prepares orders of 6.0.00.
func (p *portal) individuals(_ context.Context, n int) ([]job, error) {
	jobs := make([]job, 0, n)
	for range n {
		a, err := p.individual()
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, func(ctx context.Context) ([]time.Duration, error) {
			id, err := a.order(ctx, order.StageAwaitingPayment)
			if err != nil {
				return nil, err
			}
			return p.payIssued(ctx, a, id)
		})
	}
	return jobs, nil
}

// employer is a manager with the employees of one confirmation.
type employer struct {
	persons.Holder
	*caller.Caller
	employees []applicant
}

// listsOfOne is how many confirmations a manager makes before another one takes over: their number is limited by the API.
const listsOfOne = 20

// confirmations prepares confirmations (6.0.02) of so many orders of 6.0.01 each.
func (p *portal) confirmations(_ context.Context, n, each int) ([]job, error) {
	jobs := make([]job, 0, n)
	var manager employer
	for i := range n {
		if i%listsOfOne == 0 {
			organisation := p.invented.Load()
			director := persons.Employ(persons.Invent(p.stack.Holder(persons.Vera).Person, p.invented.Add(1)), organisation)
			director.Head, director.Subject.Position = true, "Директор"
			h, token, err := p.stack.Enrol(director)
			if err != nil {
				return nil, err
			}
			manager = employer{Holder: h, Caller: p.caller(token)}
		}
		e := employer{Holder: manager.Holder, Caller: manager.Caller, employees: make([]applicant, each)}
		for k := range each {
			var err error
			if e.employees[k], err = p.applicant(persons.Vera, e.employ); err != nil {
				return nil, err
			}
		}
		jobs = append(jobs, func(ctx context.Context) ([]time.Duration, error) { return p.confirm(ctx, e) })
	}
	return jobs, nil
}

func (e employer) employ(p persons.Person) persons.Person {
	s := e.Subject
	p.Subject.Organisation, p.Subject.CommonName, p.Subject.UNP = s.Organisation, s.CommonName, s.UNP
	return p
}

// confirm lets all employees order, the manager confirm and pay, and awaits every certificate.
func (p *portal) confirm(ctx context.Context, e employer) ([]time.Duration, error) {
	ids := make([]order.ID, len(e.employees))
	ordering, inner := errgroup.WithContext(ctx)
	for i, a := range e.employees {
		ordering.Go(func() (err error) { ids[i], err = a.order(inner, "awaiting-approval"); return err })
	}
	if err := ordering.Wait(); err != nil {
		return nil, err
	}
	c, err := e.MakeList(ctx, ids)
	if err != nil {
		return nil, err
	}
	list, err := e.List(ctx, c.ID)
	if err != nil {
		return nil, err
	}
	signature, err := e.Holder.Sign(list, time.Now())
	if err != nil {
		return nil, err
	}
	if _, err := e.Caller.Sign(ctx, c.ID, signature); err != nil {
		return nil, err
	}
	if _, err := e.AwaitConfirmation(ctx, c.ID, "awaiting-payment"); err != nil {
		return nil, err
	}
	paid, err := p.pay(ctx, e.Caller, caller.OfConfirmation(c.ID))
	if err != nil {
		return nil, err
	}
	took := make([]time.Duration, len(ids))
	awaiting, inner := errgroup.WithContext(ctx)
	for i, a := range e.employees {
		awaiting.Go(func() (err error) { took[i], err = a.issued(inner, ids[i], paid); return err })
	}
	return took, awaiting.Wait()
}
