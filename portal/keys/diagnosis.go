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
	body := ask{File: file, Go: govuk.Button{Text: v.T("keys.diagnosis.go"), Once: true}}
	switch {
	case v.Session == nil:
		body.SignIn = "/sign-in?to=/diagnosis"
	case v.Session.Has("applicant"):
		body.Own = govuk.Button{Text: v.T("keys.diagnosis.own"), Name: "own", Value: "1", Once: true}
	}
	p := web.Page{Name: "keys/diagnosis-ask", Title: v.T("keys.diagnosis.title"), Body: body}
	if wrong != "" {
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#certificate"}}}
	}
	return v.Render(status, p)
}

// ask is the question for a certificate.
type ask struct {
	File govuk.FileUpload
	// Go sends the file, Own asks about the certificate that somebody is signed in with.
	Go, Own govuk.Button
	// SignIn leads those who are not signed in to more answers.
	SignIn string
}

// diagnose looks at the file, and asks the service as the person who is signed in.
func (h handlers) diagnose(v *web.Visit) error {
	q := diagnosis.Question{File: v.Form.File.Content, Policy: h.Policy, Now: v.Now(), Texts: v.Texts}
	own := v.Form.Get("own") != ""
	switch {
	case own && !v.Session.Has("applicant"):
		return v.Redirect("/sign-in?to=/diagnosis")
	case own:
		q.File = nil
	case len(v.Form.File.Content) == 0:
		return showAsk(v, http.StatusUnprocessableEntity, v.T("keys.problem.missing-certificate"))
	case v.Form.File.TooLarge:
		return showAsk(v, http.StatusUnprocessableEntity, v.T("keys.problem."+operation.Code(operation.ErrCertificate)))
	}
	if v.Session.Has("applicant") {
		q.Service = v.API
	}
	found, err := diagnosis.Ask(v.Request.Context(), q)
	switch {
	case err != nil && own:
		return err
	case err != nil:
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
