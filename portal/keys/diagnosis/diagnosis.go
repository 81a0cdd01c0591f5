// Package diagnosis tells before an order what stands in its way: the
// certificate, the dates, the registers, the head of the organisation. The
// portal's page and the command of the program say what it says.
package diagnosis

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/client"
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

// Service is asked as the person who orders; *client.Client is one.
type Service interface {
	OrganisationOrders(ctx context.Context, page, size int) (contract.OrganisationOrders, error)
}

// Question is what is diagnosed.
type Question struct {
	// File is the present certificate: DER, PEM or base64.
	File   []byte
	Policy order.Policy
	Now    time.Time
	Texts  catalogue.Texts
	// Service answers who is the head of the organisation; nil when nobody is
	// signed in as one.
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

// Ask diagnoses. Errors are those of operation.Diagnose; texts for them are
// keys.problem.CODE by operation.Code.
func Ask(ctx context.Context, q Question) (Report, error) {
	d, err := operation.Diagnose(q.File, q.Policy.StartAfterDays, q.Now)
	if err != nil {
		return Report{}, err
	}
	return Report{Fields: q.fields(d), Findings: append(q.certificate(d), q.service(ctx, d)...)}, nil
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

// certificate are the findings that need nothing but the file.
func (q Question) certificate(d operation.Diagnosis) []Finding {
	kind := "individual"
	if d.Employee {
		kind = "employee"
	}
	out := []Finding{q.finding("kind", kind, Good)}
	if d.Person.IDCard {
		out = append(out, q.finding("id-card", "text", Bad))
	}
	switch {
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

// service are the findings that the service answers for: what it cannot tell
// before an order, or to somebody who is not signed in, is said to be so.
func (q Question) service(ctx context.Context, d operation.Diagnosis) []Finding {
	registers, manager := q.finding("registers", "unknown", Unknown), q.finding("manager", "unknown", Unknown)
	switch {
	case !d.Employee:
		return []Finding{registers}
	case q.Service == nil:
		return []Finding{registers, manager}
	}
	_, err := q.Service.OrganisationOrders(ctx, 1, 5)
	var p *client.Problem
	switch {
	case err == nil:
		manager = q.finding("manager", "good", Good)
	case errors.As(err, &p) && q.Texts.Has("problems."+p.Slug()+".title"):
		manager = Finding{q.Texts.T("problems." + p.Slug() + ".title"), q.Texts.T("problems." + p.Slug() + ".text"), Bad}
	}
	return []Finding{registers, manager}
}

func (q Question) finding(name, text string, m Mark, values ...any) Finding {
	return Finding{q.Texts.T("keys.finding." + name + ".title"), q.Texts.T("keys.finding."+name+"."+text, values...), m}
}
