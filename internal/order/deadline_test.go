package order_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// at reads a moment of the Minsk wall clock.
func at(t testing.TB, wall string) time.Time {
	t.Helper()
	parsed, err := time.ParseInLocation("2006-01-02 15:04:05", wall, order.Minsk())
	require.NoError(t, err)
	return parsed
}

// calendarTerms are what ten calendar days come to, at every border of a day.
var calendarTerms = []struct{ name, from, until string }{
	{"first instant of a day", "2026-11-23 00:00:00", "2026-12-04 00:00:00"},
	{"noon", "2026-11-23 12:00:00", "2026-12-04 00:00:00"},
	{"last second of a day", "2026-11-23 23:59:59", "2026-12-04 00:00:00"},
	{"a second later the term is a day longer", "2026-11-24 00:00:00", "2026-12-05 00:00:00"},
	{"over the end of a year", "2026-12-28 10:00:00", "2027-01-08 00:00:00"},
	{"over the end of a February of 28 days", "2027-02-20 10:00:00", "2027-03-03 00:00:00"},
	{"over the end of a February of 29 days", "2028-02-20 10:00:00", "2028-03-02 00:00:00"},
}

func TestD2_PayByIsTheMidnightThatEndsTheTenthDay(t *testing.T) {
	for _, c := range calendarTerms {
		t.Run(c.name, func(t *testing.T) {
			due := order.DefaultPolicy().PayBy(at(t, c.from))
			require.True(t, due.Equal(at(t, c.until)), due)
			require.Equal(t, "00:00:00", due.In(order.Minsk()).Format(time.TimeOnly))
		})
	}
}

func TestS11_UnfinishedForTenCalendarDays(t *testing.T) {
	for _, c := range calendarTerms {
		t.Run(c.name, func(t *testing.T) {
			require.True(t, order.DefaultPolicy().FinishBy(at(t, c.from)).Equal(at(t, c.until)))
		})
	}
}

func TestD2_TheDayIsThatOfMinskWhereverTheServerStands(t *testing.T) {
	// 21:30 in Greenwich is half past midnight of the next day in Minsk.
	greenwich := time.Date(2026, 11, 23, 21, 30, 0, 0, time.UTC)
	newYork := greenwich.In(time.FixedZone("UTC-5", -5*60*60))
	for _, completed := range []time.Time{greenwich, newYork} {
		require.True(t, order.DefaultPolicy().PayBy(completed).Equal(at(t, "2026-12-05 00:00:00")))
	}
}

func TestD1_VisibleForFiveTimesTwentyFourHours(t *testing.T) {
	for _, c := range []struct{ uploaded, until string }{
		{"2026-11-23 00:00:00", "2026-11-28 00:00:00"},
		{"2026-11-23 15:04:05", "2026-11-28 15:04:05"},
		{"2026-12-29 23:59:59", "2027-01-03 23:59:59"},
	} {
		got := order.DefaultPolicy().ApproveBy(at(t, c.uploaded))
		require.True(t, got.Equal(at(t, c.until)), got)
		require.Equal(t, 120*time.Hour, got.Sub(at(t, c.uploaded)))
	}
}

func TestD6_RemindersGoOutBeforeTheDeadlineOrNotAtAll(t *testing.T) {
	deadline := at(t, "2026-12-04 00:00:00")
	moment := at(t, "2026-12-03 00:00:00")
	silent := order.DefaultPolicy()
	silent.RemindBefore = 0
	for _, c := range []struct {
		name   string
		policy order.Policy
		now    time.Time
		ok     bool
	}{
		{"long before", order.DefaultPolicy(), at(t, "2026-11-23 10:00:00"), true},
		{"a nanosecond before", order.DefaultPolicy(), moment.Add(-1), true},
		{"at the moment itself", order.DefaultPolicy(), moment, false},
		{"between reminder and deadline", order.DefaultPolicy(), moment.Add(time.Hour), false},
		{"after the deadline", order.DefaultPolicy(), deadline.Add(time.Hour), false},
		{"without reminders", silent, at(t, "2026-11-23 10:00:00"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			when, ok := c.policy.RemindAt(deadline, c.now)
			require.Equal(t, c.ok, ok)
			if ok {
				require.True(t, when.Equal(moment), when)
			}
		})
	}
}

func TestD5_QuickDaysKeepTheProportions(t *testing.T) {
	from, quick := at(t, "2026-11-23 15:04:05"), order.QuickPolicy(time.Minute)
	require.NoError(t, quick.Validate())
	require.Equal(t, 10*time.Minute, quick.FinishBy(from).Sub(from))
	require.Equal(t, 5*time.Minute, quick.ApproveBy(from).Sub(from))
	require.Equal(t, 10*time.Minute, quick.PayBy(from).Sub(from))
	when, ok := quick.RemindAt(quick.PayBy(from), from)
	require.True(t, ok)
	require.Equal(t, 9*time.Minute, when.Sub(from))
}

func TestD5_PolicyThatNoOrderCouldLiveUnderIsRefused(t *testing.T) {
	require.NoError(t, order.DefaultPolicy().Validate())
	for name, spoil := range map[string]func(*order.Policy){
		"no days to finish":         func(p *order.Policy) { p.FinishDays = 0 },
		"no days for the manager":   func(p *order.Policy) { p.VisibilityDays = 0 },
		"no days to pay":            func(p *order.Policy) { p.PaymentDays = 0 },
		"start in the past":         func(p *order.Policy) { p.StartAfterDays = -1 },
		"day of no length":          func(p *order.Policy) { p.Day = 0 },
		"reminder after the moment": func(p *order.Policy) { p.RemindBefore = -time.Second },
	} {
		t.Run(name, func(t *testing.T) {
			p := order.DefaultPolicy()
			spoil(&p)
			require.Error(t, p.Validate())
		})
	}
}

func TestD2_PropertyTheTermIsNeverShorterThanItsDays(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := order.DefaultPolicy()
		p.PaymentDays = rapid.IntRange(1, 400).Draw(t, "days")
		// From 2012 on Minsk has had no daylight saving time.
		from := time.Unix(rapid.Int64Range(1_325_376_000, 4_102_444_800).Draw(t, "from"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		due, day := p.PayBy(from), 24*time.Hour
		full := time.Duration(p.PaymentDays) * day
		if left := due.Sub(from); left <= full || left > full+day {
			t.Fatalf("%d days from %s end at %s", p.PaymentDays, from, due)
		}
		if h, m, s := due.In(order.Minsk()).Clock(); h+m+s+due.Nanosecond() != 0 {
			t.Fatalf("%s is no midnight in Minsk", due)
		}
		if last := order.DateOf(due.Add(-1)); last != order.DateOf(from).AddDays(p.PaymentDays) {
			t.Fatalf("the last day to pay is %s", last)
		}
	})
}
