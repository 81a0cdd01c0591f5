package keys

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/keys/diagnosis"
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
	if v.Form.File.TooLarge {
		return showAsk(v, http.StatusUnprocessableEntity, v.T("keys.problem."+operation.Code(operation.ErrCertificate)))
	}
	q := diagnosis.Question{File: v.Form.File.Content, Policy: h.Policy, Now: v.Now(), Texts: v.Texts}
	if v.Session.Has("manager") {
		q.Service = v.API
	}
	found, err := diagnosis.Ask(v.Request.Context(), q)
	if err != nil {
		return showAsk(v, http.StatusUnprocessableEntity, v.T("keys.problem."+operation.Code(err)))
	}
	var person govuk.SummaryList
	for _, f := range found.Fields {
		person.Rows = append(person.Rows, govuk.Row{Key: f.Name, Value: f.Value})
	}
	var findings []finding
	// Whoever cannot order is not led to an order.
	order := govuk.Button{Text: v.T("keys.diagnosis.order"), Href: "/new-order"}
	for _, f := range found.Findings {
		if f.Mark == diagnosis.Bad {
			order = govuk.Button{}
		}
		findings = append(findings, finding{f.Title, f.Text, tagOf(v, f.Mark)})
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "keys/diagnosis", Title: v.T("keys.diagnosis.title"), Back: "/diagnosis",
		Body: struct {
			Person   govuk.SummaryList
			Findings []finding
			Order    govuk.Button
		}{person, findings, order},
	})
}

func tagOf(v *web.Visit, m diagnosis.Mark) govuk.Tag {
	return govuk.Tag{Text: v.T("keys.finding." + string(m)), Colour: map[diagnosis.Mark]string{
		diagnosis.Good: "green", diagnosis.Bad: "red", diagnosis.Doubt: "yellow", diagnosis.Unknown: "grey",
	}[m]}
}
