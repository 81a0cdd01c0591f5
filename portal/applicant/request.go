package applicant

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// entered is what stands in the form of S2.
type entered struct{ email, phone, years string }

// request asks for the request file and the contacts (S2), which stand there
// already when they are known.
func (h handlers) request(v *web.Visit, o contract.Order) error {
	in := entered{email: o.Contacts.Email, phone: o.Contacts.Phone}
	if kept := v.Kept(); kept.Values != nil {
		in = entered{email: kept.Get("email"), phone: kept.Get("phone"), years: kept.Get("years")}
	}
	return h.showRequest(v, o, http.StatusOK, in, nil, nil)
}

// showRequest shows the form with the errors of its fields and the checks that the file did not pass.
func (h handlers) showRequest(v *web.Visit, o contract.Order, status int, in entered, wrong map[string]string, failed []contract.Check) error {
	word := v.T("common.error-prefix")
	file := v.FileUpload(govuk.FileUpload{
		ID: "file", Name: "file", Label: v.T("applicant.request.file"), Hint: v.T("applicant.request.file.hint"), Error: wrong["file"],
		Accept: ".req,.p10,.csr,.p7,.pem,.der",
	})
	email := govuk.Input{
		ID: "email", Name: "email", Label: v.T("applicant.request.email"), Hint: v.T("applicant.request.email.hint"), Error: wrong["email"],
		ErrorWord: word, Type: "email", Autocomplete: "email", Value: in.email,
	}
	phone := govuk.Input{
		ID: "phone", Name: "phone", Label: v.T("applicant.request.phone"), Hint: v.T("applicant.request.phone.hint"), Error: wrong["phone"],
		ErrorWord: word, Type: "tel", Autocomplete: "tel", Width: 20, Value: in.phone,
	}
	p := page(v, o, "request", v.T("applicant.request.title"), struct {
		File         govuk.FileUpload
		Email, Phone govuk.Input
		Years        govuk.Choice
		Differences  []difference
		TooLarge     string
		MaxFile      int
		NewKey       string
		Continue     govuk.Button
	}{
		file, email, phone, years(v, o, in.years, wrong["years"]), differences(v, o, failed), v.T("applicant.request.file.too-large"), web.MaxFile, h.newKey(o.ID),
		govuk.Button{Text: v.T("applicant.continue"), Once: true},
	})
	p.Errors = summary(v, wrong, failed)
	return v.Render(status, p)
}

// years offers the terms that the applicant may order (S6), and the one in the file first.
func years(v *web.Visit, o contract.Order, chosen, wrong string) govuk.Choice {
	c := govuk.Choice{
		Name: "years", Legend: v.T("applicant.request.years"), Hint: v.T("applicant.request.years.hint"), Error: wrong,
		ErrorWord: v.T("common.error-prefix"),
		Options:   []govuk.Option{{ID: "years", Text: v.T("applicant.request.years.file"), Checked: chosen == ""}},
	}
	for n := 1; n <= o.Kind.MaxTerm(); n++ {
		value := strconv.Itoa(n)
		c.Options = append(c.Options, govuk.Option{ID: "years-" + strconv.Itoa(n+1), Value: value, Text: v.Texts.Years(n), Checked: chosen == value})
	}
	return c
}

// summary lists what is wrong: fields in the order of the page, then the checks of the file.
func summary(v *web.Visit, wrong map[string]string, failed []contract.Check) govuk.ErrorSummary {
	s := govuk.ErrorSummary{Title: v.T("common.error-summary")}
	for _, name := range []string{"file", "email", "phone", "years"} {
		if text, ok := wrong[name]; ok {
			s.Items = append(s.Items, govuk.Link{Text: text, Href: "#" + name})
		}
	}
	for i, c := range failed {
		s.Items = append(s.Items, govuk.Link{Text: checkTitle(v, c), Href: "#difference-" + strconv.Itoa(i+1)})
	}
	return s
}

// submitRequest sends the file with the contacts on, and shows what was found.
func (h handlers) submitRequest(v *web.Visit, o contract.Order) error {
	in := entered{email: v.Form.Get("email"), phone: v.Form.Get("phone"), years: v.Form.Get("years")}
	if wrong := unsendable(v, in); wrong != nil {
		return h.showRequest(v, o, http.StatusUnprocessableEntity, in, wrong, nil)
	}
	_, err := v.API.SubmitRequest(v.Request.Context(), o.ID, client.Request{
		File: v.Form.File.Content, Email: in.email, Phone: in.phone, Years: in.years,
	})
	var p *client.Problem
	switch {
	case err == nil:
		// From there whoever still has to wait for the registers gets to that page, which leads back.
		return v.Redirect(pathOf(o.ID, "saved"))
	case client.Is(err, "wrong-stage"):
		// The other tab was faster.
		return v.Redirect(pathOf(o.ID, ""))
	case client.Is(err, "request-rejected") && errors.As(err, &p):
		return h.showRequest(v, o, http.StatusUnprocessableEntity, in, map[string]string{"file": v.T("applicant.request.file.rejected")}, failedOf(p.Checks))
	case client.Is(err, "validation") && errors.As(err, &p):
		return h.showRequest(v, o, http.StatusUnprocessableEntity, in, fieldErrors(v, p), nil)
	case client.Is(err, "body-too-large"):
		return h.showRequest(v, o, http.StatusUnprocessableEntity, in, map[string]string{"file": v.T("applicant.request.file.too-large")}, nil)
	case errors.Is(err, client.ErrUnavailable):
		return h.showRequest(v, o, http.StatusServiceUnavailable, in, map[string]string{"file": v.T("applicant.request.not-sent")}, nil)
	case client.Is(err, "unavailable", "internal", "busy", "too-many-requests", "body-too-slow", "registers-silent") && errors.As(err, &p):
		return h.showRequest(v, o, p.Status, in, map[string]string{"file": v.T("applicant.request.not-sent")}, nil)
	default:
		return err
	}
}

// unsendable are the errors of what need not be sent to the API at all, so
// that one answer names all that is wrong.
func unsendable(v *web.Visit, in entered) map[string]string {
	wrong := map[string]string{}
	switch {
	case v.Form.File.TooLarge:
		wrong["file"] = v.T("applicant.request.file.too-large")
	case len(v.Form.File.Content) == 0:
		wrong["file"] = v.T("applicant.request.file.missing")
	}
	_, err := order.NewContacts(in.email, in.phone)
	for field, bad := range map[string]error{"email": order.ErrEmail, "phone": order.ErrPhone} {
		if errors.Is(err, bad) {
			wrong[field] = v.T("applicant.request." + field + ".wrong")
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

// fieldErrors are what the API finds wrong with fields; what is none of this form stands with the file.
func fieldErrors(v *web.Visit, p *client.Problem) map[string]string {
	wrong := map[string]string{}
	for _, e := range p.Errors {
		field := e.Field
		if !slices.Contains([]string{"email", "phone", "years"}, field) {
			field = "file"
		}
		wrong[field] = e.Detail
	}
	if len(wrong) == 0 {
		wrong["file"] = v.T("applicant.request.file.rejected")
	}
	return wrong
}
