package applicant

import (
	"crypto/rand"
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
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
	prices, note, links := beforePaying(v, service)
	return v.Render(http.StatusOK, web.Page{
		Name: "applicant/how", Title: v.T("applicant.how.title"), Back: "/new-order",
		Body: struct {
			Service, Caption, Start string
			Steps, Needs            []string
			Prices                  []string
			Note                    string
			Links                   []govuk.Link
			Key                     string
			Open                    govuk.Button
		}{
			Service: string(service), Caption: v.T("applicant.service." + string(service) + ".title"),
			Start: v.T("applicant.how.start-date." + kind),
			Steps: texts(v, "applicant.how."+kind+".step.", 6), Needs: texts(v, "applicant.how."+kind+".need.", 4),
			Prices: prices, Note: note, Links: links,
			// One key for each showing of the page: a double click opens one order.
			Key:  rand.Text(),
			Open: govuk.Button{Text: v.T("applicant.how.open"), Once: true},
		},
	})
}

// beforePaying are prices, the note about what is not issued here, and where
// to read more. What the API does not tell now is left out: an order can be
// opened all the same.
func beforePaying(v *web.Visit, service order.Service) (prices []string, note string, links []govuk.Link) {
	tariff, err := v.API.Tariff(v.Request.Context())
	today := order.DateOf(v.Now()).String()
	for _, p := range tariff.Prices {
		if err != nil || p.Service != service {
			continue
		}
		line := v.T("applicant.how.price."+string(p.Kind), "term", v.Texts.Years(p.Years), "amount", v.Texts.Money(p.Amount, tariff.Currency))
		if p.From > today {
			line = v.T("applicant.how.price.from", "price", line, "day", v.Texts.Day(p.From))
		}
		prices = append(prices, line)
	}
	help, err := v.API.Help(v.Request.Context())
	if err != nil {
		return prices, "", nil
	}
	for _, l := range []struct{ key, href string }{
		{"instruction", help.Instruction}, {"centres", help.RegistrationCentres}, {"support", help.Support},
	} {
		if l.href != "" {
			links = append(links, govuk.Link{Text: v.T("applicant.how.link." + l.key), Href: l.href})
		}
	}
	return prices, help.Fszn, links
}

// lost says how many days of the present certificate the new one takes; empty
// when it takes none.
func lost(v *web.Visit, o contract.Order) string {
	if o.Overlap.DaysLost == 0 {
		return ""
	}
	return v.Texts.Count("applicant.terms.lost", o.Overlap.DaysLost, "ends", v.Texts.Date(o.Overlap.CurrentEnds),
		"starts", v.Texts.Day(o.Overlap.Starts), "from", v.Texts.Day(o.Overlap.OrderFrom))
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
