// Package diagnosis tells before an order what stands in its way: the
// certificate, the dates, the registers, the head of the organisation. The
// portal's page and the command of the program say what it says.
package diagnosis

import (
	"context"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
)

// Mark is what a finding means for an order.
type Mark string

// The marks; each is the end of the key of a text, keys.finding.MARK.
const (
	Good    Mark = "good"
	Bad     Mark = "bad"
	Doubt   Mark = "doubt"
	Unknown Mark = "unknown"
)

// Finding is one thing that stands in the way of an order, or does not.
type Finding struct {
	Title, Text string
	Mark        Mark
}

// Field is one thing that the certificate says.
type Field struct{ Name, Value string }

// Service is asked as the person who would order; *client.Client is one.
type Service interface {
	Diagnosis(ctx context.Context) (contract.Diagnosis, error)
}

// Question is what is diagnosed.
type Question struct {
	// File is the present certificate: DER, PEM or base64. Without one, the
	// certificate is that which somebody is signed in with.
	File   []byte
	Policy order.Policy
	Now    time.Time
	Texts  catalogue.Texts
	// Service answers for the registers, to the holder of the certificate; nil when
	// nobody is signed in.
	Service Service
}

// Report is what was found.
type Report struct {
	Fields   []Field
	Findings []Finding
}

// Good tells whether nothing stands in the way.
func (r Report) Good() bool {
	for _, f := range r.Findings {
		if f.Mark == Bad {
			return false
		}
	}
	return true
}

// Ask diagnoses. Errors are those of operation.Diagnose, with the texts
// keys.problem.CODE by operation.Code, and, where there is no file, those of the
// service.
func Ask(ctx context.Context, q Question) (Report, error) {
	var said *answer
	if q.Service != nil {
		said = &answer{}
		said.Diagnosis, said.err = q.Service.Diagnosis(ctx)
	}
	if len(q.File) == 0 && said != nil {
		if said.err != nil {
			return Report{}, said.err
		}
		if said.Obstacle != nil && len(said.Certificate) == 0 {
			return Report{Findings: []Finding{q.obstacle(said.Obstacle)}}, nil
		}
		q.File = said.Certificate
	}
	d, err := operation.Diagnose(q.File, q.Policy.StartAfterDays, q.Now)
	if err != nil {
		return Report{}, err
	}
	if said != nil {
		c, err := operation.ReadCertificate(q.File)
		if err != nil {
			return Report{}, err
		}
		said.about(c.Raw)
	}
	report := Report{Fields: q.fields(d), Findings: q.certificate(d, said)}
	report.Findings = append(report.Findings, q.service(said, d, !report.Good())...)
	return report, nil
}

func (q Question) fields(d operation.Diagnosis) []Field {
	p := d.Person
	var out []Field
	for _, row := range [][2]string{
		{"name", strings.TrimSpace(p.Surname + " " + p.GivenNames)}, {"personal-number", p.PersonalNumber}, {"organisation", p.Organisation},
		{"unp", p.UNP}, {"unit", p.Unit}, {"position", p.Position},
		{"in-force", q.Texts.T("keys.field.in-force.value", "from", q.Texts.Date(d.NotBefore), "to", q.Texts.Date(d.NotAfter))},
	} {
		if row[1] != "" {
			out = append(out, Field{q.Texts.T("keys.field." + row[0]), row[1]})
		}
	}
	return out
}

// certificate are the findings about the certificate itself.
func (q Question) certificate(d operation.Diagnosis, said *answer) []Finding {
	kind := "individual"
	if d.Employee {
		kind = "employee"
	}
	out := []Finding{q.finding("kind", kind, Good)}
	if d.Person.IDCard {
		out = append(out, q.finding("id-card", "text", Bad))
	}
	switch {
	case d.InForce && said != nil && said.own && said.Obstacle == nil:
		out = append(out, q.finding("in-force", "checked", Good, "to", q.Texts.Date(d.NotAfter)))
	case d.InForce:
		out = append(out, q.finding("in-force", "good", Good, "to", q.Texts.Date(d.NotAfter)))
	case q.Now.Before(d.NotBefore):
		out = append(out, q.finding("not-yet", "text", Bad))
	default:
		return append(out, q.finding("expired", "text", Bad))
	}
	from := q.Texts.Date(d.Earliest)
	if d.Gap() {
		return append(out, q.finding("earliest", "gap", Doubt, "from", from, "to", q.Texts.Date(d.NotAfter)))
	}
	return append(out, q.finding("earliest", "good", Good, "from", from, "by", q.Texts.Date(d.OrderBy)))
}

func (q Question) finding(name, text string, m Mark, values ...any) Finding {
	return Finding{q.Texts.T("keys.finding." + name + ".title"), q.Texts.T("keys.finding."+name+"."+text, values...), m}
}
