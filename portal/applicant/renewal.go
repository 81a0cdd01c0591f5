package applicant

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// renewal asks before the link of a reminder is used up: programs that look
// into letters follow links too (R1).
func renewal(v *web.Visit) error {
	return v.Render(http.StatusOK, web.Page{
		Name: "applicant/renewal", Title: v.T("applicant.renewal.title"), Back: "/orders",
		Body: struct {
			Link string
			Open govuk.Button
		}{v.Request.PathValue("link"), govuk.Button{Text: v.T("applicant.how.open"), Once: true}},
	})
}

// openRenewal opens the order; a link that was used leads to a new order.
func openRenewal(v *web.Visit) error {
	o, err := v.API.OpenRenewal(v.Request.Context(), v.Request.PathValue("link"))
	if client.Is(err, "not-found") {
		return v.RedirectNoting("/new-order", "applicant.notice.link-used")
	}
	if err != nil {
		return err
	}
	return v.Redirect(pathOf(o.ID, stepOf(o)))
}
