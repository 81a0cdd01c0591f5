package postgres_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func (b *bundle) close(s *sample, keepConfirmed bool) activities.CloseOrderResult {
	b.t.Helper()
	in := activities.CloseOrderInput{OrderID: s.OrderID, KeepConfirmed: keepConfirmed}
	res, err := b.payables.CloseOrder(b.t.Context(), in)
	require.NoError(b.t, err)
	again, err := b.payables.CloseOrder(b.t.Context(), in)
	require.NoError(b.t, err)
	require.Equal(b.t, res, again, "a repetition gives the same answer")
	return res
}

func TestP7_OpenPayableFixesPriceAndNumber(t *testing.T) {
	b := setup(t)
	one, two := b.saved(order.ServiceEmployee), b.open(order.ServiceEmployee)
	two.years = 2
	require.NoError(t, b.save(two))
	in := activities.OpenPayableInput{
		PayableID: uuid.NewString(), WorkflowID: "confirmation-x", Service: order.ServiceManager,
		OrderIDs: []string{two.OrderID, one.OrderID}, At: day,
	}
	res, err := b.payables.OpenPayable(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, 3*price, res.Total)
	require.Positive(t, res.Number)
	require.Equal(t, []activities.PayableOrder{
		{OrderID: one.OrderID, WorkflowID: "order-" + one.OrderID}, {OrderID: two.OrderID, WorkflowID: "order-" + two.OrderID},
	}, res.Orders)
	require.WithinDuration(t, one.PayBy, res.Due, 0)

	b.close(one, false)
	again, err := b.payables.OpenPayable(t.Context(), in)
	require.NoError(t, err)
	require.Equal(t, res, again)

	y, err := b.payables.Payable(t.Context(), order.PaymentNumber(res.Number))
	require.NoError(t, err)
	require.Equal(t, unp, y.PayerUNP)
	require.Equal(t, 2*price, y.Amount)
	y, err = b.payables.Payable(t.Context(), order.MaxPaymentNumber)
	require.NoError(t, err)
	require.Nil(t, y)
}

func TestP7_NoPriceNoPayable(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	_, err := b.payables.OpenPayable(t.Context(), activities.OpenPayableInput{
		PayableID: uuid.NewString(), Service: order.ServiceManager, OrderIDs: []string{s.OrderID}, At: day.AddDate(-1, 0, 0),
	})
	require.ErrorIs(t, err, activities.ErrNoPrice)
	require.Zero(t, b.count("payables"))
}

func TestP8_OpenPayableKeepsWhatCanBePaid(t *testing.T) {
	b := setup(t)
	held, closed, early, good := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.open(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	b.confirm(held)
	require.True(t, b.close(closed, false).Closed)
	in := activities.OpenPayableInput{
		PayableID: uuid.NewString(), Service: order.ServiceManager, At: day,
		OrderIDs: []string{held.OrderID, closed.OrderID, early.OrderID, good.OrderID, uuid.NewString()},
	}
	late := in
	late.At = good.PayBy
	_, err := b.payables.OpenPayable(t.Context(), late)
	require.ErrorIs(t, err, activities.ErrNothingToConfirm)
	res, err := b.payables.OpenPayable(t.Context(), in)
	require.NoError(t, err)
	require.Len(t, res.Orders, 1)
	require.Equal(t, good.OrderID, res.Orders[0].OrderID)
}

func TestD7_CloseOrder(t *testing.T) {
	for name, c := range map[string]struct {
		confirmed, paid, keep bool
		closed, named         bool
		share                 order.Kopecks
	}{
		"free":                                {closed: true},
		"free, kept if confirmed":             {keep: true, closed: true},
		"confirmed leaves with its share":     {confirmed: true, closed: true, named: true, share: price},
		"confirmed stays when asked to":       {confirmed: true, keep: true, named: true},
		"paid stays":                          {confirmed: true, paid: true, named: true},
		"paid stays when asked to be kept so": {confirmed: true, paid: true, keep: true, named: true},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			s, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
			var id string
			if c.confirmed {
				var res activities.OpenPayableResult
				id, res = b.confirm(s, other)
				if c.paid {
					_, err := b.receive(card(res.Number, res.Total))
					require.NoError(t, err)
				}
			}
			res := b.close(s, c.keep)
			require.Equal(t, c.closed, res.Closed)
			require.Equal(t, c.named, res.ConfirmationID != "" && res.ConfirmationID == id)
			require.Equal(t, c.share, res.Share)
		})
	}
}

