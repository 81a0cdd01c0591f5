package request

import (
	"fmt"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// period checks start and term (S5, S6).
func (c *checker) period(r *pki.Request) {
	v, err := r.RequestedValidity(c.in.VendorValidity...)
	c.start(v, err)
	c.term(v)
}

// expectedStart is the day on which the certificate may be asked to start (S5).
func (in Input) expectedStart() order.Date {
	today := order.DateOf(in.Now)
	if in.Service == order.ServiceEmployee {
		return today.AddDays(in.Policy.StartAfterDays)
	}
	return today
}

func (c *checker) start(v *pki.Validity, err error) {
	expected := c.in.expectedStart()
	c.out.RequestedStart = expected
	check := order.Check{Code: order.CheckStart, Verdict: order.VerdictPassed, Expected: expected.String()}
	switch {
	case err != nil:
		check.Verdict, check.Cause = order.VerdictFailed, string(fault.CodeOf(err))
	case v != nil:
		c.out.RequestedStart = order.DateOf(v.NotBefore)
		check.Found = c.out.RequestedStart.String()
		if c.out.RequestedStart != expected {
			check.Verdict, check.Cause = order.VerdictFailed, CauseDiffers
		}
	}
	c.add(check)
}

func (c *checker) term(v *pki.Validity) {
	check := order.Check{Code: order.CheckTerm, Verdict: order.VerdictFailed, Expected: "1"}
	if n := c.in.Kind.MaxTerm(); n > 1 {
		check.Expected = fmt.Sprintf("1-%d", n)
	}
	years, whole := c.in.Years, true
	if v != nil {
		years, whole = wholeYears(v.NotBefore, v.NotAfter)
		check.Found = years2text(years, whole, v)
	} else if years != 0 {
		check.Found = strconv.Itoa(years)
	}
	switch {
	case v == nil && years == 0:
		check.Cause = CauseMissing
	case !whole:
		check.Cause = CauseNotWholeYears
	case !c.in.Kind.TermAllowed(years):
		check.Cause = CauseNotAllowed
	case c.in.Years != 0 && c.in.Years != years:
		check.Cause, check.Expected = CauseFormDiffers, strconv.Itoa(c.in.Years)
	default:
		check.Verdict, c.out.Years = order.VerdictPassed, years
	}
	c.add(check)
}

// years2text writes a term in years, or the two days of one that is not whole.
func years2text(years int, whole bool, v *pki.Validity) string {
	if whole {
		return strconv.Itoa(years)
	}
	return order.DateOf(v.NotBefore).String() + ".." + order.DateOf(v.NotAfter).String()
}

// wholeYears counts the years of a period by the calendar of Minsk. Programs
// end it on the day of the year it began, on the day before, or a second
// before that: all mean the same term.
func wholeYears(from, to time.Time) (int, bool) {
	start, end := order.DateOf(from), order.DateOf(to)
	for _, n := range []int{end.Year - start.Year, end.Year - start.Year + 1} {
		if n < 1 {
			continue
		}
		anniversary := order.DateOf(time.Date(start.Year+n, start.Month, start.Day, 12, 0, 0, 0, order.Minsk()))
		before := anniversary.AddDays(-1)
		if end == anniversary || end == before {
			return n, true
		}
	}
	return 0, false
}
