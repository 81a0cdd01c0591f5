package postgres_test

import (
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/issuance"
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

// payable is a started order of 6.0.00 with a terminal at which it can be paid.
func payable(t *testing.T) (*bundle, *sample, *terminal) {
	t.Helper()
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	require.NoError(t, b.orders.MarkStarted(t.Context(), s.ID))
	res := b.own(s)
	return b, s, newTerminal(b, res.Number, res.Total)
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
	b, s, d := payable(t)
	for range 2 {
		info := d.ask(erip.ServiceInfo, 0)
		require.Empty(t, info.Errors)
		require.Equal(t, d.amount, info.Debt)
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

// At its deadline an order finds the money by itself (D7), whether anybody told of it or not.
func TestD7_P5_ABegunReversalAndACertificateExcludeEachOther(t *testing.T) {
	b, s, d := payable(t)
	require.Empty(t, d.ask(erip.TransactionStart, 11).Errors)
	require.Empty(t, d.ask(erip.TransactionResult, 11).Errors)
	require.Empty(t, d.ask(erip.StornStart, 11).Errors)
	require.False(t, b.close(s, false).Done, "the money is there")
	evidence := func(stored issuance.Stored) error {
		if len(stored.Payment.Applied) == 0 {
			return errNothingPays
		}
		return nil
	}
	_, _, err := b.certificates.Reserve(t.Context(), prepared(s, "01"), evidence)
	require.ErrorIs(t, err, errNothingPays, "money that is being taken back pays for nothing")

	findings, err := d.provider.ApplyRegister(t.Context(), erip.Register{PaymentOrderAt: day.Add(time.Hour), Lines: []erip.RegisterLine{{TransactionID: 11}}})
	require.NoError(t, err)
	require.Equal(t, []erip.Finding{erip.FoundKept}, findings)
	_, _, err = b.certificates.Reserve(t.Context(), prepared(s, "01"), evidence)
	require.NoError(t, err)
	require.Zero(t, b.count("payments WHERE claimed_at IS NOT NULL"), "nobody told of it")
	require.NotEmpty(t, d.ask(erip.StornStart, 11).Errors, "a certificate is being made for it")
}

var errNothingPays = errors.New("nothing pays for it")

func TestD7_P5_MoneyOfAReservedCertificateIsNotTakenBackButReported(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	res := b.own(s)
	paid := card(res.Number, res.Total)
	paid.Bill = paid.ExternalID
	_, err := b.receive(paid)
	require.NoError(t, err)
	_, _, err = b.certificates.Reserve(t.Context(), prepared(s, "01"), func(issuance.Stored) error { return nil })
	require.NoError(t, err)
	reversal := paid
	reversal.Kind, reversal.ExternalID = payments.KindReversal, paid.ExternalID+"/r"
	decision, err := b.ledger.Record(t.Context(), reversal)
	require.NoError(t, err)
	require.Equal(t, payments.ReasonReversed, decision.Reason)
	view, err := b.orders.Payable(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, payments.PayablePaid, view.State)
	require.Equal(t, 1, b.count("payments WHERE kind = 'payment' AND state = 'applied'"))
}
