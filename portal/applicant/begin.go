package applicant

import (
	"crypto/rand"
	"net/http"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// chooseService asks which service to order and leads to how it goes.
func chooseService(v *web.Visit) error {
	query := v.Request.URL.Query()
	choice := govuk.Choice{Name: "service", Legend: v.T("applicant.service.question"), Page: true, ErrorWord: v.T("common.error-prefix")}
	p := web.Page{Name: "applicant/choose", Title: v.T("applicant.service.question"), Back: "/orders"}
	if query.Has("service") {
		if service, err := order.ParseService(query.Get("service")); err == nil {
			return v.Redirect("/new-order/" + string(service))
		}
	}
	if query.Has("asked") {
		choice.Error = v.T("applicant.service.missing")
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: choice.Error, Href: "#service"}}}
	}
	for i, s := range []order.Service{order.ServiceEmployee, order.ServiceIndividual} {
		id := "service"
		if i > 0 {
			id = "service-2"
		}
		choice.Options = append(choice.Options, govuk.Option{
			ID: id, Value: string(s), Text: v.T("applicant.service." + string(s) + ".title"), Hint: v.T("applicant.service." + string(s) + ".hint"),
		})
	}
	p.Body = struct {
		Choice   govuk.Choice
		Continue govuk.Button
	}{choice, govuk.Button{Text: v.T("applicant.continue")}}
	return v.Render(http.StatusOK, p)
}

// howItGoes tells what will be asked before an order is opened.
func howItGoes(v *web.Visit) error {
	service, err := order.ParseService(v.Request.PathValue("service"))
	if err != nil {
		return web.ErrNotFound
	}
	kind := "employee"
	if !service.NeedsApproval() {
		kind = "individual"
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "applicant/how", Title: v.T("applicant.how.title"), Back: "/new-order",
		Body: struct {
			Service, Caption, Start string
			Steps, Needs            []string
			Key                     string
			Open                    govuk.Button
		}{
			Service: string(service), Caption: v.T("applicant.service." + string(service) + ".title"),
			Start: v.T("applicant.how.start-date." + kind),
			Steps: texts(v, "applicant.how."+kind+".step.", 6), Needs: texts(v, "applicant.how."+kind+".need.", 4),
			// One key for each showing of the page: a double click opens one order.
			Key:  rand.Text(),
			Open: govuk.Button{Text: v.T("applicant.how.open"), Once: true},
		},
	})
}

// texts are the numbered texts under a key.
func texts(v *web.Visit, prefix string, n int) []string {
	var out []string
	for i := 1; i <= n; i++ {
		out = append(out, v.T(prefix+string(rune('0'+i))))
	}
	return out
}

// open opens an order, or goes on with the one that is not finished (A6).
func open(v *web.Visit) error {
	service, err := order.ParseService(v.Form.Get("service"))
	if err != nil {
		return v.Redirect("/new-order")
	}
	o, err := v.API.OpenOrder(v.Request.Context(), service, v.Form.Get("key"))
	if err != nil {
		return err
	}
	if o.Resumed {
		return v.RedirectNoting(pathOf(o.ID, stepOf(o)), "applicant.notice.resumed")
	}
	return v.Redirect(pathOf(o.ID, stepOf(o)))
}