func TestP8_AnOrderThatLeavesTakesItsShareAlong(t *testing.T) {
	b := setup(t)
	leaver, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, res := b.confirm(leaver, other)
	require.Equal(t, price, b.close(leaver, false).Share)
	view, err := b.orders.Payable(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, price, view.Total)

	p, err := b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonOverpaid, p.Reason)
	p, err = b.receive(card(res.Number, price))
	require.NoError(t, err)
	require.Equal(t, payments.PaymentApplied, p.State)
}

func TestP8_ALapsedConfirmationLetsItsOrdersGo(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	id, res := b.confirm(s)
	for range 2 {
		closed, err := b.payables.ClosePayable(t.Context(), activities.ClosePayableInput{PayableID: id})
		require.NoError(t, err)
		require.True(t, closed.Closed)
	}
	p, err := b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonClosed, p.Reason)

	_, second := b.confirm(s)
	require.NotEqual(t, res.Number, second.Number)
	_, err = b.payables.ClosePayable(t.Context(), activities.ClosePayableInput{PayableID: uuid.NewString()})
	require.ErrorIs(t, err, activities.ErrNotFound)
}

func TestD7_MoneyBeforeTheDeadlineWins(t *testing.T) {
	b := setup(t)
	id, res := b.confirm(b.saved(order.ServiceEmployee))
	_, err := b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	closed, err := b.payables.ClosePayable(t.Context(), activities.ClosePayableInput{PayableID: id})
	require.NoError(t, err)
	require.False(t, closed.Closed)
}

func TestD4_AnOrderOf6000HasItsOwnPayment(t *testing.T) {
	b := setup(t)
	paid, left := b.saved(order.ServiceIndividual), b.saved(order.ServiceIndividual)
	res := b.own(paid)
	require.Equal(t, 3*price, res.Total)
	_, err := b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	require.Equal(t, activities.CloseOrderResult{}, b.close(paid, false))

	res = b.own(left)
	require.Equal(t, activities.CloseOrderResult{Closed: true}, b.close(left, false))
	p, err := b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	require.Equal(t, payments.ReasonClosed, p.Reason)
}

func TestP1_ChooseWay(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	require.ErrorIs(t, b.payables.ChooseWay(t.Context(), s.OrderID, payments.SourceERIP), activities.ErrNotFound)
	b.own(s)
	require.NoError(t, b.payables.ChooseWay(t.Context(), s.OrderID, payments.SourceAssist))
	require.NoError(t, b.payables.ChooseWay(t.Context(), s.OrderID, payments.SourceERIP))
	require.ErrorIs(t, b.payables.ChooseWay(t.Context(), s.OrderID, payments.SourceClientBank), postgres.ErrWayNotAllowed)
	require.ErrorIs(t, b.payables.ChooseWay(t.Context(), s.OrderID, payments.SourceManual), postgres.ErrWayNotAllowed)
	view, err := b.orders.Order(t.Context(), s.OrderID)
	require.NoError(t, err)
	require.Equal(t, payments.SourceERIP, view.Payable.Way)
	require.NotContains(t, view.Payable.Ways, payments.SourceClientBank)
}

func TestM2_M3_TheManagersList(t *testing.T) {
	b := setup(t)
	var all []*sample
	for range 7 {
		all = append(all, b.saved(order.ServiceEmployee))
	}
	b.open(order.ServiceEmployee)
	b.close(all[6], false)
	confirmation, _ := b.confirm(all[0])

	page, err := b.org.Page(t.Context(), unp, day, 0)
	require.NoError(t, err)
	require.Equal(t, 6, page.Orders)
	require.Equal(t, 2, page.Pages)
	require.Equal(t, 6, page.Employees)
	require.Len(t, page.Groups, postgres.PageRows)
	require.Equal(t, confirmation, page.Groups[0].Rows[0].HeldBy)
	second, err := b.org.Page(t.Context(), unp, day, 1)
	require.NoError(t, err)
	require.Len(t, second.Groups, 1)

	for at, orders := range map[time.Time]int{
		all[1].Until.Add(-time.Microsecond): 6,
		all[1].Until:                        0,
	} {
		page, err = b.org.Page(t.Context(), unp, at, 0)
		require.NoError(t, err)
		require.Equal(t, orders, page.Orders)
	}
	page, err = b.org.Page(t.Context(), "another", day, 0)
	require.NoError(t, err)
	require.Empty(t, page.Groups)
}
