package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

var errDown = errors.New("not now")

// unapplied is a payment of the operators' pile.
type unapplied struct {
	id     string
	reason payments.Reason
}

// relayFixture is a ledger, the workflows and the operators' pile in one; every call
// is told of on the channel where there is one.
type relayFixture struct {
	mu        sync.Mutex
	waiting   []payments.Delivery
	told      map[string]int
	unapplied []unapplied
	// closed are workflows that have ended; failing are those that do not answer.
	closed, failing map[string]bool
	// missing are orders of confirmations that could not be told.
	missing []string
	// lost fails the ledger, refused its marking, piled the pile.
	lost, refused, piled error
	asked                chan struct{}
}

func newRelayFixture(ids ...string) *relayFixture {
	d := &relayFixture{told: map[string]int{}, closed: map[string]bool{}, failing: map[string]bool{}}
	d.apply(ids...)
	return d
}

func (d *relayFixture) apply(ids ...string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range ids {
		d.waiting = append(d.waiting, payments.Delivery{PaymentID: p, WorkflowID: "order of " + p})
	}
}

func (d *relayFixture) Undelivered(_ context.Context, limit int) ([]payments.Delivery, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked != nil {
		defer func() { d.asked <- struct{}{} }()
	}
	return append([]payments.Delivery(nil), d.waiting[:min(limit, len(d.waiting))]...), d.lost
}

func (d *relayFixture) MarkDelivered(_ context.Context, paymentID string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refused != nil {
		return d.refused
	}
	kept := d.waiting[:0]
	for _, w := range d.waiting {
		if w.PaymentID != paymentID {
			kept = append(kept, w)
		}
	}
	d.waiting = kept
	return nil
}

func (d *relayFixture) TellPayment(_ context.Context, p payments.Delivery) ([]string, error) {
	workflowID, paymentID := p.WorkflowID, p.PaymentID
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.failing[workflowID]:
		return nil, errDown
	case d.closed[workflowID]:
		return nil, ErrNobodyWaits
	}
	d.told[workflowID+": "+paymentID]++
	return d.missing, nil
}

func (d *relayFixture) Unapply(_ context.Context, paymentID string, reason payments.Reason) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.piled == nil {
		d.unapplied = append(d.unapplied, unapplied{paymentID, reason})
	}
	return d.piled
}

func (d *relayFixture) relay() *Relay {
	return &Relay{Ledger: d, Workflows: d, Unapplied: d, Interval: time.Hour, Log: slog.New(slog.DiscardHandler)}
}

func TestP5_EachPaymentIsToldOnce(t *testing.T) {
	d := newRelayFixture("a", "b")
	for range 3 {
		require.NoError(t, d.relay().Sweep(t.Context()))
	}
	require.Equal(t, map[string]int{"order of a: a": 1, "order of b: b": 1}, d.told)
	require.Empty(t, d.waiting)
}

func TestP6_ASweepGoesOnUntilNothingWaits(t *testing.T) {
	d := newRelayFixture()
	for n := range 2*relayBatch + 1 {
		d.apply(fmt.Sprint(n))
	}
	require.NoError(t, d.relay().Sweep(t.Context()))
	require.Len(t, d.told, 2*relayBatch+1)
	require.Empty(t, d.waiting)
}

func TestP4_APaymentForAClosedWorkflowIsKeptForAnOperator(t *testing.T) {
	d := newRelayFixture("late", "good")
	d.closed["order of late"] = true
	require.NoError(t, d.relay().Sweep(t.Context()))
	require.Equal(t, []unapplied{{"late", payments.ReasonClosed}}, d.unapplied)
	require.Equal(t, map[string]int{"order of good: good": 1}, d.told)
	require.Empty(t, d.waiting, "an operator's payment is told to nobody again")
}

func TestP6_APaymentOfSomethingOpenWaitsForItsWorkflow(t *testing.T) {
	d := newRelayFixture("a", "b")
	d.waiting[0].Open = true
	d.closed["order of a"] = true
	for range 2 {
		require.ErrorIs(t, d.relay().Sweep(t.Context()), ErrNobodyWaits)
		require.Empty(t, d.unapplied)
		require.Len(t, d.waiting, 1)
	}
	d.closed = nil
	require.NoError(t, d.relay().Sweep(t.Context()))
	require.Equal(t, map[string]int{"order of a: a": 1, "order of b: b": 1}, d.told)
}

func TestP6_WhatFailsIsTriedAgainAndKeepsNobodyElseWaiting(t *testing.T) {
	d := newRelayFixture("a", "b", "c")
	d.failing["order of a"] = true
	require.ErrorIs(t, d.relay().Sweep(t.Context()), errDown)
	require.Equal(t, []payments.Delivery{{PaymentID: "a", WorkflowID: "order of a"}}, d.waiting)
	require.Len(t, d.told, 2)

	d.failing = nil
	require.NoError(t, d.relay().Sweep(t.Context()))
	require.Equal(t, 1, d.told["order of a: a"])
	require.Empty(t, d.waiting)
}

func TestP6_APaymentThatCouldNotBeKeptOrMarkedIsNotForgotten(t *testing.T) {
	for name, spoil := range map[string]func(*relayFixture){
		"the ledger does not answer":  func(d *relayFixture) { d.lost = errDown },
		"the marking fails":           func(d *relayFixture) { d.refused = errDown },
		"the operators' pile is down": func(d *relayFixture) { d.closed["order of a"], d.piled = true, errDown },
	} {
		t.Run(name, func(t *testing.T) {
			d := newRelayFixture("a")
			spoil(d)
			require.ErrorIs(t, d.relay().Sweep(t.Context()), errDown)
			require.Len(t, d.waiting, 1)
		})
	}
}

func TestP6_TheRelayWakesUpAtOnceAndOutlivesFailures(t *testing.T) {
	d := newRelayFixture()
	d.asked, d.lost = make(chan struct{}), errDown
	wake := make(chan struct{})
	r := d.relay()
	r.Wake = wake
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()

	<-d.asked
	d.mu.Lock()
	d.lost = nil
	d.mu.Unlock()
	d.apply("a")
	wake <- struct{}{}
	<-d.asked
	cancel()
	<-ended
	require.Equal(t, 1, d.told["order of a: a"])
}

func TestP6_TheRelayLooksByItselfToo(t *testing.T) {
	d := newRelayFixture()
	d.asked = make(chan struct{})
	r := d.relay()
	r.Interval = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { r.Run(ctx); close(ended) }()
	for range 3 {
		<-d.asked
	}
	cancel()
	for {
		select {
		case <-d.asked:
		case <-ended:
			return
		}
	}
}

func TestP6_AnOrderThatIsMissingIsLoggedAndHoldsUpNobody(t *testing.T) {
	d, lines := newRelayFixture("a"), bytes.Buffer{}
	d.missing = []string{"7-order"}
	r := d.relay()
	r.Log = slog.New(slog.NewTextHandler(&lines, nil))
	require.NoError(t, r.Sweep(t.Context()))
	require.Empty(t, d.waiting)
	require.Contains(t, lines.String(), "workflow=7-order")
	require.Contains(t, lines.String(), "start it again")
}
