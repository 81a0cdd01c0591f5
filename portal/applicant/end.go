package applicant

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// ended tells how an order ended without a certificate, why, and what to do.
func ended(v *web.Visit, o contract.Order) error {
	why := "applicant.ended." + string(o.End)
	if key := why + "." + string(o.Reason); v.Texts.Has(key) {
		why = key
	}
	p := page(v, o, "ended", v.T("applicant.ended."+string(o.End)+".title"), struct {
		Why         string
		Note        string
		Differences []difference
		Orders      govuk.Link
		New         govuk.Button
	}{
		v.T(why), o.Note, differences(v, o, failedOf(o.Checks)), govuk.Link{Text: v.T("problems.action.orders"), Href: "/orders"}, again(v, o),
	})
	p.Back = "/orders"
	return v.Render(http.StatusOK, p)
}

// again offers another order, except where it would end the same way.
func again(v *web.Visit, o contract.Order) govuk.Button {
	if o.End == order.EndRefused && o.Reason != order.ReasonNotSaved {
		return govuk.Button{}
	}
	return govuk.Button{Text: v.T("applicant.ended.new"), Href: "/new-order/" + string(o.Service)}
}

// askWithdrawal asks before an order is taken back (S10).
func askWithdrawal(v *web.Visit, o contract.Order) error {
	if !o.Stage.Withdrawable() {
		return v.Redirect(pathOf(o.ID, stepOf(o)))
	}
	return v.Render(http.StatusOK, page(v, o, "withdrawal", v.T("applicant.withdraw.title"), struct {
		Withdraw govuk.Button
		Keep     govuk.Link
	}{
		govuk.Button{Text: v.T("applicant.withdraw.button"), Warning: true, Once: true},
		govuk.Link{Text: v.T("applicant.withdraw.keep"), Href: pathOf(o.ID, stepOf(o))},
	}))
}

// withdraw takes an order back. One that has ended meanwhile, or is paid, shows where it is.
func withdraw(v *web.Visit, o contract.Order) error {
	if o.Stage == order.StageEnded {
		return v.Redirect(pathOf(o.ID, stepOf(o)))
	}
	_, err := v.API.Withdraw(v.Request.Context(), o.ID)
	switch {
	case client.Is(err, "already-paid"):
		return v.RedirectNoting(pathOf(o.ID, ""), "applicant.notice.already-paid")
	case client.Is(err, "order-ended", "wrong-stage"):
		return v.Redirect(pathOf(o.ID, ""))
	case err != nil:
		return err
	}
	return v.Redirect(pathOf(o.ID, stepEnded))
}
