package keys

import (
	"errors"
	"net/http"
	"strings"

	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// finding is one thing that stands in the way of an order, or does not.
type finding struct {
	Title, Text string
	Tag         govuk.Tag
}

func (h handlers) askCertificate(v *web.Visit) error { return showAsk(v, http.StatusOK, "") }

func showAsk(v *web.Visit, status int, wrong string) error {
	file := certificateField(v, "certificate")
	file.Error = wrong
	p := web.Page{Name: "keys/diagnosis-ask", Title: v.T("keys.diagnosis.title"), Body: struct {
		File govuk.FileUpload
		Go   govuk.Button
	}{file, govuk.Button{Text: v.T("keys.diagnosis.go"), Once: true}}}
	if wrong != "" {
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#certificate"}}}
	}
	return v.Render(status, p)
}

// diagnose looks at the file, and asks the service as the person who is signed in.
func (h handlers) diagnose(v *web.Visit) error {
	if len(v.Form.File.Content) == 0 {
		return showAsk(v, http.StatusUnprocessableEntity, v.T("keys.problem.missing-certificate"))
	}
	found, err := operation.Diagnose(v.Form.File.Content, h.Policy.StartAfterDays, v.Now())
	if v.Form.File.TooLarge {
		err = operation.ErrCertificate
	}
	if err != nil {
		return showAsk(v, http.StatusUnprocessableEntity, v.T("keys.problem."+operation.Code(err)))
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "keys/diagnosis", Title: v.T("keys.diagnosis.title"), Back: "/diagnosis",
		Body: struct {
			Person   govuk.SummaryList
			Findings []finding
			Order    govuk.Button
		}{person(v, found), append(ofCertificate(v, found), ofService(v, found)...), govuk.Button{Text: v.T("keys.diagnosis.order"), Href: "/new-order"}},
	})
}

func person(v *web.Visit, d operation.Diagnosis) govuk.SummaryList {
	p := d.Person
	var list govuk.SummaryList
	for _, row := range [][2]string{
		{"name", strings.TrimSpace(p.Surname + " " + p.GivenNames)}, {"personal-number", p.PersonalNumber}, {"organisation", p.Organisation},
		{"unp", p.UNP}, {"unit", p.Unit}, {"position", p.Position},
		{"in-force", v.T("keys.field.in-force.value", "from", v.Texts.Date(d.NotBefore), "to", v.Texts.Date(d.NotAfter))},
	} {
		if row[1] != "" {
			list.Rows = append(list.Rows, govuk.Row{Key: v.T("keys.field." + row[0]), Value: row[1]})
		}
	}
	return list
}

// ofCertificate are the findings that need nothing but the file.
func ofCertificate(v *web.Visit, d operation.Diagnosis) []finding {
	out := []finding{good(v, "kind", d.Employee, "employee", "individual")}
	if d.Person.IDCard {
		out = append(out, bad(v, "id-card"))
	}
	switch {
	case d.InForce:
		out = append(out, finding{v.T("keys.finding.in-force.title"), v.T("keys.finding.in-force.good", "to", v.Texts.Date(d.NotAfter)), goodTag(v)})
	case v.Now().Before(d.NotBefore):
		out = append(out, bad(v, "not-yet"))
	default:
		return append(out, bad(v, "expired"))
	}
	earliest := finding{Title: v.T("keys.finding.earliest.title"), Tag: goodTag(v)}
	if d.Gap() {
		earliest.Text, earliest.Tag = v.T("keys.finding.earliest.gap", "from", v.Texts.Date(d.Earliest), "to", v.Texts.Date(d.NotAfter)), doubtTag(v)
	} else {
		earliest.Text = v.T("keys.finding.earliest.good", "from", v.Texts.Date(d.Earliest), "by", v.Texts.Date(d.OrderBy))
	}
	return append(out, earliest)
}

// ofService are the findings that the service answers for: what it cannot tell
// before an order, or to somebody who is not signed in, is said to be so.
func ofService(v *web.Visit, d operation.Diagnosis) []finding {
	registers := unknown(v, "registers")
	if !d.Employee {
		return []finding{registers}
	}
	if !v.Session.Has("manager") {
		return []finding{registers, unknown(v, "manager")}
	}
	_, err := v.API.OrganisationOrders(v.Request.Context(), 1, 5)
	var p *client.Problem
	switch {
	case err == nil:
		return []finding{registers, {v.T("keys.finding.manager.title"), v.T("keys.finding.manager.good"), goodTag(v)}}
	case errors.As(err, &p) && v.Texts.Has("problems."+p.Slug()+".title"):
		return []finding{registers, {v.T("problems." + p.Slug() + ".title"), v.T("problems." + p.Slug() + ".text"), badTag(v)}}
	default:
		return []finding{registers, unknown(v, "manager")}
	}
}

func good(v *web.Visit, name string, which bool, yes, no string) finding {
	if !which {
		yes = no
	}
	return finding{v.T("keys.finding." + name + ".title"), v.T("keys.finding." + name + "." + yes), goodTag(v)}
}

func bad(v *web.Visit, name string) finding {
	return finding{v.T("keys.finding." + name + ".title"), v.T("keys.finding." + name + ".text"), badTag(v)}
}

func unknown(v *web.Visit, name string) finding {
	return finding{v.T("keys.finding." + name + ".title"), v.T("keys.finding." + name + ".unknown"), govuk.Tag{Text: v.T("keys.finding.unknown"), Colour: "grey"}}
}

func goodTag(v *web.Visit) govuk.Tag {
	return govuk.Tag{Text: v.T("keys.finding.good"), Colour: "green"}
}

func badTag(v *web.Visit) govuk.Tag { return govuk.Tag{Text: v.T("keys.finding.bad"), Colour: "red"} }

func doubtTag(v *web.Visit) govuk.Tag {
	return govuk.Tag{Text: v.T("keys.finding.doubt"), Colour: "yellow"}
}
