package order

import (
	"fmt"
	"sync"
	"time"
)

const minskName = "Europe/Minsk"

var minsk = sync.OnceValue(func() *time.Location { return minskFrom(time.LoadLocation) })

func minskFrom(load func(name string) (*time.Location, error)) *time.Location {
	// UTC+3 without daylight saving since 2011; the fixed zone keeps the
	// domain working where no time zone database is installed.
	if loc, err := load(minskName); err == nil {
		return loc
	}
	return time.FixedZone(minskName, 3*60*60)
}

// Minsk is the time zone in which people read dates and in which calendar days are counted.
func Minsk() *time.Location { return minsk() }

// Date is a calendar day in Minsk.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the calendar day in Minsk on which an instant falls.
func DateOf(t time.Time) Date {
	y, m, d := t.In(Minsk()).Date()
	return Date{Year: y, Month: m, Day: d}
}

// Start is the instant at which the day begins in Minsk.
func (d Date) Start() time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Minsk())
}

// End is the midnight that ends the day: the start of the next one.
func (d Date) End() time.Time { return d.AddDays(1).Start() }

// AddDays is the day so many calendar days later (or earlier, when negative).
func (d Date) AddDays(n int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+n, 12, 0, 0, 0, Minsk()))
}

// String writes the day as 2006-01-02.
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }
