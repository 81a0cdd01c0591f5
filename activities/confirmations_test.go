package activities_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// told collects signals; closed are the numbers of orders nobody answers for.
type told struct {
	mu       sync.Mutex
	approved []int64
	issued   int
	closed   []int64
	fail     error
}

func (s *told) Approved(_ context.Context, to order.Record, in activities.Approved) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if slices.Contains(s.closed, to.Number) {
		return activities.ErrClosed
	}
	if in.Number != 5 {
		return errors.New("another confirmation")
	}
	s.approved = append(s.approved, to.Number)
	return s.fail
}

func (s *told) Issued(context.Context, order.Confirmation) error { s.issued++; return s.fail }

// confirmed is a confirmation of so many orders in the database.
type confirmed struct {
	c      order.Confirmation
	orders []order.Record
	unpaid bool
}

func newConfirmed(n int) *confirmed {
	c := &confirmed{c: order.Confirmation{ID: orderID, Number: 5, Stage: order.ConfirmationPayment, SignedAt: now}}
	for i := range n {
		c.orders = append(c.orders, order.Record{ID: order.DerivedID("test", []byte{byte(i)}), Number: int64(i + 1)})
		c.c.OrderIDs = append(c.c.OrderIDs, c.orders[i].ID)
	}
	return c
}

func (c *confirmed) Confirmation(context.Context, order.ID) (order.Confirmation, error) {
	return c.c, nil
}
func (c *confirmed) Orders(context.Context, order.ID) ([]order.Record, error) { return c.orders, nil }
func (c *confirmed) Paid(context.Context, order.ID, time.Time) (order.Confirmation, error) {
	if c.unpaid {
		return c.c, order.ErrUnpaid
	}
	c.c.PaymentID = order.DerivedID("test", []byte("payment"))
	return c.c, nil
}
func (c *confirmed) Close(context.Context, order.ID, time.Time) (order.ConfirmationEnded, error) {
	return order.ConfirmationEnded{Done: true, Stage: order.ConfirmationLapsed}, nil
}
func (c *confirmed) Finish(context.Context, order.ID, time.Time) (order.ConfirmationEnded, error) {
	return order.ConfirmationEnded{Done: true, Stage: order.ConfirmationFinished}, nil
}
func (c *confirmed) Remind(context.Context, order.ID) error { return nil }

func step() activities.ConfirmationStep {
	return activities.ConfirmationStep{ConfirmationID: orderID, At: now}
}

func TestM6_EveryOrderIsToldOfItsApproval(t *testing.T) {
	s, c := &told{closed: []int64{2}}, newConfirmed(40)
	res, err := (&activities.Confirmations{Store: c, Signals: s}).TellApproved(t.Context(), step())
	require.NoError(t, err)
	require.Len(t, s.approved, 39)
	require.Equal(t, 40, res.Told)
	require.Equal(t, []order.ID{c.orders[1].ID}, res.Unreachable, "who cannot be told is named, and holds up nobody")
}

func TestM6_AServerThatIsAwayIsTriedAgain(t *testing.T) {
	s := &told{fail: errors.New("unavailable")}
	_, err := (&activities.Confirmations{Store: newConfirmed(3), Signals: s}).TellApproved(t.Context(), step())
	require.ErrorIs(t, err, s.fail)
}

func TestP4_WhatIsNotPaidIsNotTaken(t *testing.T) {
	c := newConfirmed(3)
	c.unpaid = true
	res, err := (&activities.Confirmations{Store: c}).TakePayment(t.Context(), step())
	require.NoError(t, err)
	require.Equal(t, activities.ConfirmationStepResult{}, res)
}

func TestM8_ThePaymentIsThatOfTheLedger(t *testing.T) {
	c := newConfirmed(2)
	a := &activities.Confirmations{Store: c}
	res, err := a.TakePayment(t.Context(), step())
	require.NoError(t, err)
	require.True(t, res.Paid)
	require.False(t, res.Done)
	require.Equal(t, c.c.PaymentID, res.PaymentID)
	c.c.IssuedIDs = c.c.OrderIDs
	res, err = a.TakePayment(t.Context(), step())
	require.NoError(t, err)
	require.True(t, res.Done, "certificates that are out already have told nobody")
}

func TestP8_M10_TheEndsAreThoseOfTheDatabase(t *testing.T) {
	a := &activities.Confirmations{Store: newConfirmed(1), Signals: &told{}}
	closed, err := a.CloseConfirmation(t.Context(), step())
	require.NoError(t, err)
	require.Equal(t, order.ConfirmationLapsed, closed.Stage)
	finished, err := a.FinishConfirmation(t.Context(), step())
	require.NoError(t, err)
	require.Equal(t, order.ConfirmationFinished, finished.Stage)
	require.NoError(t, a.RemindConfirmation(t.Context(), step()))
}
