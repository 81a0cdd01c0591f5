package order

import "time"

// Overlap is what a certificate ordered today takes from the one signed in
// with, which nobody pays back.
type Overlap struct {
	// CurrentEnds is the last instant of the present certificate.
	CurrentEnds time.Time
	// Starts is the first day of the new one, if it is ordered, confirmed and
	// paid in time: today for 6.0.00, the day of S5 for 6.0.01 (I2).
	Starts Date
	// DaysLost counts the days on which both would hold.
	DaysLost int
	// OrderFrom is the earliest useful day to order: from then on no day is
	// lost or, where that is impossible, the last one only. It may be past.
	OrderFrom Date
}

// OverlapOf looks at a certificate in force whose last instant is given, and at
// the first day that the request asks for; zero before there is one.
func OverlapOf(service Service, policy Policy, ends, now time.Time, requested Date) Overlap {
	ahead, today := 0, DateOf(now)
	if service.NeedsApproval() {
		ahead = policy.StartAfterDays
	}
	last := DateOf(ends)
	o := Overlap{CurrentEnds: ends, Starts: today.AddDays(ahead), OrderFrom: last.AddDays(min(0, 1-ahead))}
	if service.NeedsApproval() && requested != (Date{}) {
		o.Starts = requested
		if requested.Start().Before(today.Start()) {
			o.Starts = today
		}
	}
	o.DaysLost = max(0, o.Starts.daysUntil(last.AddDays(1)))
	return o
}

// daysUntil counts the days from one day to another; negative backwards.
func (d Date) daysUntil(other Date) int {
	utc := func(d Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
	return int(utc(other).Sub(utc(d)) / (24 * time.Hour))
}
