package postgres_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/payments/paymentstest"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/postgres/pgtest"
)

// soldNumbers is a ledger over payment numbers that were sold for 43.20 each.
type soldNumbers struct {
	*bundle
	next int64
}

func newSoldNumbers(t *testing.T) *soldNumbers {
	t.Helper()
	t.Parallel()
	pool := pgtest.New(t)
	return &soldNumbers{bundle: &bundle{t: t, pool: pool, ledger: postgres.NewLedger(pool), audit: postgres.NewAudit(pool)}}
}

// sell opens a number of 6.0.02 that only its organisation may pay by bank.
func (b *soldNumbers) sell() payments.Payable {
	b.t.Helper()
	b.next++
	p := payments.Payable{
		Number: order.PaymentNumber(b.next), Amount: price, PayerUNP: unp, State: payments.PayableOpen, Due: day.AddDate(0, 0, 10),
		Methods: payments.Methods(order.ServiceManager),
	}
	_, err := b.pool.Exec(b.t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, payer_unp, due, opened_at)
		VALUES ($1, 'confirmation', '6.0.02', $2, $3, $4, $5, $6)`, uuid.New(), b.next, int64(price), unp, p.Due, day)
	require.NoError(b.t, err)
	return p
}

func (b *soldNumbers) record(t require.TestingT, n payments.Notification) payments.Decision {
	d, err := b.ledger.Record(b.t.Context(), n)
	require.NoError(t, err)
	return d
}

func (b *soldNumbers) state(t require.TestingT, p payments.Payable) (state payments.PayableState) {
	require.NoError(t, b.pool.QueryRow(b.t.Context(), "SELECT state FROM payables WHERE number = $1", int64(p.Number)).Scan(&state))
	return state
}

// approved is the push of a bill, as the gateway's adapter makes it.
func approved(p payments.Payable, bill string) payments.Notification {
	n := card(int64(p.Number), p.Amount)
	n.ExternalID, n.Bill = bill+"/Approved", bill
	return n
}

// canceled is the refund of all of a bill.
func canceled(p payments.Payable, bill string) payments.Notification {
	n := approved(p, bill)
	n.Kind, n.ExternalID = payments.KindReversal, bill+"/Canceled"
	return n
}

func TestP5_AnEventIsItsSourceItsIDAndItsContent(t *testing.T) {
	b := newSoldNumbers(t)
	p := b.sell()
	first := b.record(t, approved(p, "1"))
	require.Equal(t, payments.Decision{Outcome: payments.Applied, PaymentID: first.PaymentID}, first)

	same := approved(p, "1")
	same.Number, same.Currency, same.Raw = " noais "+p.Number.ERIP()[5:], "byn", []byte("framed otherwise")
	same.ReceivedAt, same.OccurredAt = day.AddDate(0, 0, 20), day
	want := first
	want.Repeated = true
	require.Equal(t, want, b.record(t, same), "however it is framed")

	for name, change := range map[string]func(*payments.Notification){
		"amount":   func(n *payments.Notification) { n.Amount++ },
		"number":   func(n *payments.Notification) { n.Number = "NOAIS999999999" },
		"currency": func(n *payments.Notification) { n.Currency = "USD" },
		"payer":    func(n *payments.Notification) { n.PayerUNP = unp },
		"account":  func(n *payments.Notification) { n.OtherAccount = true },
		"kind":     func(n *payments.Notification) { n.Kind = payments.KindTest },
	} {
		other := approved(p, "1")
		change(&other)
		d := b.record(t, other)
		require.Equal(t, payments.Decision{Outcome: payments.Unapplied, Reason: payments.ReasonConflict, PaymentID: d.PaymentID}, d, name)
		require.NotEqual(t, first.PaymentID, d.PaymentID, name)
		repeated := b.record(t, other)
		require.True(t, repeated.Repeated)
		require.Equal(t, payments.ReasonConflict, repeated.Reason, "never answered as if applied")
	}
	require.Equal(t, 7, b.count("payments"))
	require.Equal(t, 1, b.count("payments WHERE state = 'applied'"))
	report, err := audit.Verify(b.audit.Entries(t.Context()), nil, nil)
	require.NoError(t, err)
	require.True(t, report.Clean())
}

func TestP5_AReversedBillPaysNothingWheneverTheReversalComes(t *testing.T) {
	b := newSoldNumbers(t)
	late, early := b.sell(), b.sell()
	b.record(t, approved(late, "1"))
	require.Equal(t, payments.PayablePaid, b.state(t, late))
	b.record(t, canceled(late, "1"))
	require.Equal(t, payments.PayableOpen, b.state(t, late), "it can be paid again")
	require.Equal(t, 1, b.count("payments WHERE state = 'returned' AND reason = 'reversed' AND reversal_id IS NOT NULL"))

	b.record(t, canceled(early, "2"))
	for range 2 {
		require.Equal(t, payments.ReasonReversed, b.record(t, approved(early, "2")).Reason)
	}
	require.Equal(t, payments.PayableOpen, b.state(t, early))
	require.Equal(t, payments.Applied, b.record(t, approved(early, "3")).Outcome, "another attempt is another bill")

	var id string
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT id::text FROM payments WHERE bill = '2' AND kind = 'payment'").Scan(&id))
	_, err := b.ledger.Assign(t.Context(), id, late.Number, "op-1", "by mistake")
	var mismatch *payments.MismatchError
	require.ErrorAs(t, err, &mismatch)
	require.Equal(t, payments.ReasonReversed, mismatch.Reason, "nor does an operator make it pay")
}

func TestP5_WhatAWorkflowMayKnowOfIsNotTakenBackButReported(t *testing.T) {
	b := newSoldNumbers(t)
	p := b.sell()
	b.record(t, approved(p, "1"))
	claimed, err := b.ledger.Undelivered(t.Context(), 10)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	d := b.record(t, canceled(p, "1"))
	require.Equal(t, payments.ReasonReversed, d.Reason)
	require.Equal(t, payments.PayablePaid, b.state(t, p))
	page, err := b.ledger.List(t.Context(), payments.PaymentUnapplied, 0, 10)
	require.NoError(t, err)
	require.Len(t, page.Payments, 1, "the reversal waits for an operator")
	found, err := postgres.NewReconciliation(b.pool).LedgerDifferences(t.Context(), day, 10)
	require.NoError(t, err)
	require.Contains(t, found, payments.Difference{
		Kind: payments.DifferenceReversed, Source: payments.SourceAssist, Number: int64(p.Number), PaymentID: claimed[0].PaymentID,
		Ours: price, Theirs: price,
	})
}

func TestP4_TheRestOfAPartlyReversedPaymentWaits(t *testing.T) {
	b := newSoldNumbers(t)
	p := b.sell()
	b.record(t, approved(p, "1"))
	part := canceled(p, "1")
	part.Amount = 1000
	b.record(t, part)
	require.Equal(t, payments.PayableOpen, b.state(t, p))
	require.Equal(t, 2, b.count("payments WHERE state = 'unapplied' AND reason = 'reversed'"))
}

func TestP5_PaymentAndReversalAtOnce(t *testing.T) {
	b := newSoldNumbers(t)
	for i := range 15 {
		p := b.sell()
		bill := fmt.Sprint(i + 1)
		var all sync.WaitGroup
		errs := make([]error, 4)
		for j, n := range []payments.Notification{approved(p, bill), canceled(p, bill), approved(p, bill), canceled(p, bill)} {
			all.Go(func() { _, errs[j] = b.ledger.Record(t.Context(), n) })
		}
		all.Wait()
		require.Equal(t, make([]error, 4), errs)
		require.Equal(t, payments.PayableOpen, b.state(t, p))
	}
	require.Zero(t, b.count("payments WHERE state = 'applied'"))
	require.Equal(t, 30, b.count("payments"))
}

func TestP4_NoTextIsTooOddToBeKept(t *testing.T) {
	b := newSoldNumbers(t)
	p := b.sell()
	for i, text := range []string{
		strings.Repeat("я", 32<<10), strings.Repeat("я", 32<<10) + "2", "nul\x00inside", "\xff\xfe", "\u202eoverride", strings.Repeat("0", 64<<10),
	} {
		n := approved(p, text)
		n.Number, n.Currency, n.PayerUNP, n.Raw = text, text, text, []byte(text)
		d := b.record(t, n)
		require.Equal(t, payments.ReasonNoNumber, d.Reason)
		require.True(t, b.record(t, n).Repeated)
		require.Equal(t, i+1, b.count("payments"))
		raw, err := b.ledger.Raw(t.Context(), d.PaymentID)
		require.NoError(t, err)
		require.Equal(t, text, string(raw))
		reversal := canceled(p, text)
		reversal.ExternalID = approved(p, text).ExternalID + "/reversal"
		require.Equal(t, payments.ReasonReversed, b.record(t, reversal).Reason)
		_, err = b.pool.Exec(t.Context(), "DELETE FROM payments WHERE kind = 'reversal'")
		require.Error(t, err, "the payment names it")
		_, err = b.pool.Exec(t.Context(), "UPDATE payments SET reversal_id = NULL")
		require.NoError(t, err)
		_, err = b.pool.Exec(t.Context(), "DELETE FROM payments WHERE kind = 'reversal'")
		require.NoError(t, err)
	}
}

// credits are what a bank tells of one payer and one number.
func credits(p payments.Payable) []payments.Notification {
	var out []payments.Notification
	for _, id := range []string{"OP1", "OP2", "OP3"} {
		n := card(int64(p.Number), p.Amount)
		n.Source, n.ExternalID, n.PayerUNP, n.Bill = payments.SourceClientBank, "own/"+id, unp, "own/"+p.Number.ERIP()
		n.Number, n.OccurredAt = p.Number.ClientBank()+" оплата", day
		out = append(out, n)
		n.Kind, n.ExternalID = payments.KindReversal, n.ExternalID+"/reversal"
		out = append(out, n)
	}
	return out
}

// Any order of payments, reversals, repetitions, conflicts and claims leaves
// the ledger as the model in memory has it, and no reversed money pays.
func TestP4_P5_EveryInterleavingEndsAsTheModelSays(t *testing.T) {
	b := newSoldNumbers(t)
	rapid.Check(t, func(r *rapid.T) {
		p := b.sell()
		model := paymentstest.New(p)
		bill := func(n int) string { return fmt.Sprintf("%d-%d", p.Number, n) }
		conflict := approved(p, bill(1))
		conflict.Amount++
		declined := approved(p, bill(1))
		declined.Kind = payments.KindNoMoney
		pool := append(credits(p),
			approved(p, bill(1)), approved(p, bill(2)), canceled(p, bill(1)), canceled(p, bill(2)), conflict, declined,
			payments.Unreadable(payments.SourceAssist, []byte(bill(0)), day))
		for i := range pool {
			if pool[i].Source == payments.SourceClientBank {
				pool[i].ExternalID = p.Number.ERIP() + pool[i].ExternalID
			}
		}
		for range rapid.IntRange(1, 14).Draw(r, "messages") {
			if rapid.IntRange(0, 7).Draw(r, "claim") == 0 {
				_, err := b.ledger.Undelivered(t.Context(), 1000)
				require.NoError(r, err)
				model.Claim(p.Number)
			}
			n := rapid.SampledFrom(pool).Draw(r, "message")
			got := b.record(r, n)
			want, err := model.Record(t.Context(), n)
			require.NoError(r, err)
			want.PaymentID, got.PaymentID = "", ""
			require.Equal(r, want, got)
		}
		found, err := model.Payable(t.Context(), p.Number)
		require.NoError(r, err)
		require.Equal(r, found.State, b.state(r, p))
		b.requireNoReversedMoneyPays(r, p)
	})
}

func (b *soldNumbers) requireNoReversedMoneyPays(r *rapid.T, p payments.Payable) {
	var applied, reversed, rows, messages int
	require.NoError(r, b.pool.QueryRow(b.t.Context(), `SELECT count(*) FILTER (WHERE state = 'applied'),
		count(*) FILTER (WHERE state = 'applied' AND claimed_at IS NULL AND (reversal_id IS NOT NULL OR source <> 'clientbank' AND EXISTS (
			SELECT FROM payments x WHERE x.kind = 'reversal' AND x.source = p.source AND x.bill = p.bill))),
		count(*), (SELECT count(*) FROM gateway_messages WHERE outcome <> 'ignored') - (SELECT count(*) FROM payments)
		FROM payments p WHERE payable_id = (SELECT id FROM payables WHERE number = $1)`, int64(p.Number)).
		Scan(&applied, &reversed, &rows, &messages))
	require.LessOrEqual(r, applied, 1, "paid twice")
	require.Zero(r, reversed, "reversed money pays")
	require.Zero(r, messages, "a message without its payment")
}
