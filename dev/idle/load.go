package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/persons"
	"github.com/remote-issuance/remote-issuance/dev/stack"
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
	p := persons.Invent(s.Holder(persons.Vera).Person, int64(n))
	h, token, err := s.Enrol(p)
	if err != nil {
		return err
	}
	file, err := h.Request(time.Now(), 1)
	if err != nil {
		return err
	}
	c := &caller.Caller{Base: s.URLs.API, Token: token}
	o, err := c.Open(ctx, p.Service())
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
