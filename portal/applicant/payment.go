package applicant

import (
	"errors"
	"net/http"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/payment"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// payOrder shows how to pay by the chosen method, or asks for one.
func payOrder(v *web.Visit, o contract.Order) error {
	p, err := v.API.OrderPayment(v.Request.Context(), o.ID)
	if err != nil {
		return payable(v, o, err)
	}
	switch query := v.Request.URL.Query(); {
	case strings.HasPrefix(query.Get("card"), "failed"):
		return v.RedirectNoting(pathOf(o.ID, stepPayment)+"?choose", "applicant.notice.card-failed")
	case strings.HasPrefix(query.Get("card"), "paid"):
		// The card page leads here when the bank has said yes; the order moves on once the service has heard of it too (P5).
		return v.Render(http.StatusOK, live(page(v, o, "payment-taken", v.T("applicant.payment.taken.title"), struct {
			Facts   govuk.SummaryList
			Another govuk.Link
		}{facts(v, p), another(v, o)}), o, stepPayment))
	case p.Method == "" || query.Has("choose"):
		return askMethod(v, o, p, "")
	default:
		return showMethod(v, o, p)
	}
}

func another(v *web.Visit, o contract.Order) govuk.Link {
	return govuk.Link{Text: v.T("common.pay.another"), Href: pathOf(o.ID, stepPayment) + "?choose"}
}

// payable leads to where the order is when there is nothing to pay any more.
func payable(v *web.Visit, o contract.Order, err error) error {
	if client.Is(err, "nothing-to-pay", "wrong-stage", "order-ended") {
		fresh, readErr := v.API.Order(v.Request.Context(), o.ID)
		if readErr == nil && stepOf(fresh) != stepPayment {
			return v.Redirect(pathOf(o.ID, stepOf(fresh)))
		}
	}
	return err
}

func askMethod(v *web.Visit, o contract.Order, p contract.Payment, wrong string) error {
	return payment.Ask(v, page(v, o, "payment-choose", v.T("applicant.payment.title"), struct {
		Facts    govuk.SummaryList
		Choice   govuk.Choice
		Continue govuk.Button
		Withdraw govuk.Link
	}{
		facts(v, p), payment.Methods(v, p, "applicant.payment.method", wrong), govuk.Button{Text: v.T("applicant.continue"), Once: true},
		govuk.Link{Text: v.T("applicant.withdraw.link"), Href: pathOf(o.ID, "withdrawal")},
	}), wrong)
}

// facts are what is paid, how much and until when.
func facts(v *web.Visit, p contract.Payment) govuk.SummaryList {
	var what []string
	for _, line := range p.Lines {
		name := line.Name
		if line.Years > 0 {
			name = strings.TrimSpace(name + " · " + v.Texts.Years(line.Years))
		}
		what = append(what, name)
	}
	return govuk.SummaryList{Rows: filled([]govuk.Row{
		{Key: v.T("applicant.payment.what"), Value: strings.Join(what, "; ")},
		{Key: v.T("applicant.payment.amount"), Value: v.Texts.Money(p.Amount, p.Currency)},
		{Key: v.T("applicant.payment.pay-by"), Value: v.Texts.DateTime(p.PayBy)},
	})}
}

// choosePayment chooses a method (P1).
func choosePayment(v *web.Visit, o contract.Order) error {
	p, err := v.API.OrderPayment(v.Request.Context(), o.ID)
	if err != nil {
		return payable(v, o, err)
	}
	method, ok := payment.Chosen(v, p)
	if !ok {
		return askMethod(v, o, p, v.T("applicant.payment.method.missing"))
	}
	if _, err := v.API.ChooseOrderPayment(v.Request.Context(), o.ID, method); err != nil {
		return payable(v, o, err)
	}
	return v.Redirect(pathOf(o.ID, stepPayment))
}

func showMethod(v *web.Visit, o contract.Order, p contract.Payment) error {
	switch p.Method {
	case contract.PaymentMethodAssist:
		out := page(v, o, "payment-card", v.T("common.pay.card.title"), struct {
			Facts govuk.SummaryList
			payment.Card
			Another govuk.Link
		}{facts(v, p), payment.CardOf(v, p.Assist), another(v, o)})
		out.FormTargets = []string{p.Assist.URL}
		return v.Render(http.StatusOK, live(out, o, stepPayment))
	case contract.PaymentMethodERIP:
		rows := append([]govuk.Row{{Key: v.T("applicant.payment.erip.number"), Value: p.ERIP.Number}}, facts(v, p).Rows...)
		out := page(v, o, "payment-erip", v.T("applicant.payment.erip.title"), struct {
			Facts govuk.SummaryList
			payment.ERIP
			Another govuk.Link
		}{govuk.SummaryList{Rows: rows}, payment.ERIPOf(p.ERIP), another(v, o)})
		return v.Render(http.StatusOK, live(out, o, stepPayment))
	case contract.PaymentMethodClientBank:
		return askMethod(v, o, p, "")
	default:
		return errors.New("the API chose a payment method that it does not know")
	}
}
