package ca

import (
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// ErrTerm is returned for a term that the kind of applicant may not have (S6).
var ErrTerm = errors.New("the term is not allowed for this kind of applicant")

// Validity is the period of a certificate (I2). An individual's and a sole
// proprietor's (6.0.00) starts at the moment of issue; an employee's (6.0.01)
// at the requested start, or at the moment of issue if that is later. The day
// it starts on is the first of its term, so it ends on the day before the
// anniversary, at 23:59:59 in Minsk (docs/decisions/0077).
func Validity(service order.Service, kind order.Kind, years int, requested, issue time.Time) (from, to time.Time, err error) {
	if !kind.TermAllowed(years) {
		return from, to, fmt.Errorf("%w: %d years", ErrTerm, years)
	}
	from = issue.UTC().Truncate(time.Second)
	if service == order.ServiceEmployee && requested.After(from) {
		from = requested.UTC().Truncate(time.Second)
	}
	first := order.DateOf(from)
	// The anniversary of 29 February is 1 March where the year has none.
	anniversary := order.Date{Year: first.Year + years, Month: first.Month, Day: first.Day}
	return from, anniversary.Start().Add(-time.Second).UTC(), nil
}
