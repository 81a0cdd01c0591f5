package postgres_test

import (
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// receive records a message and finds the payment that it became.
func (b *bundle) receive(n payments.Notification) (payments.Payment, error) {
	decision, err := b.ledger.Record(b.t.Context(), n)
	if err != nil || decision.PaymentID == "" {
		return payments.Payment{}, err
	}
	return b.ledger.Payment(b.t.Context(), decision.PaymentID)
}

func TestP5_AMessageCountsOnce(t *testing.T) {
	b := setup(t)
	_, res := b.confirm(b.saved(order.ServiceEmployee))
	n := card(res.Number, res.Total)
	var all sync.WaitGroup
	got := make([]payments.Payment, 8)
	errs := make([]error, len(got))
	for i := range got {
		all.Go(func() { got[i], errs[i] = b.receive(n) })
	}
	all.Wait()
	for i := range got {
		require.NoError(t, errs[i])
		require.Equal(t, got[0].ID, got[i].ID)
	}
	require.Equal(t, 1, b.count("payments"))
	raw, err := b.ledger.Raw(t.Context(), got[0].ID)
	require.NoError(t, err)
	require.Equal(t, n.Raw, raw)
}

func TestP4_TwoPaymentsAtOncePayOnce(t *testing.T) {
	b := setup(t)
	_, res := b.confirm(b.saved(order.ServiceEmployee))
	var all sync.WaitGroup
	got := make([]payments.Payment, 8)
	for i := range got {
		all.Go(func() { got[i], _ = b.receive(card(res.Number, res.Total)) })
	}
	all.Wait()
	applied := 0
	for _, p := range got {
		if p.State == payments.PaymentApplied {
			applied++
			continue
		}
		require.Equal(t, payments.ReasonAlreadyPaid, p.Reason)
	}
	require.Equal(t, 1, applied)
	page, err := b.ledger.List(t.Context(), payments.PaymentUnapplied, 1, 3)
	require.NoError(t, err)
	require.Equal(t, 7, page.Total)
	require.Len(t, page.Payments, 3)
}

func TestD7_MoneyAndDeadlineAtOnce(t *testing.T) {
	b := setup(t)
	for range 15 {
		s := b.saved(order.ServiceEmployee)
		id, res := b.confirm(s, b.saved(order.ServiceEmployee))
		var all sync.WaitGroup
		var p payments.Payment
		var byTime order.ConfirmationEnded
		var left order.Ended
		var errs [3]error
		all.Go(func() { p, errs[0] = b.receive(card(res.Number, res.Total)) })
		all.Go(func() { byTime, errs[1] = b.confirmations.Close(t.Context(), id, res.Due) })
		all.Go(func() { left, errs[2] = b.orders.End(t.Context(), withdrawal(s, false)) })
		all.Wait()
		require.Equal(t, [3]error{}, errs)
		if p.State == payments.PaymentApplied {
			require.False(t, byTime.Done, "paid and lapsed")
			require.False(t, left.Done, "paid and withdrawn")
		} else {
			require.True(t, byTime.Done)
			require.True(t, left.Done)
		}
	}
}

func TestP8_OneOpenPaymentPerOrder(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		in := b.signed(b.listed(s), day)
		all.Go(func() { _, errs[i] = b.confirmations.Confirm(t.Context(), in) })
	}
	all.Wait()
	opened := 0
	for _, err := range errs {
		if err == nil {
			opened++
			continue
		}
		require.ErrorIs(t, err, order.ErrNothingToConfirm)
	}
	require.Equal(t, 1, opened)
}

func TestP4_MessagesThatPayNothing(t *testing.T) {
	b := setup(t)
	_, res := b.confirm(b.saved(order.ServiceEmployee))
	for name, c := range map[string]struct {
		change func(*payments.Notification)
		reason payments.Reason
	}{
		"unknown number": {func(n *payments.Notification) { n.Number = order.MaxPaymentNumber.ERIP() }, payments.ReasonUnknownNumber},
		"no number":      {func(n *payments.Notification) { n.Number = "bad\xff\x00 utf8" }, payments.ReasonNoNumber},
		"underpaid":      {func(n *payments.Notification) { n.Amount-- }, payments.ReasonUnderpaid},
		"overdue":        {func(n *payments.Notification) { n.ReceivedAt = res.Due }, payments.ReasonOverdue},
		"reversal":       {func(n *payments.Notification) { n.Kind = payments.KindReversal }, payments.ReasonReversed},
	} {
		n := card(res.Number, res.Total)
		c.change(&n)
		p, err := b.receive(n)
		require.NoError(t, err, name)
		require.Equal(t, c.reason, p.Reason, name)
		require.Equal(t, payments.PaymentUnapplied, p.State, name)
	}
	n := card(res.Number, res.Total)
	n.Kind = payments.KindNoMoney
	for range 2 {
		decision, err := b.ledger.Record(t.Context(), n)
		require.NoError(t, err)
		require.Equal(t, payments.Ignored, decision.Outcome)
	}
	require.Equal(t, 6, b.count("gateway_messages"))
	require.Equal(t, 5, b.count("payments"))
	n.Kind = payments.KindPayment
	p, err := b.receive(n)
	require.NoError(t, err)
	require.Equal(t, payments.PaymentApplied, p.State, "a declined attempt does not stand in the way")
}

