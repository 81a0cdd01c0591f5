package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// open takes so many employees of the sample organisation to the wait for their manager.
func open(ctx context.Context, s *stack.Stack, orders, lanes int) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(lanes)
	for n := range orders {
		group.Go(func() error {
			if err := openOne(ctx, s, n); err != nil {
				return fmt.Errorf("order %d: %w", n, err)
			}
			return nil
		})
	}
	return group.Wait()
}

func openOne(ctx context.Context, s *stack.Stack, n int) error {
	p := s.Holder(persons.Vera).Person
	p.ID, p.Phone = fmt.Sprintf("idle%d", n), fmt.Sprintf("+37529%07d", 2000000+n)
	p.Subject.PersonalNumber, p.Subject.Email = personalNumber(n), p.ID+"@example.by"
	h, err := persons.Make(s.Authorities(), time.Now(), p)
	if err != nil {
		return err
	}
	if err := s.Registers().PutPerson(persons.Entries([]persons.Person{p}).Persons[0]); err != nil {
		return err
	}
	token, err := s.Issuer().Issue(h.SignIn().Claims)
	if err != nil {
		return err
	}
	file, err := h.Request(time.Now(), 1)
	if err != nil {
		return err
	}
	c := &caller.Caller{Base: s.URLs.API, Token: token}
	o, err := c.Open(ctx, string(p.Service()))
	if err != nil {
		return err
	}
	if _, err := c.AcceptTerms(ctx, o.ID); err != nil {
		return err
	}
	if _, _, err := c.Submit(ctx, o.ID, caller.Upload{File: file, Email: p.Subject.Email, Phone: p.Phone}); err != nil {
		return err
	}
	_, err = c.Await(ctx, o.ID, "awaiting-approval")
	return err
}

func personalNumber(n int) string {
	prefix := fmt.Sprintf("4%06dB%03dPB", 10180+n/1000, n%1000)
	for digit := range 10 {
		if number := order.PersonalNumber(fmt.Sprintf("%s%d", prefix, digit)); number.CheckDigitOK() {
			return string(number)
		}
	}
	return prefix + "0"
}
