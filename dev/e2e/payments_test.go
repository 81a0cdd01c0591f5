package e2e_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/dev/caller"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// P5: however often and at whatever time a message comes, one certificate comes of it.
func TestP5_RepeatedAndLateMessages(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	ctx := t.Context()
	p := w.private(order.KindIndividual)
	o := w.waiting(p, w.upload(p, 1))
	of := caller.OfOrder(o.ID)
	payment, err := p.ChooseMethod(ctx, of, "erip")
	require.NoError(t, err)
	n := notification(payment)
	first, err := w.gateway.Notify(ctx, n)
	require.NoError(t, err)

	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			again, err := w.gateway.Notify(ctx, n)
			if err != nil || again.ID != first.ID || again.State != "applied" {
				t.Errorf("repeated: %+v, %v", again, err)
			}
		})
	}
	group.Wait()
	o = w.issued(p, o.ID)
	serial := o.Certificate.SerialNumber

	again, err := w.gateway.Notify(ctx, n)
	require.NoError(t, err)
	require.Equal(t, first.ID, again.ID)
	w.requireUnapplied(notification(payment))
	_, err = p.AcceptTerms(ctx, o.ID)
	require.Equal(t, "order-ended", problem(t, err).Slug())
	require.Equal(t, serial, w.read(p, o.ID).Certificate.SerialNumber)
	require.Equal(t, 1, w.certificates(o.ID))
}

// P4: what does not match pays nothing and is kept with its reason, until an operator has dealt with it.
func TestP4_PaymentsThatDoNotMatch(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	ctx := t.Context()
	p := w.employee()
	o := w.waiting(p, w.upload(p, 1))
	c := w.confirmed(o.ID)
	w.await(p, o.ID, "awaiting-payment")
	of := caller.OfConfirmation(c.ID)
	payment, err := w.director.ChooseMethod(ctx, of, "client-bank")
	require.NoError(t, err)

	tooLittle := notification(payment)
	tooLittle.Amount = "0.01"
	unknown := notification(payment)
	unknown.Number = "NOAIS999999999"
	stranger := notification(payment)
	stranger.Source, stranger.PayerUNP = "clientbank", w.private(order.KindSoleProprietor).Subject.UNP
	var kept []contract.LedgerEntry
	for _, n := range []contract.PaymentNotification{tooLittle, unknown, stranger} {
		kept = append(kept, w.requireUnapplied(n))
	}
	require.Equal(t, order.StageAwaitingPayment, w.read(p, o.ID).Stage)

	var returned contract.LedgerEntry
	require.NoError(t, w.operator.Post(ctx, "/v1/payments/"+kept[1].ID.String()+"/return", map[string]string{"note": "sent back"}, &returned))
	require.Equal(t, contract.Returned, returned.State)
	err = w.operator.Post(ctx, "/v1/payments/"+kept[1].ID.String()+"/return", map[string]string{"note": "again"}, nil)
	require.Equal(t, "payment-not-unapplied", problem(t, err).Slug())
	err = w.operator.Post(ctx, "/v1/payments/"+kept[0].ID.String()+"/assignment", map[string]string{"number": payment.Number, "note": "n"}, nil)
	require.Equal(t, "payment-not-matching", problem(t, err).Slug())

	good := notification(payment)
	good.Source, good.PayerUNP = "clientbank", w.director.Subject.UNP
	entry, err := w.gateway.Notify(ctx, good)
	require.NoError(t, err)
	require.Equal(t, contract.Applied, entry.State, entry.Reason)
	w.issued(p, o.ID)
	require.Equal(t, 1, w.certificates(o.ID))
}

// S10, M4: the applicant withdraws, the manager rejects with a reason; the other side learns of it and a new order is possible.
func TestS10_M4_WithdrawnAndRejected(t *testing.T) {
	w := newWorld(t, all.ordinary(t))
	ctx := t.Context()
	p := w.employee()
	withdrawn := w.waiting(p, w.upload(p, 1))
	require.NoError(t, p.Post(ctx, caller.OfOrder(withdrawn.ID)+"/withdrawal", nil, nil))
	o := w.await(p, withdrawn.ID, "ended")
	require.Equal(t, order.EndWithdrawn, o.End)
	err := p.Post(ctx, caller.OfOrder(withdrawn.ID)+"/withdrawal", nil, nil)
	require.Equal(t, "order-ended", problem(t, err).Slug())

	rejected := w.waiting(p, w.upload(p, 1))
	require.NotEqual(t, withdrawn.ID, rejected.ID)
	reason := map[string]string{"reason": "должность указана неверно"}
	require.NoError(t, w.director.Post(ctx, "/v1/organisation/orders/"+rejected.ID.String()+"/rejection", reason, nil))
	o = w.await(p, rejected.ID, "ended")
	require.Equal(t, order.EndRejected, o.End)
	require.Equal(t, reason["reason"], o.Note)

	var orders struct{ Orders []contract.Order }
	require.NoError(t, p.Get(ctx, "/v1/orders?state=all", &orders))
	require.Len(t, orders.Orders, 2)
	require.NoError(t, p.Get(ctx, "/v1/orders", &orders))
	require.Empty(t, orders.Orders)
}