func TestP4_OperatorsAssignAndReturn(t *testing.T) {
	b := setup(t)
	id, res := b.confirm(b.saved(order.ServiceEmployee))
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	stray := func() payments.Payment {
		n := card(res.Number, res.Total)
		n.Number = ""
		p, err := b.receive(n)
		require.NoError(t, err)
		return p
	}
	first, second := stray(), stray()
	number := order.PaymentNumber(res.Number)

	var mismatch *payments.MismatchError
	_, err := b.ledger.Assign(t.Context(), first.ID, order.MaxPaymentNumber, "op-1", "")
	require.ErrorAs(t, err, &mismatch)
	require.Equal(t, payments.ReasonUnknownNumber, mismatch.Reason)

	got, err := b.ledger.Assign(t.Context(), first.ID, number, "op-1", "wrote the number badly")
	require.NoError(t, err)
	require.Equal(t, payments.PaymentApplied, got.State)
	require.Equal(t, "op-1", got.ResolvedBy)
	_, err = b.ledger.Assign(t.Context(), second.ID, number, "op-1", "")
	require.ErrorAs(t, err, &mismatch)
	require.Equal(t, payments.ReasonAlreadyPaid, mismatch.Reason)

	got, err = b.ledger.Return(t.Context(), second.ID, "op-2", "sent back")
	require.NoError(t, err)
	require.Equal(t, payments.PaymentReturned, got.State)
	_, err = b.ledger.Return(t.Context(), first.ID, "op-2", "")
	require.ErrorIs(t, err, payments.ErrResolved)
	_, err = b.ledger.Return(t.Context(), uuid.NewString(), "op-2", "")
	require.ErrorIs(t, err, order.ErrNotFound)

	waiting, err := b.ledger.Undelivered(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	report, err := audit.Verify(b.audit.Entries(t.Context()), nil, nil)
	require.NoError(t, err)
	require.True(t, report.Clean())
}

func TestP4_AShareThatCannotBeUsedIsKept(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	_, res := b.confirm(s, b.saved(order.ServiceEmployee))
	p, err := b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, b.payables.ReportUnapplied(t.Context(), idOf(t, p.ID), s.ID, payments.ReasonClosed))
	}
	page, err := b.ledger.List(t.Context(), payments.PaymentUnapplied, 0, 10)
	require.NoError(t, err)
	require.Len(t, page.Payments, 1)
	require.Equal(t, price, page.Payments[0].Amount)
	require.Equal(t, p.ID, page.Payments[0].ParentID)
	whole, err := b.ledger.Payment(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, payments.PaymentApplied, whole.State)
}

func TestP4_NoShareForAnOrderThatLeftBeforeThePayment(t *testing.T) {
	b := setup(t)
	leaver := b.saved(order.ServiceEmployee)
	_, res := b.confirm(leaver, b.saved(order.ServiceEmployee))
	require.True(t, b.close(leaver, false).Done)
	p, err := b.receive(card(res.Number, res.Total-price))
	require.NoError(t, err)
	require.Equal(t, payments.PaymentApplied, p.State)
	require.NoError(t, b.payables.ReportUnapplied(t.Context(), idOf(t, p.ID), leaver.ID, payments.ReasonClosed))
	page, err := b.ledger.List(t.Context(), payments.PaymentUnapplied, 0, 10)
	require.NoError(t, err)
	require.Empty(t, page.Payments, "nobody has paid for it")
}

func TestP4_AWholePaymentThatCameTooLateIsKept(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	res := b.own(s)
	p, err := b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, b.payables.ReportUnapplied(t.Context(), idOf(t, p.ID), s.ID, payments.ReasonClosed))
	}
	p, err = b.ledger.Payment(t.Context(), p.ID)
	require.NoError(t, err)
	require.Equal(t, payments.PaymentUnapplied, p.State)
	require.Equal(t, payments.ReasonClosed, p.Reason)
	require.ErrorIs(t, b.payables.ReportUnapplied(t.Context(), order.NewID(), order.ID{}, payments.ReasonClosed), order.ErrNotFound)
}

func idOf(t *testing.T, text string) order.ID {
	t.Helper()
	id, err := order.ParseID(text)
	require.NoError(t, err)
	return id
}
