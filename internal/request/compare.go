package request

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Compare gives a verdict for every field of a subject: the request's against
// the current certificate's (S4). Values are compared, not encodings: composed
// Unicode, spaces collapsed; numbers with Latin letters whatever the keyboard.
// Case counts, and so does the difference of ё and е.
func Compare(service order.Service, requested, current order.Subject) order.Report {
	found, expected := requested.Values(), current.Values()
	report := make(order.Report, 0, len(found))
	for i := range found {
		report = append(report, compareField(service, found[i].Field, found[i].Value, expected[i].Value))
	}
	return report
}

func compareField(service order.Service, field order.Field, found, expected string) order.Check {
	c := order.Check{Code: order.CheckSubject, Verdict: order.VerdictPassed, Field: field, Found: found, Expected: expected}
	a, b := comparison(field, found), comparison(field, expected)
	switch {
	case a == b:
	case field == order.FieldBelarusianName && a == "":
		// The name in the other language is an extension that the CA adds; the
		// applicant's program does not ask for it.
	case a == "":
		c.Verdict, c.Cause = order.VerdictFailed, CauseMissing
		if field == order.FieldUnit && order.ChangeAllowed(service, field) {
			c.Verdict, c.Cause = order.VerdictChanged, ""
		}
	case order.ChangeAllowed(service, field):
		c.Verdict = order.VerdictChanged
	default:
		c.Verdict, c.Cause = order.VerdictFailed, CauseDiffers
	}
	return c
}

func comparison(field order.Field, value string) string {
	v := norm.NFC.String(strings.Join(strings.Fields(value), " "))
	switch field {
	case order.FieldPersonalNumber, order.FieldUNP, order.FieldCountry:
		return order.Latin(v)
	default:
		return v
	}
}

// subject compares the request with the current certificate (S4).
func (c *checker) subject() {
	if c.in.Current == nil {
		c.fail(order.CheckCertificate, CauseMissing)
		return
	}
	report := Compare(c.in.Service, c.out.Subject, c.in.Current.Subject())
	for _, check := range report.Changed() {
		c.out.Changed = append(c.out.Changed, check.Field)
	}
	c.out.Report = append(c.out.Report, report...)
}
