package order

import (
	"errors"
	"time"
)

// Policy holds the terms an order is started with and keeps until its end,
// even when the policy for new orders changes (D5).
type Policy struct {
	// FinishDays is the term in calendar days for the applicant's own steps (S11).
	FinishDays int `json:"finishDays"`
	// VisibilityDays is the term in days of 24 hours for the manager's decision (D1).
	VisibilityDays int `json:"visibilityDays"`
	// PaymentDays is the term in calendar days for the payment (D2, D4).
	PaymentDays int `json:"paymentDays"`
	// StartAfterDays is how many calendar days after today a 6.0.01 certificate starts (S5).
	StartAfterDays int `json:"startAfterDays"`
	// RemindBefore is how long before a deadline a reminder goes out (D6).
	RemindBefore time.Duration `json:"remindBefore"`
	// Day is the length of a day; 24 hours except on a stack for trying things out.
	Day time.Duration `json:"day"`
}

// DefaultPolicy are the terms of the regulations.
func DefaultPolicy() Policy {
	return Policy{
		FinishDays: 10, VisibilityDays: 5, PaymentDays: 10, StartAfterDays: 10,
		RemindBefore: 24 * time.Hour, Day: 24 * time.Hour,
	}
}

// QuickPolicy are the terms of the regulations with days of another length,
// so that a person can watch an order lapse.
func QuickPolicy(day time.Duration) Policy {
	p := DefaultPolicy()
	p.Day, p.RemindBefore = day, day
	return p
}

// Validate refuses terms under which no order could live.
func (p Policy) Validate() error {
	if p.FinishDays < 1 || p.VisibilityDays < 1 || p.PaymentDays < 1 || p.StartAfterDays < 0 {
		return errors.New("policy: terms are at least one day")
	}
	if p.Day <= 0 || p.RemindBefore < 0 {
		return errors.New("policy: the day is longer than nothing, a reminder is before its deadline")
	}
	return nil
}

// FinishBy is when an order that its applicant has not finished is annulled (S11).
func (p Policy) FinishBy(started time.Time) time.Time { return p.calendar(started, p.FinishDays) }

// ApproveBy is when an order nobody confirmed leaves the manager's list and is annulled (D1, M3).
func (p Policy) ApproveBy(uploaded time.Time) time.Time {
	return uploaded.Add(time.Duration(p.VisibilityDays) * p.Day)
}

// PayBy is the midnight in Minsk that ends the last calendar day for the payment (D2, D4).
func (p Policy) PayBy(completed time.Time) time.Time { return p.calendar(completed, p.PaymentDays) }

// RemindAt is when the person who can act is reminded of a deadline (D6).
// The second result is false when that moment has passed already.
func (p Policy) RemindAt(deadline, now time.Time) (time.Time, bool) {
	at := deadline.Add(-p.RemindBefore)
	return at, p.RemindBefore > 0 && at.After(now)
}

func (p Policy) calendar(from time.Time, days int) time.Time {
	if p.Day != 24*time.Hour {
		return from.Add(time.Duration(days) * p.Day)
	}
	return DateOf(from).AddDays(days).End()
}
