package request

import (
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Compare gives a verdict for every field of a subject: the request's against
// the current certificate's (S4). Values are compared, not encodings: composed
// Unicode, spaces collapsed; numbers with Latin letters whatever the keyboard.
// Case counts, and so does the difference of ё and е. What cannot be read in one
// of its places, or is said twice and differently, fails; it is never absent.
func Compare(service order.Service, requested, current pki.Reading) order.Report {
	found, expected := requested.Subject.Values(), current.Subject.Values()
	report := make(order.Report, 0, len(found))
	for i := range found {
		c := order.Check{
			Code: order.CheckSubject, Verdict: order.VerdictPassed, Field: found[i].Field, Found: found[i].Value, Expected: expected[i].Value,
		}
		if f, bad := requested.Fault(c.Field); bad {
			c.Verdict, c.Cause, c.Found = order.VerdictFailed, string(f.Cause), shown(f.Values)
		} else {
			_, bad := current.Fault(c.Field)
			c = compareField(service, c, bad)
		}
		report = append(report, c)
	}
	for _, t := range requested.Unknown {
		report = append(report, order.Check{
			Code: order.CheckSubject, Verdict: order.VerdictFailed, Found: t.String(), Cause: CauseUnknownAttribute,
		})
	}
	return report
}

// shown joins the values of a field that has a fault, each cut where a
// certificate's would end: a report is kept, and read by people.
func shown(values []string) string {
	const most = 500
	cut := make([]string, 0, len(values))
	for _, v := range values {
		if runes := []rune(v); len(runes) > most {
			v = string(runes[:most]) + "…"
		}
		cut = append(cut, v)
	}
	return strings.Join(cut, " | ")
}

// compareField compares two values; unreadable is set when the certificate's
// is none, although the certificate says something.
func compareField(service order.Service, c order.Check, unreadable bool) order.Check {
	a, b := comparison(c.Field, c.Found), comparison(c.Field, c.Expected)
	may := order.ChangeAllowed(service, c.Field)
	switch {
	case unreadable && !may:
		c.Verdict, c.Cause = order.VerdictFailed, CauseCertificateUnreadable
	case a == b && !unreadable:
	case c.Field == order.FieldBelarusianName && a == "":
		// The name in the other language is an extension that the CA adds; the
		// applicant's program does not ask for it.
	case a == "":
		c.Verdict, c.Cause = order.VerdictFailed, CauseMissing
		if c.Field == order.FieldUnit && may {
			c.Verdict, c.Cause = order.VerdictChanged, ""
		}
	case may:
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

// subject compares the request with the current certificate (S4), and with what
// a certificate for the kind of applicant may say at all.
func (c *checker) subject(read pki.Reading) {
	if c.in.Current == nil {
		c.fail(order.CheckCertificate, CauseMissing)
		return
	}
	current := c.in.Current.Read()
	report := Compare(c.in.Service, read, current)
	for i, check := range report {
		if check.Verdict != order.VerdictFailed && check.Field != order.FieldNone && read.Says(check.Field) && !c.in.Kind.MayName(check.Field) {
			report[i].Verdict, report[i].Cause = order.VerdictFailed, CauseNotAllowed
		}
	}
	for _, check := range report.Changed() {
		c.out.Changed = append(c.out.Changed, check.Field)
	}
	c.out.Report = append(c.out.Report, report...)
	if c.out.Subject.BelarusianName == "" && !read.Says(order.FieldBelarusianName) {
		c.out.Subject.BelarusianName = current.Subject.BelarusianName
	}
}
