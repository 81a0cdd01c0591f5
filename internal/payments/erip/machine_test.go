package erip

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payments"
)

func TestP2_PaymentFromInfoToReceipt(t *testing.T) {
	d := newProviderFixture(Config{})
	info := d.ask(t, message(ServiceInfo, 0))
	require.Equal(t, Response{Type: ServiceInfo, Debt: 4320, Lines: []string{"Заказ NOAIS000092239", "Сертификатов: 2"}}, info)
	start := d.ask(t, message(TransactionStart, 7))
	require.Empty(t, start.Errors)
	require.Equal(t, []string{textBeingPaid}, d.ask(t, Request{Type: ServiceInfo, Account: "NOAIS000092239", Currency: Currency, RequestID: 2}).Errors)
	result := d.ask(t, message(TransactionResult, 7))
	require.Equal(t, []string{"Заказ NOAIS000092239", textPaid}, result.Lines)

	require.Equal(t, Committed, d.store.data.transactions[7].State)
	require.Equal(t, payments.PayablePaid, d.store.data.payable.State)
	require.Equal(t, 1, d.store.applied())
}

func TestP5_RepetitionsAreAnsweredTheSame(t *testing.T) {
	d := newProviderFixture(Config{})
	for _, kind := range []RequestType{ServiceInfo, TransactionStart, TransactionResult, StornStart, StornResult} {
		r := message(kind, 7)
		r.Storned = true
		first := d.ask(t, r)
		require.Empty(t, first.Errors, kind)
		before := d.store.data.clone()
		d.clock = d.clock.Add(time.Minute)
		require.Equal(t, first, d.ask(t, r), kind)
		require.Equal(t, before, d.store.data, kind)
	}
	// Even out of their turn, when all is over.
	require.Equal(t, int64(1001), d.ask(t, message(TransactionStart, 7)).ProviderTrxID)
	require.Contains(t, d.ask(t, message(TransactionResult, 7)).Lines, textPaid)
	require.Equal(t, StornCommitted, d.store.data.transactions[7].State)
	require.Equal(t, payments.PayableOpen, d.store.data.payable.State, "money is back, so the order may be paid anew")
}

func TestRefusals(t *testing.T) {
	type change func(*providerFixture, *Request)
	started := func(d *providerFixture) { d.ask(t, message(TransactionStart, 7)) }
	for name, c := range map[string]struct {
		kind   RequestType
		change change
		want   string
	}{
		"unknown order":         {ServiceInfo, func(_ *providerFixture, r *Request) { r.Account = "NOAIS000000001" }, textUnknownOrder},
		"not a number":          {TransactionStart, func(_ *providerFixture, r *Request) { r.Account = "мой заказ" }, textUnknownOrder},
		"closed":                {ServiceInfo, func(d *providerFixture, _ *Request) { d.store.data.payable.State = payments.PayableClosed }, textClosed},
		"paid":                  {TransactionStart, func(d *providerFixture, _ *Request) { d.store.data.payable.State = payments.PayablePaid }, textAlreadyPaid},
		"due instant":           {ServiceInfo, func(d *providerFixture, _ *Request) { d.clock = d.store.data.payable.Due }, textOverdue},
		"not through ERIP":      {ServiceInfo, func(d *providerFixture, _ *Request) { d.store.data.payable.Methods = nil }, textMethodNotAllowed},
		"old roubles":           {ServiceInfo, func(_ *providerFixture, r *Request) { r.Currency = "974" }, textWrongCurrency},
		"a kopeck short":        {TransactionStart, func(_ *providerFixture, r *Request) { r.Amount-- }, textWrongAmount},
		"another start is on":   {TransactionStart, func(d *providerFixture, r *Request) { started(d); r.TransactionID = 8 }, textBeingPaid},
		"same id, other amount": {TransactionStart, func(d *providerFixture, r *Request) { started(d); r.Amount++ }, textOtherPayment},
		"same id, other order":  {TransactionStart, func(d *providerFixture, r *Request) { started(d); r.Account = "NOAIS000000001" }, textOtherPayment},
		"result never started":  {TransactionResult, func(*providerFixture, *Request) {}, textUnknownPayment},
		"other provider id":     {TransactionResult, func(d *providerFixture, r *Request) { started(d); r.ProviderTrxID = 5 }, textOtherPayment},
		"storn of a start":      {StornStart, func(d *providerFixture, _ *Request) { started(d) }, textNotPaid},
		"storn not started":     {StornResult, func(d *providerFixture, r *Request) { started(d); r.Storned = true }, textStornNotStarted},
	} {
		t.Run(name, func(t *testing.T) {
			d, r := newProviderFixture(Config{}), message(c.kind, 7)
			c.change(d, &r)
			require.Equal(t, []string{c.want}, d.ask(t, r).Errors)
			require.Empty(t, d.store.data.ledger)
		})
	}
}

