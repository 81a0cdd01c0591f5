package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// What needs a person leads to the workflow that shows its cause, also where
// it is not an order itself; what has no workflow leads nowhere.
func TestStatusLeadsToTheWorkflowWithTheCause(t *testing.T) {
	b := setup(t)
	s := b.open(order.ServiceIndividual)
	require.NoError(t, b.take(s))
	require.NoError(t, b.orders.MarkStarted(t.Context(), s.ID))
	require.NoError(t, b.orders.RegistersAnswered(t.Context(), s.ID, order.RegisterAnswers{"egr": order.RegisterSilent}))
	e := b.started(order.ServiceEmployee)
	id, of := b.confirm(e)
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	draft := b.open(order.ServiceEmployee)
	b.exec("UPDATE orders SET waits_until = $1 WHERE id = ANY ($2::text[]::uuid[])", day, []string{e.ID.String(), draft.ID.String()})
	b.exec("UPDATE confirmations SET waits_until = $1", day)
	b.exec("UPDATE notices SET attempts = 2, created_at = $1, cause = 'refused', subject_id = $2 WHERE channel = 'email'", day, e.ID.String())
	b.sealed()

	found := b.looked(day.Add(time.Hour))
	paidBy, workflow := order.PaymentNumber(of.Number).ERIP(), order.ConfirmationWorkflowID(order.PaymentNumber(of.Number), id)
	ofE := order.WorkflowID(e.Number, e.ID)
	require.ElementsMatch(t, []status.Item{
		{Name: number(e), Workflow: ofE}, {Name: number(draft)}, {Name: paidBy, Workflow: workflow},
	}, found[status.PastDeadline].Items)
	require.Equal(t, []status.Item{{Name: "egr", Order: number(s), Workflow: order.WorkflowID(s.Number, s.ID)}}, found[status.SilentRegister].Items)
	require.Equal(t, []status.Item{{Name: "email", Order: number(e), Workflow: ofE}}, found[status.FailingChannel].Items)
}

// The purpose of a bank payment may hold names: only a number of ours is told of it.
func TestP4_MoneyIsNamedWithoutItsPayer(t *testing.T) {
	b := setup(t)
	n := card(999, 4320)
	n.Number = "Иванов Иван, за сертификат"
	p, err := b.receive(n)
	require.NoError(t, err)
	b.sealed()
	c := b.looked(day)[status.UnappliedMoney]
	require.Equal(t, []status.Item{{Name: "assist:" + p.ExternalID, Payment: &status.Payment{
		Amount: 4320, Currency: payments.BYN, Reason: payments.ReasonNoNumber,
	}}}, c.Items)
}

func TestP4_PaymentsAreFoundByTheirReference(t *testing.T) {
	b := setup(t)
	ledger := postgres.NewLedger(b.pool)
	p, err := b.receive(card(999, 1))
	require.NoError(t, err)
	other := card(998, 1)
	other.Source, other.ExternalID = payments.SourceERIP, p.ExternalID
	q, err := b.receive(other)
	require.NoError(t, err)
	for reference, want := range map[string][]string{
		"assist:" + p.ExternalID: {p.ID}, "erip:" + p.ExternalID: {q.ID}, p.ExternalID: {p.ID, q.ID}, "manual:" + p.ExternalID: nil,
		"": nil, "assist:": nil, "assist:%": nil,
	} {
		got, err := ledger.ByReference(t.Context(), reference)
		require.NoError(t, err)
		require.ElementsMatch(t, want, got, reference)
	}
	_, err = ledger.Return(t.Context(), p.ID, "op", "n")
	require.NoError(t, err)
	got, err := ledger.ByReference(t.Context(), p.ExternalID)
	require.NoError(t, err)
	require.Equal(t, []string{q.ID}, got, "what waits comes before what is settled")
	got, err = ledger.ByReference(t.Context(), "assist:"+p.ExternalID)
	require.NoError(t, err)
	require.Equal(t, []string{p.ID}, got)
}

func TestSubjectsAreNamedByNumbers(t *testing.T) {
	b := setup(t)
	s := b.started(order.ServiceEmployee)
	subjects := postgres.NewSubjects(b.pool)
	n, err := subjects.Number(t.Context(), s.ID)
	require.NoError(t, err)
	require.Equal(t, s.Number, n)
	_, err = subjects.Number(t.Context(), order.NewID())
	require.ErrorIs(t, err, order.ErrNotFound)
	_, err = subjects.List(t.Context(), s.Number)
	require.ErrorIs(t, err, order.ErrNotFound)
	l := b.listed(s)
	id, err := subjects.List(t.Context(), s.Number)
	require.NoError(t, err)
	require.Equal(t, l.ID, id)
}
