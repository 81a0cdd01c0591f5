package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// version is how often an order has changed, as a long poll of its applicant sees it.
func (b *bundle) version(id order.ID) int64 {
	b.t.Helper()
	v, err := b.orders.OrderVersion(b.t.Context(), id)
	require.NoError(b.t, err)
	return v
}

// notified are the orders that listeners were told of, until nothing more comes.
func notified(b *bundle, act func()) map[string]int {
	b.t.Helper()
	c, err := b.pool.Acquire(b.t.Context())
	require.NoError(b.t, err)
	defer c.Release()
	_, err = c.Exec(b.t.Context(), "LISTEN order_changed")
	require.NoError(b.t, err)
	act()
	_, err = b.pool.Exec(b.t.Context(), "SELECT pg_notify('order_changed', 'the end')")
	require.NoError(b.t, err)
	told := map[string]int{}
	for {
		n, err := c.Conn().WaitForNotification(b.t.Context())
		require.NoError(b.t, err)
		if n.Payload == "the end" {
			return told
		}
		told[n.Payload]++
	}
}

// Who waits for the payment of an order sees that its confirmation has lapsed, once, and only those that the confirmation held.
func TestP8_ALapsedConfirmationChangesItsOrders(t *testing.T) {
	b := setup(t)
	one, two, left, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	id, of := b.confirm(one, two, left)
	b.confirm(other)
	b.close(left, false)
	lapsed := []*sample{one, two}
	before := map[order.ID]int64{}
	for _, s := range []*sample{one, two, left, other} {
		before[s.ID] = b.version(s.ID)
	}
	closeAt := func(at time.Time) map[string]int {
		return notified(b, func() {
			_, err := b.confirmations.Close(t.Context(), id, at)
			require.NoError(t, err)
		})
	}
	require.Empty(t, closeAt(of.Due.Add(-time.Microsecond)))
	require.Equal(t, map[string]int{one.ID.String(): 1, two.ID.String(): 1}, closeAt(of.Due))
	require.Empty(t, closeAt(of.Due), "a repetition changes nothing")
	for _, s := range lapsed {
		require.Equal(t, before[s.ID]+1, b.version(s.ID))
		require.Equal(t, order.StageAwaitingPayment, b.record(s.ID).Stage)
	}
	for _, s := range []*sample{left, other} {
		require.Equal(t, before[s.ID], b.version(s.ID))
	}
}

// Money in time keeps the orders as they are: their own workflows move them on.
func TestD7_AConfirmationThatIsPaidDoesNotLapse(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	id, of := b.confirm(s)
	b.pay(bill{Number: of.Number, Total: price})
	version := b.version(s.ID)
	_, err := b.confirmations.Close(t.Context(), id, of.Due)
	require.NoError(t, err)
	require.Equal(t, version, b.version(s.ID))
}

// Who ends an order locks it before its confirmation; who closes the confirmation has to do the same, or they stop each other.
func TestP8_ClosingLocksTheOrdersFirst(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	id, of := b.confirm(s)
	held, err := b.pool.Begin(t.Context())
	require.NoError(t, err)
	_, err = held.Exec(t.Context(), "SELECT FROM orders WHERE id = $1 FOR UPDATE", s.ID.String())
	require.NoError(t, err)
	closed := make(chan error, 1)
	go func() {
		_, err := b.confirmations.Close(t.Context(), id, of.Due)
		closed <- err
	}()
	require.Eventually(t, func() bool {
		return b.count("pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'") == 1
	}, 10*time.Second, 5*time.Millisecond)
	_, err = held.Exec(t.Context(), "SELECT FROM confirmations WHERE id = $1 FOR UPDATE NOWAIT", id.String())
	require.NoError(t, err, "the confirmation is not locked yet")
	require.NoError(t, held.Commit(t.Context()))
	require.NoError(t, <-closed)
}
