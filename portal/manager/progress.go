package manager

import (
	"net/http"
	"slices"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// progress shows how far the certificates are, to the last one (M10).
func progress(v *web.Visit, c contract.Confirmation) error {
	issued, wanted := 0, 0
	for _, o := range c.Orders {
		if o.State == contract.Issued {
			issued++
		}
		if o.State != contract.Left {
			wanted++
		}
	}
	body := struct {
		Done  bool
		Panel govuk.Panel
		News  string
		Lines []line
	}{
		c.Stage == order.ConfirmationFinished,
		govuk.Panel{Title: v.T("manager.progress.done"), Text: v.T("manager.pay.number"), Strong: c.Number},
		v.T("manager.progress.count", "issued", issued, "of", wanted), linesOf(v, c),
	}
	p := page(v, c, "progress", v.T("manager.progress.title"), body)
	if body.Done {
		return v.Render(http.StatusOK, p)
	}
	return v.Render(http.StatusOK, live(p, c, stepProgress))
}

// ended tells how a list ended without certificates, and what to do (P8).
func ended(v *web.Visit, c contract.Confirmation) error {
	return v.Render(http.StatusOK, page(v, c, "ended", v.T("manager.ended."+string(c.Stage)+".title"), struct {
		Text  string
		Again govuk.Button
		Lines []line
	}{v.T("manager.ended." + string(c.Stage)), govuk.Button{Text: v.T("manager.ended.again"), Href: ordersPath}, linesOf(v, c)}))
}

// evidence gives the card for evidence of an order on the list, as soon as there
// is one.
func evidence(v *web.Visit, c contract.Confirmation) error {
	at := slices.IndexFunc(c.Orders, func(o contract.ChosenOrder) bool {
		return o.State == contract.Issued && o.ID.String() == v.Request.PathValue("order")
	})
	if at < 0 {
		return web.ErrNotFound
	}
	content, err := v.API.CardOfEmployee(v.Request.Context(), c.Orders[at].ID)
	switch {
	case client.Is(err, "card-not-ready"):
		return v.RedirectNoting(pathOf(c.ID, stepOf(c.Stage)), "evidence.not-ready")
	case client.Is(err, "not-found"):
		return v.RedirectNoting(pathOf(c.ID, stepOf(c.Stage)), "evidence.none")
	case err != nil:
		return err
	}
	return v.Attach("application/pdf", "karta-"+c.Orders[at].Number+".pdf", content)
}
