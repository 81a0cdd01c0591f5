package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	b.pool.Reset() // what the storm left broken is no matter of the checks

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
	b.requireSoundLog()
}
