package e2e_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	sdkclient "go.temporal.io/sdk/client"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/dev/stack"
	"github.com/remote-issuance/remote-issuance/dev/temporal"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// clock is the time of one workflow on the skipping stack.
type clock struct {
	w        *world
	temporal sdkclient.Client
	workflow string
}

func (w *world) clock(workflowID string) *clock {
	return &clock{w: w, temporal: w.temporal(), workflow: workflowID}
}

func (c *clock) forward(d time.Duration) {
	c.w.t.Helper()
	name := "forward-" + time.Now().Format(time.RFC3339Nano)
	require.NoError(c.w.t, temporal.Forward(c.w.t.Context(), c.temporal, stack.Namespace, c.workflow, name, d))
}

const minute = time.Minute

// M3, D1: an order that nobody confirmed within five days is annulled, and not a minute earlier.
func TestM3_SixDaysWithoutADecision(t *testing.T) {
	w := newWorld(t, all.skipping(t))
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	clock := w.clock(w.workflowOf(w.temporal(), o.Number))

	clock.forward(5*24*time.Hour - minute)
	require.Equal(t, order.StageAwaitingApproval, w.read(p, o.ID).Stage, "a minute before the border")
	clock.forward(2 * minute)
	ended := w.await(p, o.ID, "ended")
	require.Equal(t, [2]any{order.EndAnnulled, order.ReasonNotConfirmed}, [2]any{ended.End, ended.Reason})
	require.Equal(t, order.ActorNobody, ended.Next.WaitsFor)

	again, err := p.Open(t.Context(), "6.0.01")
	require.NoError(t, err, "a new order is possible at once")
	require.False(t, again.Resumed)
	require.NotEqual(t, o.ID, again.ID)
}

// S11: an order that its applicant never finishes is annulled after ten calendar days.
func TestS11_NeverFinished(t *testing.T) {
	w := newWorld(t, all.skipping(t))
	p := w.private(order.KindIndividual)
	o := w.open(p)
	// A draft is a row: nothing but the database knows its time.
	require.WithinDuration(t, time.Now().AddDate(0, 0, 11), o.Next.Until, 25*time.Hour)
	w.sql("UPDATE orders SET waits_until = now() + interval '1 minute' WHERE id = $1", o.ID.String())
	time.Sleep(20 * time.Second)
	require.Equal(t, order.StageRequest, w.read(p, o.ID).Stage)
	w.sql("UPDATE orders SET waits_until = now() WHERE id = $1", o.ID.String())
	ended := w.await(p, o.ID, "ended")
	require.Equal(t, [2]any{order.EndAnnulled, order.ReasonNotFinished}, [2]any{ended.End, ended.Reason})
}

// D2, D3, P4: eleven days without payment annul the orders; what is paid afterwards is kept and pays nothing.
func TestD3_P4_ElevenDaysWithoutPayment(t *testing.T) {
	w := newWorld(t, all.skipping(t))
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	c := w.confirmed(o.ID)
	of := caller.OfConfirmation(c.ID)
	payment, err := w.director.ChooseMethod(t.Context(), of, "erip")
	require.NoError(t, err)
	border := order.DateOf(o.UploadedAt).AddDays(10).End()
	require.True(t, border.Equal(payment.PayBy), "D2: %s, want %s", payment.PayBy, border)

	o = w.await(p, o.ID, "awaiting-payment")
	forOrder, forConfirmation := w.clock(w.workflowOf(w.temporal(), o.Number)), w.clock(confirmationWorkflow(c))
	forConfirmation.forward(time.Until(border) - minute)
	forOrder.forward(time.Until(border) - minute)
	require.Equal(t, order.StageAwaitingPayment, w.read(p, o.ID).Stage, "a minute before the border")
	forConfirmation.forward(2 * minute)
	forOrder.forward(2 * minute)
	ended := w.await(p, o.ID, "ended")
	require.Equal(t, [2]any{order.EndAnnulled, order.ReasonNotPaid}, [2]any{ended.End, ended.Reason})

	w.requireUnapplied(notification(payment))
	require.Zero(t, w.read(p, o.ID).Certificate)
}

// D4: 6.0.00 has the same term.
func TestD4_PrivatePersonsElevenDaysWithoutPayment(t *testing.T) {
	w := newWorld(t, all.skipping(t))
	p := w.private(order.KindSoleProprietor)
	o := w.waiting(p, w.upload(p, 1))
	payment, err := p.ChooseMethod(t.Context(), caller.OfOrder(o.ID), "erip")
	require.NoError(t, err)
	clock := w.clock(w.workflowOf(w.temporal(), o.Number))
	clock.forward(time.Until(o.PayBy) - minute)
	require.Equal(t, order.StageAwaitingPayment, w.read(p, o.ID).Stage, "a minute before the border")
	clock.forward(2 * minute)
	ended := w.await(p, o.ID, "ended")
	require.Equal(t, [2]any{order.EndAnnulled, order.ReasonNotPaid}, [2]any{ended.End, ended.Reason})
	w.requireUnapplied(notification(payment))
}

func (w *world) read(p *party, orderID order.ID) contract.Order {
	w.t.Helper()
	o, err := p.Order(w.t.Context(), orderID)
	require.NoError(w.t, err)
	return o
}

// requireUnapplied reports a payment that is kept for an operator.
func (w *world) requireUnapplied(n contract.PaymentNotification) contract.LedgerEntry {
	w.t.Helper()
	entry, err := w.gateway.Notify(w.t.Context(), n)
	require.NoError(w.t, err)
	require.Equal(w.t, contract.Unapplied, entry.State)
	require.NotEmpty(w.t, entry.Reason)
	list, err := w.operator.Payments(w.t.Context(), "unapplied")
	require.NoError(w.t, err)
	ids := make([]order.ID, 0, len(list))
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	require.Contains(w.t, ids, entry.ID)
	return entry
}
