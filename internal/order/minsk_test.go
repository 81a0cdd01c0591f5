package order

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestMinskIsThreeHoursAheadEvenWithoutATimeZoneDatabase(t *testing.T) {
	none := func(string) (*time.Location, error) { return nil, errors.New("no database") }
	summer := time.Date(2026, 7, 1, 21, 0, 0, 0, time.UTC)
	for _, zone := range []*time.Location{Minsk(), minskFrom(time.LoadLocation), minskFrom(none)} {
		require.Equal(t, "2026-07-02 00:00:00", summer.In(zone).Format(time.DateTime))
		require.Equal(t, "Europe/Minsk", zone.String())
	}
}

func TestDateIsTheDayInMinsk(t *testing.T) {
	for _, c := range []struct {
		instant time.Time
		day     string
	}{
		{time.Date(2026, 11, 23, 20, 59, 59, 999, time.UTC), "2026-11-23"},
		{time.Date(2026, 11, 23, 21, 0, 0, 0, time.UTC), "2026-11-24"},
		{time.Date(2026, 12, 31, 21, 0, 0, 0, time.UTC), "2027-01-01"},
	} {
		require.Equal(t, c.day, DateOf(c.instant).String())
	}
	d := Date{Year: 2028, Month: time.February, Day: 28}
	require.Equal(t, "2028-02-29", d.AddDays(1).String())
	require.Equal(t, "2027-12-31", d.AddDays(-59).String())
	require.Equal(t, "0009-01-02", Date{Year: 9, Month: time.January, Day: 2}.String())
	require.True(t, d.Start().Equal(time.Date(2028, 2, 27, 21, 0, 0, 0, time.UTC)))
	require.True(t, d.End().Equal(d.AddDays(1).Start()))
}

func TestPropertyDatesCountLikeACalendar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := DateOf(time.Unix(rapid.Int64Range(0, 4_102_444_800).Draw(t, "instant"), 0))
		n := rapid.IntRange(-5000, 5000).Draw(t, "days")
		if back := d.AddDays(n).AddDays(-n); back != d {
			t.Fatalf("%s and back by %d days is %s", d, n, back)
		}
		if DateOf(d.Start()) != d || DateOf(d.End().Add(-1)) != d || DateOf(d.End()) != d.AddDays(1) {
			t.Fatalf("the borders of %s are %s and %s", d, d.Start(), d.End())
		}
	})
}
