package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestI2_DaysThatAreLostAndTheEarliestUsefulDay(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.ParseInLocation("2006-01-02 15:04:05", s, order.Minsk())
		require.NoError(t, err)
		return v
	}
	for name, c := range map[string]struct {
		service           order.Service
		ends, now         string
		starts, orderFrom string
		lost              int
	}{
		"an individual loses all days left, today too": {order.ServiceIndividual, "2026-03-31 23:59:59", "2026-03-22 10:00:00", "2026-03-22", "2026-03-31", 10},
		"on the last day one":                          {order.ServiceIndividual, "2026-03-31 23:59:59", "2026-03-31 23:59:00", "2026-03-31", "2026-03-31", 1},
		"an employee starts ten days later":            {order.ServiceEmployee, "2026-03-31 23:59:59", "2026-03-12 00:00:00", "2026-03-22", "2026-03-22", 10},
		"from that day on nothing is lost":             {order.ServiceEmployee, "2026-03-31 23:59:59", "2026-03-22 09:00:00", "2026-04-01", "2026-03-22", 0},
		"later there is a gap":                         {order.ServiceEmployee, "2026-03-31 23:59:59", "2026-03-30 09:00:00", "2026-04-09", "2026-03-22", 0},
		"an end in the middle of a day":                {order.ServiceEmployee, "2028-02-29 12:00:00", "2028-02-18 09:00:00", "2028-02-28", "2028-02-20", 2},
	} {
		got := order.OverlapOf(c.service, order.DefaultPolicy(), at(c.ends), at(c.now), order.Date{})
		require.Equal(t, c.starts, got.Starts.String(), name)
		require.Equal(t, c.orderFrom, got.OrderFrom.String(), name)
		require.Equal(t, c.lost, got.DaysLost, name)
	}
	// What the file asks for counts, unless that day is past.
	now, ends := at("2026-03-12 09:00:00"), at("2026-03-31 23:59:59")
	for requested, starts := range map[order.Date]string{
		{Year: 2026, Month: 3, Day: 15}: "2026-03-15", {Year: 2026, Month: 3, Day: 11}: "2026-03-12", {}: "2026-03-22",
	} {
		require.Equal(t, starts, order.OverlapOf(order.ServiceEmployee, order.DefaultPolicy(), ends, now, requested).Starts.String())
	}
	require.Equal(t, "2026-03-12", order.OverlapOf(order.ServiceIndividual, order.DefaultPolicy(), ends, now, order.Date{Year: 2026, Month: 4, Day: 1}).Starts.String())
}

func TestI2_OrderingOnTheUsefulDayLosesLeast(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		service := rapid.SampledFrom([]order.Service{order.ServiceIndividual, order.ServiceEmployee}).Draw(t, "service")
		ends := time.Unix(rapid.Int64Range(1_700_000_000, 2_000_000_000).Draw(t, "ends"), 0)
		policy := order.DefaultPolicy()
		useful := order.OverlapOf(service, policy, ends, ends, order.Date{}).OrderFrom
		on := order.OverlapOf(service, policy, ends, useful.Start(), order.Date{})
		before := order.OverlapOf(service, policy, ends, useful.AddDays(-1).Start(), order.Date{})
		require.Equal(t, on.DaysLost+1, before.DaysLost)
		require.False(t, useful.Start().After(ends), "the certificate is still in force on that day (A1)")
		if service.NeedsApproval() {
			require.Zero(t, on.DaysLost)
		}
	})
}
