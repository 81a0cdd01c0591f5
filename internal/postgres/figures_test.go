package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

// counted are the figures at an instant: name/label → value.
func (b *bundle) counted(at time.Time) map[string]float64 {
	b.t.Helper()
	found, err := postgres.NewStatus(b.pool).Figures(b.t.Context(), at.Add(-status.ActWithin), at.Add(-status.IssueWithin))
	require.NoError(b.t, err)
	out := map[string]float64{}
	for _, f := range found {
		out[string(f.Name)+"/"+f.Label] = f.Value
	}
	return out
}

func TestFiguresCountWhatIsOpen(t *testing.T) {
	b := setup(t)
	require.Equal(t, map[string]float64{"late/order": 0, "late/confirmation": 0, "paid-not-issued/": 0}, b.counted(day))

	b.open(order.ServiceEmployee)
	b.started(order.ServiceIndividual)
	b.confirm(b.started(order.ServiceEmployee))
	b.issued("01")
	paid := b.started(order.ServiceIndividual)
	b.pay(b.own(paid))
	for range 2 {
		_, err := b.receive(card(999, 150))
		require.NoError(t, err)
	}
	b.exec("UPDATE payments SET received_at = $1", day)
	b.exec("UPDATE orders SET waits_until = $1 WHERE id = $2", day, paid.ID)

	got := b.counted(day.Add(2 * time.Minute))
	require.InDelta(t, 1, got["orders/terms"], 0)
	require.InDelta(t, 1, got["paid-not-issued/"], 0)
	require.InDelta(t, 1, got["late/order"], 0)
	require.InDelta(t, 1, got["confirmations/awaiting-payment"], 0)
	require.InDelta(t, got["unapplied/unknown-number"]*150, got["unapplied-kopecks/unknown-number"], 0)
	require.Positive(t, got["unapplied/unknown-number"])
	require.InDelta(t, day.Unix(), got["unapplied-oldest/unknown-number"], 1)
	require.Positive(t, got["notices/email"])
	require.Positive(t, got["audit-unsealed/"])
	before := b.counted(day.Add(30 * time.Second))
	require.Zero(t, before["paid-not-issued/"])
	require.Zero(t, before["late/order"])
}
