package operation

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

// Diagnosis is what a certificate alone says about a renewal.
type Diagnosis struct {
	Person bpki.Person
	// NotBefore and NotAfter are when the certificate is in force; InForce says
	// that now is between.
	NotBefore, NotAfter time.Time
	InForce             bool
	// Employee says that the certificate names an organisation: service 6.0.01,
	// else 6.0.00.
	Employee bool
	// Earliest is the first instant at which a certificate ordered now is in force (S5).
	Earliest time.Time
	// OrderBy is the last day on which an order leaves no day without a
	// certificate; zero when there is none any more.
	OrderBy time.Time
}

// Gap says that there will be days without a certificate.
func (d Diagnosis) Gap() bool { return d.OrderBy.IsZero() }

// Diagnose looks at a certificate before an order; startAfterDays is the rule for
// employees (S5). Errors: [ErrCertificate], bpki.ErrTooLarge.
func Diagnose(file []byte, startAfterDays int, now time.Time) (Diagnosis, error) {
	c, err := ReadCertificate(file)
	if err != nil {
		return Diagnosis{}, err
	}
	person, err := c.Person()
	if err != nil {
		return Diagnosis{}, ErrCertificate
	}
	d := Diagnosis{
		Person: person, NotBefore: c.NotBefore, NotAfter: c.NotAfter, InForce: !now.Before(c.NotBefore) && !now.After(c.NotAfter),
		Employee: person.UNP != "" || person.Organisation != "",
	}
	days := 0
	if d.Employee {
		days = startAfterDays
	}
	d.Earliest, _ = bpki.RenewalPeriod(now, days, 1)
	if days == 0 {
		// The day begins before the order: it is in force once it is issued.
		d.Earliest = now
	}
	if last, _ := bpki.RenewalPeriod(c.NotAfter, -days, 1); d.InForce && !d.Earliest.After(c.NotAfter) {
		d.OrderBy = last
	}
	return d, nil
}
