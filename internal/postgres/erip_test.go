package postgres_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/erip"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// terminal is the real provider over the real store.
type terminal struct {
	*bundle
	provider *erip.Provider
	number   string
	amount   order.Kopecks
}

func newTerminal(b *bundle, number int64, amount order.Kopecks) *terminal {
	b.t.Helper()
	provider, err := erip.New(erip.Config{}, postgres.NewERIP(b.pool), func() time.Time { return day })
	require.NoError(b.t, err)
	return &terminal{bundle: b, provider: provider, number: order.PaymentNumber(number).ERIP(), amount: amount}
}

func (d *terminal) ask(kind erip.RequestType, transaction int64) erip.Response {
	d.t.Helper()
	r := erip.Request{Type: kind, Account: d.number, Currency: erip.Currency, RequestID: 700, TransactionID: transaction, Storned: kind == erip.StornResult}
	if kind == erip.TransactionStart || kind == erip.StornStart {
		r.Amount = d.amount
	}
	response, err := d.provider.Serve(d.t.Context(), r, []byte("raw"))
	require.NoError(d.t, err)
	return response
}

func TestP2_ERIPPaysAndCanBeReversedBeforeTheWorkflowKnows(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	require.NoError(t, b.orders.MarkStarted(t.Context(), s.ID))
	res := b.own(s)
	d := newTerminal(b, res.Number, res.Total)
	for range 2 {
		info := d.ask(erip.ServiceInfo, 0)
		require.Empty(t, info.Errors)
		require.Equal(t, res.Total, info.Debt)
		require.Empty(t, d.ask(erip.TransactionStart, 11).Errors)
	}
	for range 2 {
		require.Empty(t, d.ask(erip.TransactionResult, 11).Errors)
	}
	view, err := b.orders.Payable(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, payments.PayablePaid, view.State)
	require.Equal(t, 1, b.count("payments"))

	require.Empty(t, d.ask(erip.StornStart, 11).Errors)
	waiting, err := b.ledger.Undelivered(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, waiting, "nobody is told while a reversal is under way")
	require.Empty(t, d.ask(erip.StornResult, 11).Errors)
	view, err = b.orders.Payable(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, payments.PayableOpen, view.State)

	// The number can be paid again, and then it counts.
	require.Empty(t, d.ask(erip.TransactionStart, 12).Errors)
	require.Empty(t, d.ask(erip.TransactionResult, 12).Errors)
	waiting, err = b.ledger.Undelivered(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, waiting, 1)
	require.NotEmpty(t, d.ask(erip.StornStart, 12).Errors, "the workflow may know of the payment by now")
}

func TestP2_ERIPKnowsOnlyWhatIsSold(t *testing.T) {
	b := setup(t)
	d := newTerminal(b, 5, 100)
	require.NotEmpty(t, d.ask(erip.ServiceInfo, 0).Errors)
	require.NotEmpty(t, d.ask(erip.TransactionStart, 1).Errors)
	require.NotEmpty(t, d.ask(erip.TransactionResult, 1).Errors)
}

func TestP5_TheRegisterAndTheTerminalTellOfOnePaymentAtOnce(t *testing.T) {
	b := setup(t)
	for i := range 10 {
		res := b.own(b.saved(order.ServiceIndividual))
		d := newTerminal(b, res.Number, res.Total)
		transaction := int64(i + 1)
		d.ask(erip.TransactionStart, transaction)
		line := card(res.Number, res.Total)
		line.Source, line.ExternalID = payments.SourceERIP, strconv.FormatInt(transaction, 10)
		var all sync.WaitGroup
		var err error
		all.Go(func() { _, err = b.ledger.Record(t.Context(), line) })
		all.Go(func() { d.ask(erip.TransactionResult, transaction) })
		all.Wait()
		require.NoError(t, err)
	}
	require.Equal(t, 10, b.count("payments"))
	require.Equal(t, 10, b.count("payables WHERE state = 'paid'"))
}
