package postgres_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func TestP7_SaveFixesPriceAndNumberOf6000(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceIndividual)
	require.NoError(t, b.take(s))
	var all sync.WaitGroup
	bills := make([]order.Bill, 6)
	errs := make([]error, len(bills))
	for i := range bills {
		all.Go(func() { _, bills[i], errs[i] = b.orders.Save(t.Context(), s.ID, registered(), day) })
	}
	all.Wait()
	for i := range bills {
		require.NoError(t, errs[i])
		require.Equal(t, bills[0], bills[i], "a repetition gives the same bill")
	}
	require.Equal(t, 3*price, bills[0].Total)
	require.Positive(t, bills[0].Number)
	require.Equal(t, 1, b.count("payables"))
	r := b.record(s.ID)
	require.Equal(t, order.StageAwaitingPayment, r.Stage)
	view, err := b.orders.Payable(t.Context(), s.ID)
	require.NoError(t, err)
	require.True(t, view.Due.Equal(r.PayBy), "D4")
	require.Equal(t, order.WorkflowID(r.Number, r.ID), view.WorkflowID)

	y, err := b.payables.Payable(t.Context(), bills[0].Number)
	require.NoError(t, err)
	require.Equal(t, 3*price, y.Amount)
	y, err = b.payables.Payable(t.Context(), order.MaxPaymentNumber)
	require.NoError(t, err)
	require.Nil(t, y)

	// 6.0.01 is paid through its confirmation.
	other := b.open(order.ServiceEmployee)
	require.Equal(t, order.Bill{}, b.save(other))
	_, err = b.orders.Payable(t.Context(), other.ID)
	require.ErrorIs(t, err, order.ErrNotFound)
}

func TestP7_NoPriceNothingIsSaved(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceIndividual)
	require.NoError(t, b.take(s))
	_, _, err := b.orders.Save(t.Context(), s.ID, registered(), day.AddDate(-1, 0, 0))
	require.ErrorIs(t, err, order.ErrNoPrice)
	require.Equal(t, order.StageChecking, b.record(s.ID).Stage)
	require.Zero(t, b.count("payables"))
	b.close(s, false)
	_, _, err = b.orders.Save(t.Context(), s.ID, registered(), day)
	require.ErrorIs(t, err, order.ErrStage, "it was withdrawn meanwhile")
}

func TestD7_EndOrder(t *testing.T) {
	for name, c := range map[string]struct {
		confirmed, paid, keep bool
		done, named           bool
	}{
		"free":                                {done: true},
		"free, kept if confirmed":             {keep: true, done: true},
		"confirmed leaves":                    {confirmed: true, done: true, named: true},
		"confirmed stays when asked to":       {confirmed: true, keep: true, named: true},
		"paid stays":                          {confirmed: true, paid: true, named: true},
		"paid stays when asked to be kept so": {confirmed: true, paid: true, keep: true, named: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			s, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
			var id order.ID
			var of bill
			if c.confirmed {
				id, of = b.confirm(s, other)
			}
			if c.paid {
				b.pay(of)
			}
			ended := b.close(s, c.keep)
			require.Equal(t, c.done, ended.Done)
			require.Equal(t, c.done, !b.record(s.ID).Stage.Open())
			if c.named {
				require.Equal(t, id, ended.ConfirmationID)
				require.EqualValues(t, of.Number, ended.ConfirmationNumber)
			} else {
				require.Zero(t, ended.ConfirmationID)
			}
		})
	}
}

func TestD7_AnOrderEndsInOneWay(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	b.close(s, false)
	ended, err := b.orders.End(t.Context(), order.Ending{
		OrderID: s.ID, End: order.EndAnnulled, Reason: order.ReasonNotConfirmed, By: order.BySystem, At: day, KeepConfirmed: true,
	})
	require.NoError(t, err)
	require.Equal(t, order.Ended{Done: true, End: order.EndWithdrawn, Reason: order.ReasonByApplicant}, ended, "its own end is told")
	require.Equal(t, order.EndWithdrawn, b.record(s.ID).End)
	_, err = b.orders.End(t.Context(), order.Ending{OrderID: order.NewID(), End: order.EndAnnulled, By: order.BySystem, At: day})
	require.ErrorIs(t, err, order.ErrNotFound)
	require.Equal(t, 1, b.count("notices WHERE kind = 'withdrawn'"))
}

