package postgres_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// paidConfirmation is what paid for an employee's order whose confirmation runs.
func (b *bundle) paidConfirmation() payments.Payment {
	b.t.Helper()
	id, of := b.confirm(b.saved(order.ServiceEmployee))
	require.NoError(b.t, b.confirmations.MarkStarted(b.t.Context(), id))
	p, err := b.receive(card(of.Number, of.Total))
	require.NoError(b.t, err)
	return p
}

func TestP6_PaymentsAreToldUntilTheyAreDelivered(t *testing.T) {
	b := setup(t)
	p := b.paidConfirmation()
	for range 2 {
		waiting, err := b.ledger.Undelivered(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, waiting, 1)
		require.Equal(t, p.ID, waiting[0].PaymentID)
		require.Contains(t, waiting[0].WorkflowID, "-confirmation-")
	}
	require.NoError(t, b.ledger.MarkDelivered(t.Context(), p.ID))
	waiting, err := b.ledger.Undelivered(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, waiting)
}

func TestP6_M8_TheOrdersOfAConfirmationAreToldTogetherWithIt(t *testing.T) {
	b := setup(t)
	stays, leaves, lost := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, of := b.confirm(stays, leaves, lost)
	require.True(t, b.close(leaves, false).Done)
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	_, err := b.receive(card(of.Number, of.Total-price))
	require.NoError(t, err)
	other := b.saved(order.ServiceIndividual)
	b.pay(b.own(other))
	require.NoError(t, b.orders.MarkStarted(t.Context(), other.ID))
	for _, ended := range []bool{false, true} {
		if ended {
			_, err = b.pool.Exec(t.Context(), "UPDATE orders SET stage = 'ended', ending = 'refused' WHERE id = $1", lost.ID.String())
			require.NoError(t, err)
		}
		waiting, err := b.ledger.Undelivered(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, waiting, 2)
		for _, d := range waiting {
			if d.WorkflowID == order.WorkflowID(other.Number, other.ID) {
				require.Empty(t, d.Orders, "an order that is paid by itself is told once")
				continue
			}
			want := []string{order.WorkflowID(stays.Number, stays.ID)}
			if !ended {
				want = append(want, order.WorkflowID(lost.Number, lost.ID))
			}
			require.Equal(t, want, d.Orders)
		}
	}
}

// A workflow that is not there yet is no reason to give the money away: a job
// starts it, and then it is told.
func TestP6_NothingIsToldBeforeItsWorkflowWasStarted(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceIndividual)
	b.pay(b.own(s))
	id, of := b.confirm(b.saved(order.ServiceEmployee))
	b.pay(of)
	told := func() []payments.Delivery {
		waiting, err := b.ledger.Undelivered(t.Context(), 10)
		require.NoError(t, err)
		return waiting
	}
	require.Empty(t, told())
	require.Zero(t, b.count("payments WHERE claimed_at IS NOT NULL"), "it can still be reversed")
	require.NoError(t, b.orders.MarkStarted(t.Context(), s.ID))
	require.Len(t, told(), 1)
	require.NoError(t, b.confirmations.MarkStarted(t.Context(), id))
	require.Len(t, told(), 2)
	for _, d := range told() {
		require.True(t, d.Open, "nobody but a running workflow can take it")
	}
	_, err := b.pool.Exec(t.Context(), "UPDATE orders SET stage = 'ended', ending = 'refused', workflow_started_at = NULL WHERE id = $1", s.ID.String())
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), "UPDATE confirmations SET stage = 'void', workflow_started_at = NULL WHERE id = $1", id.String())
	require.NoError(t, err)
	require.Len(t, told(), 2, "what has ended takes nothing any more")
	for _, d := range told() {
		require.False(t, d.Open)
	}
}

func TestP6_AClaimAloneDoesNotWaitForTheDisk(t *testing.T) {
	b := setup(t)
	p := b.paidConfirmation()
	for name, step := range map[string]func(q *db.Queries) error{
		"claim": func(q *db.Queries) error { _, err := q.LockUndelivered(t.Context(), 10); return err },
		"note":  func(q *db.Queries) error { return q.MarkDelivered(t.Context(), uuid.MustParse(p.ID)) },
	} {
		require.NoError(t, pgx.BeginFunc(t.Context(), b.pool, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), "SET LOCAL synchronous_commit = on")
			require.NoError(t, err)
			require.NoError(t, step(db.New(tx)))
			var setting string
			require.NoError(t, tx.QueryRow(t.Context(), "SHOW synchronous_commit").Scan(&setting))
			require.Equal(t, "off", setting, name)
			return nil
		}))
		_, err := b.pool.Exec(t.Context(), "UPDATE payments SET delivered_at = NULL")
		require.NoError(t, err)
	}
}