func TestLockFallsAfterHalfAnHour(t *testing.T) {
	d := newProviderFixture(Config{})
	require.Empty(t, d.ask(t, message(TransactionStart, 7)).Errors)
	d.clock = d.clock.Add(LockTime - time.Second)
	require.Equal(t, []string{textBeingPaid}, d.ask(t, message(TransactionStart, 8)).Errors)
	d.clock = d.clock.Add(time.Second)
	require.Empty(t, d.ask(t, message(TransactionStart, 8)).Errors)
	// Both were paid in the end: one pays, the other waits for an operator.
	require.Empty(t, d.ask(t, message(TransactionResult, 8)).Errors)
	require.Empty(t, d.ask(t, message(TransactionResult, 7)).Errors)
	require.Equal(t, map[string]payments.Decision{
		"erip/8": {Outcome: payments.Applied},
		"erip/7": {Outcome: payments.Unapplied, Reason: payments.ReasonAlreadyPaid},
	}, d.store.data.ledger)
}

func TestFailedPaymentFreesTheOrder(t *testing.T) {
	d := newProviderFixture(Config{})
	d.ask(t, message(TransactionStart, 7))
	failed := message(TransactionResult, 7)
	failed.Failed = true
	require.Contains(t, d.ask(t, failed).Lines, textCancelled)
	require.Contains(t, d.ask(t, message(TransactionResult, 7)).Lines, textCancelled, "final is final")
	require.Empty(t, d.ask(t, message(TransactionStart, 8)).Errors)
	require.Empty(t, d.store.data.ledger)
}

func TestI1_NoReversalOnceIssueHasBegun(t *testing.T) {
	d := newProviderFixture(Config{})
	d.ask(t, message(TransactionStart, 7))
	d.ask(t, message(TransactionResult, 7))
	require.Empty(t, d.ask(t, message(StornStart, 7)).Errors)
	require.Empty(t, d.ask(t, message(StornResult, 7)).Errors, "ERIP did not reverse after all")
	require.Equal(t, Committed, d.store.data.transactions[7].State)
	d.store.data.issueBegun = true
	require.Equal(t, []string{textNoReversal}, d.ask(t, message(StornStart, 7)).Errors)
	wrong := message(StornStart, 7)
	wrong.Amount = 1
	require.Equal(t, []string{textOtherPayment}, d.ask(t, wrong).Errors)
}

func TestP4_LatePaymentIsKept(t *testing.T) {
	d := newProviderFixture(Config{})
	d.ask(t, message(TransactionStart, 7))
	d.store.data.payable.State = payments.PayableClosed
	d.clock = d.clock.AddDate(0, 1, 0)
	require.Empty(t, d.ask(t, message(TransactionResult, 7)).Errors)
	require.Equal(t, payments.Decision{Outcome: payments.Unapplied, Reason: payments.ReasonClosed}, d.store.data.ledger["erip/7"])
}

func TestP6_NoConsentAndNoReceiptWhenTheStoreFails(t *testing.T) {
	d := newProviderFixture(Config{})
	d.ask(t, message(TransactionStart, 7))
	d.store.fail = true
	for _, kind := range []RequestType{ServiceInfo, TransactionStart, TransactionResult} {
		response, err := d.Serve(context.Background(), message(kind, 7), nil)
		require.ErrorIs(t, err, errStore)
		require.Equal(t, []string{textTryLater}, response.Errors)
	}
	d.store.fail = false
	require.Empty(t, d.ask(t, message(TransactionResult, 7)).Errors)
	require.Equal(t, 1, d.store.applied())
}
