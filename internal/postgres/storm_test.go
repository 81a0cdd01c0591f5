package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// The gateways send a thousand payments three times each, again whenever they
// get no answer, while connections to the database break all the time.
func TestP5_P6_AThousandPaymentsThreeTimesOverBrokenConnections(t *testing.T) {
	b := setup(t)
	const orders, senders = 1000, 10
	_, err := b.pool.Exec(t.Context(), `INSERT INTO payables (id, workflow_id, service, number, total, due, opened_at)
		SELECT gen_random_uuid(), 'order-' || n, '6.0.00', n, 100, now() + interval '1 day', now() FROM generate_series(1, $1) n`, orders)
	require.NoError(t, err)
	messages := make(chan payments.Notification, 3*orders)
	for n := range orders {
		m := card(int64(n+1), 100)
		m.OccurredAt = day
		for range 3 {
			messages <- m
		}
	}
	close(messages)

	var sending, breaking sync.WaitGroup
	done := make(chan struct{})
	breaking.Go(func() {
		tick := time.NewTicker(30 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				_, _ = b.pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
					WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.2`)
			}
		}
	})
	for range senders {
		sending.Go(func() {
			for m := range messages {
				_, err := b.ledger.Record(t.Context(), m)
				for err != nil && t.Context().Err() == nil {
					_, err = b.ledger.Record(t.Context(), m)
				}
			}
		})
	}
	sending.Wait()
	close(done)
	breaking.Wait()

	require.Equal(t, orders, b.count("payments WHERE state = 'applied'"))
	require.Equal(t, orders, b.count("payments"))
	require.Equal(t, orders, b.count("payables WHERE state = 'paid'"))
	told := map[string]bool{}
	for {
		batch, err := b.ledger.Undelivered(t.Context(), 300)
		require.NoError(t, err)
		if len(batch) == 0 {
			break
		}
		for _, d := range batch {
			require.False(t, told[d.WorkflowID])
			told[d.WorkflowID] = true
			require.NoError(t, b.ledger.MarkDelivered(t.Context(), d.PaymentID))
		}
	}
	require.Len(t, told, orders)
	report, err := audit.Verify(b.audit.Entries(t.Context()), nil, nil)
	require.NoError(t, err)
	require.True(t, report.Clean(), report.Findings)
}

// Whatever is done to an order's payments in whatever order, the order is paid
// at most once, and never both paid and closed.
func TestD7_P4_P8_NoInterleavingPaysTwiceOrLosesMoney(t *testing.T) {
	b := setup(t)
	rapid.Check(t, func(r *rapid.T) {
		orders := []*sample{b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)}
		var payables []string
		var numbers []activities.OpenPayableResult
		received := 0
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			s := rapid.SampledFrom(orders).Draw(r, "order")
			switch rapid.SampledFrom([]string{"confirm", "pay", "lapse", "leave"}).Draw(r, "step") {
			case "confirm":
				id := uuid.NewString()
				res, err := b.payables.OpenPayable(t.Context(), activities.OpenPayableInput{
					PayableID: id, Service: order.ServiceManager, OrderIDs: []string{orders[0].OrderID, orders[1].OrderID}, At: day,
				})
				if err == nil {
					payables, numbers = append(payables, id), append(numbers, res)
				}
			case "pay":
				if len(numbers) > 0 {
					res := rapid.SampledFrom(numbers).Draw(r, "number")
					_, err := b.receive(card(res.Number, res.Total))
					require.NoError(r, err)
					received++
				}
			case "lapse":
				if len(payables) > 0 {
					id := rapid.SampledFrom(payables).Draw(r, "payable")
					_, err := b.payables.ClosePayable(t.Context(), activities.ClosePayableInput{PayableID: id})
					require.NoError(r, err)
				}
			case "leave":
				keep := rapid.Bool().Draw(r, "keep")
				_, err := b.payables.CloseOrder(t.Context(), activities.CloseOrderInput{OrderID: s.OrderID, KeepConfirmed: keep})
				require.NoError(r, err)
			}
		}
		b.requireSoundMoney(r, orders, payables, received)
	})
}

func (b *bundle) requireSoundMoney(r *rapid.T, orders []*sample, payables []string, received int) {
	for _, s := range orders {
		var paid, held int
		var closed bool
		require.NoError(r, b.pool.QueryRow(b.t.Context(), `SELECT closed_to_money,
			(SELECT count(*) FROM payable_lines l JOIN payables y ON y.id = l.payable_id WHERE l.order_id = o.id AND l.held AND y.state = 'paid'),
			(SELECT count(*) FROM payable_lines l WHERE l.order_id = o.id AND l.held)
			FROM orders o WHERE o.id = $1`, s.OrderID).Scan(&closed, &paid, &held))
		require.LessOrEqual(r, held, 1)
		if closed {
			require.Zero(r, held, "closed and still held")
		}
		require.LessOrEqual(r, paid, 1)
	}
	kept := 0
	for _, id := range payables {
		var total, lines int64
		var applied int
		require.NoError(r, b.pool.QueryRow(b.t.Context(), `SELECT y.total,
			(SELECT coalesce(sum(amount) FILTER (WHERE held OR y.state = 'closed'), 0) FROM payable_lines WHERE payable_id = y.id),
			(SELECT count(*) FROM payments WHERE payable_id = y.id AND state = 'applied')
			FROM payables y WHERE y.id = $1`, id).Scan(&total, &lines, &applied))
		require.LessOrEqual(r, applied, 1)
		require.LessOrEqual(r, total, lines)
		var number int64
		require.NoError(r, b.pool.QueryRow(b.t.Context(), "SELECT number FROM payables WHERE id = $1", id).Scan(&number))
		kept += b.count("payments WHERE number = '" + order.PaymentNumber(number).ERIP() + "'")
	}
	require.Equal(r, received, kept, "every payment is kept")
}