func TestD4_AnOrderOf6000HasItsOwnPayment(t *testing.T) {
	b := setup(t)
	paid, left := b.saved(order.ServiceIndividual), b.saved(order.ServiceIndividual)
	b.pay(b.own(paid))
	require.Equal(t, order.Ended{}, b.close(paid, false))

	of := b.own(left)
	require.Equal(t, order.Ended{Done: true, End: order.EndWithdrawn, Reason: order.ReasonByApplicant}, b.close(left, false))
	p, err := b.receive(card(of.Number, of.Total))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonClosed, p.Reason)
}

func TestA1c_ARevokedCertificateEndsAPaidOrderAndItsMoneyWaits(t *testing.T) {
	b := setup(t)
	revoked := func(s *sample) order.Ended {
		e := order.Ending{OrderID: s.ID, End: order.EndRefused, Reason: order.ReasonRevoked, By: order.BySystem, At: day}
		first, err := b.orders.End(t.Context(), e)
		require.NoError(t, err)
		again, err := b.orders.End(t.Context(), e)
		require.NoError(t, err)
		require.Equal(t, first, again)
		return first
	}
	own, reserved := b.paid(), b.paid()
	require.True(t, revoked(own).Done)
	require.Equal(t, order.ReasonRevoked, b.record(own.ID).Reason)
	require.Equal(t, 1, b.count("payments WHERE state = 'unapplied'"))
	require.Equal(t, 1, b.count("payables WHERE state = 'closed'"))

	_, _, err := b.certificates.Reserve(t.Context(), prepared(reserved, "01"), onlyPaid)
	require.NoError(t, err)
	require.False(t, revoked(reserved).Done, "what is reserved is signed sooner or later")

	one, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, of := b.confirm(one, other)
	payment := b.pay(of)
	c, err := b.confirmations.Paid(t.Context(), id, day)
	require.NoError(t, err)
	require.Equal(t, payment, c.PaymentID)
	ended := revoked(one)
	require.True(t, ended.Done)
	require.Equal(t, id, ended.ConfirmationID)
	c, err = b.confirmations.Confirmation(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []order.ID{one.ID}, c.LeftIDs)
	require.Equal(t, of.Total, c.Total, "what was paid was paid")
	require.Equal(t, 1, b.count("payments WHERE state = 'unapplied' AND parent_id IS NOT NULL"))
	_, _, err = b.certificates.Reserve(t.Context(), prepared(other, "02"), onlyPaid)
	require.NoError(t, err, "the others go on")
	b.requireSoundLog()
}

func TestP1_ChooseMethod(t *testing.T) {
	b := setup(t)
	require.ErrorIs(t, b.payables.ChooseMethod(t.Context(), b.saved(order.ServiceEmployee).ID, payments.SourceERIP), order.ErrNotFound)
	s := b.saved(order.ServiceIndividual)
	require.NoError(t, b.payables.ChooseMethod(t.Context(), s.ID, payments.SourceAssist))
	require.NoError(t, b.payables.ChooseMethod(t.Context(), s.ID, payments.SourceERIP))
	require.ErrorIs(t, b.payables.ChooseMethod(t.Context(), s.ID, payments.SourceClientBank), postgres.ErrMethodNotAllowed)
	require.ErrorIs(t, b.payables.ChooseMethod(t.Context(), s.ID, payments.SourceManual), postgres.ErrMethodNotAllowed)
	view, err := b.orders.Order(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, payments.SourceERIP, view.Payable.Method)
	require.NotContains(t, view.Payable.Methods, payments.SourceClientBank)
	b.close(s, false)
	require.ErrorIs(t, b.payables.ChooseMethod(t.Context(), s.ID, payments.SourceERIP), order.ErrNotFound)
}
