package diagnosis

import (
	"bytes"
	"errors"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
)

// answer is what the service said of whoever is signed in.
type answer struct {
	contract.Diagnosis
	err error
	// own says that it is about the certificate of the question.
	own bool
}

// about marks the answer as one about the certificate, if it is.
func (a *answer) about(certificate []byte) {
	a.own = a.err == nil && bytes.Equal(a.Certificate, certificate)
}

// service are the findings that the service answers for: what it cannot tell,
// or not to somebody who is not signed in with the certificate, is said to be so.
func (q Question) service(a *answer, d operation.Diagnosis, barred bool) []Finding {
	switch {
	case a == nil:
		return q.unknown("unknown", d)
	case a.err != nil:
		return q.unasked(a.err, d)
	case !a.own:
		return q.unknown("other", d)
	case a.Obstacle != nil && barred:
		// The certificate alone has said why.
		return nil
	case a.Obstacle != nil:
		return []Finding{q.obstacle(a.Obstacle)}
	}
	var out []Finding
	for _, r := range a.Registers {
		out = append(out, q.register(r))
	}
	switch a.Manager {
	case contract.ManagerRecorded, contract.ManagerSelf:
		out = append(out, q.finding("manager", string(a.Manager), Good))
	case contract.ManagerNone:
		out = append(out, q.finding("manager", string(a.Manager), Bad))
	case contract.ManagerSilent:
		out = append(out, q.finding("manager", string(a.Manager), Unknown))
	}
	return out
}

// unknown is what is said where the service was not asked about this certificate.
func (q Question) unknown(why string, d operation.Diagnosis) []Finding {
	out := []Finding{q.finding("registers", why, Unknown)}
	if d.Employee {
		out = append(out, q.finding("manager", "unknown", Unknown))
	}
	return out
}

// unasked says why there is no answer now.
func (q Question) unasked(err error, d operation.Diagnosis) []Finding {
	out := q.unknown("silent", d)
	var p *client.Problem
	if errors.As(err, &p) && q.Texts.Has("problems."+p.Slug()+".text") {
		out[0].Text = q.Texts.T("problems." + p.Slug() + ".text")
	}
	return out
}

// obstacle is the problem in the words of the portal, else in those of the API.
func (q Question) obstacle(p *contract.Problem) Finding {
	slug := (&client.Problem{Problem: *p}).Slug()
	if q.Texts.Has("problems." + slug + ".title") {
		return Finding{q.Texts.T("problems." + slug + ".title"), q.Texts.T("problems." + slug + ".text"), Bad}
	}
	return Finding{p.Title, p.Detail, Bad}
}

func (q Question) register(r contract.RegisterDiagnosis) Finding {
	f := Finding{Title: q.Texts.T("checks.register." + string(r.Register))}
	switch r.State {
	case order.RegisterAgrees:
		f.Text, f.Mark = q.Texts.T("keys.finding.register.agrees"), Good
	case order.RegisterDiffers:
		var parts []string
		todo := "checks.todo.other"
		for _, c := range r.Checks {
			if c.Verdict != order.VerdictFailed {
				continue
			}
			parts = append(parts, q.difference(c))
			if key := "checks.todo." + c.Code; q.Texts.Has(key) {
				todo = key
			}
		}
		f.Text, f.Mark = strings.Join(append(parts, q.Texts.T(todo)), " "), Bad
	case order.RegisterSilent, order.RegisterWaiting:
		f.Text, f.Mark = q.Texts.T("keys.finding.register.silent"), Unknown
	}
	return f
}

// difference tells of two values, else why a check was not passed.
func (q Question) difference(c contract.Check) string {
	if field := "checks.field." + c.Field; c.Field != "" && q.Texts.Has(field) && (c.Found != "" || c.Expected != "") {
		return q.Texts.T("keys.finding.register.pair", "field", q.Texts.T(field), "found", q.value(c.Found), "expected", q.value(c.Expected))
	}
	if key := "checks.cause." + c.Cause; q.Texts.Has(key) {
		return q.Texts.T(key)
	}
	return q.Texts.T("checks.not-passed", "title", c.Title) + "."
}

func (q Question) value(text string) string {
	if text == "" {
		return q.Texts.T("checks.empty")
	}
	return text
}
