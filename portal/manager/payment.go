package manager

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

// payList shows how to pay by the chosen method, or asks for one (M8, P1).
func payList(v *web.Visit, c contract.Confirmation) error {
	p, err := v.API.ConfirmationPayment(v.Request.Context(), c.ID)
	if err != nil {
		return payable(v, c, err)
	}
	switch query := v.Request.URL.Query(); {
	case p.State != contract.Open:
		// The list is about to move on.
		return v.Render(http.StatusOK, live(page(v, c, "pay-arrived", v.T("manager.pay.arrived.title"), nil), c, stepPayment))
	case strings.HasPrefix(query.Get("card"), "failed"):
		return v.RedirectNoting(pathOf(c.ID, stepPayment)+"?choose", "manager.notice.card-failed")
	case strings.HasPrefix(query.Get("card"), "paid"):
		// The card page leads here when the bank has said yes; the list moves on once the service has heard of it too (P5).
		return v.Render(http.StatusOK, live(page(v, c, "pay-taken", v.T("manager.pay.taken.title"), shown{
			Facts: bill(v, p), Another: another(v, c),
		}), c, stepPayment))
	case p.Method == "" || query.Has("choose"):
		return askMethod(v, c, p, "")
	default:
		return showMethod(v, c, p)
	}
}

func another(v *web.Visit, c contract.Confirmation) govuk.Link {
	return govuk.Link{Text: v.T("common.pay.another"), Href: pathOf(c.ID, stepPayment) + "?choose"}
}

// payable leads to where the list is when there is nothing to pay any more.
func payable(v *web.Visit, c contract.Confirmation, err error) error {
	if client.Is(err, "nothing-to-pay", "wrong-stage") {
		fresh, readErr := v.API.Confirmation(v.Request.Context(), c.ID)
		if readErr == nil && stepOf(fresh.Stage) != stepPayment {
			return v.Redirect(pathOf(c.ID, stepOf(fresh.Stage)))
		}
	}
	return err
}

func askMethod(v *web.Visit, c contract.Confirmation, p contract.Payment, wrong string) error {
	return payment.Ask(v, page(v, c, "pay-choose", v.T("manager.pay.title"), struct {
		Facts    govuk.SummaryList
		Lines    []line
		Choice   govuk.Choice
		Continue govuk.Button
	}{
		bill(v, p), linesOf(v, c), payment.Methods(v, p, "manager.pay.method", wrong), govuk.Button{Text: v.T("manager.pay.go"), Once: true},
	}), wrong)
}

// bill is how much is paid for how many, and until when.
func bill(v *web.Visit, p contract.Payment) govuk.SummaryList {
	list := govuk.SummaryList{Rows: []govuk.Row{
		{Key: v.T("manager.pay.number"), Value: p.Number},
		{Key: v.T("manager.pay.what"), Value: v.Texts.Count("manager.pay.certificates", len(p.Lines))},
		{Key: v.T("manager.pay.total"), Value: v.Texts.Money(p.Amount, p.Currency)},
	}}
	if !p.PayBy.IsZero() {
		list.Rows = append(list.Rows, govuk.Row{Key: v.T("manager.pay.by"), Value: v.Texts.DateTime(p.PayBy)})
	}
	return list
}

func choosePayment(v *web.Visit, c contract.Confirmation) error {
	p, err := v.API.ConfirmationPayment(v.Request.Context(), c.ID)
	if err != nil {
		return payable(v, c, err)
	}
	method, ok := payment.Chosen(v, p)
	if !ok {
		return askMethod(v, c, p, v.T("manager.pay.method.missing"))
	}
	if _, err := v.API.ChooseConfirmationPayment(v.Request.Context(), c.ID, method); err != nil {
		return payable(v, c, err)
	}
	return v.Redirect(pathOf(c.ID, stepPayment))
}

// shown is what the pages of the three methods show.
type shown struct {
	Facts   govuk.SummaryList
	Another govuk.Link
	payment.Card
	payment.ERIP
	// Purpose and Invoice are for a payment by bank.
	Purpose string
	Invoice govuk.Button
}

func showMethod(v *web.Visit, c contract.Confirmation, p contract.Payment) error {
	body := shown{Facts: bill(v, p), Another: another(v, c)}
	switch p.Method {
	case contract.PaymentMethodAssist:
		body.Card = payment.CardOf(v, p.Assist)
		out := page(v, c, "pay-card", v.T("common.pay.card.title"), body)
		out.FormTargets = []string{p.Assist.URL}
		return v.Render(http.StatusOK, live(out, c, stepPayment))
	case contract.PaymentMethodERIP:
		body.ERIP = payment.ERIPOf(p.ERIP)
		return v.Render(http.StatusOK, live(page(v, c, "pay-erip", v.T("manager.pay.erip.title"), body), c, stepPayment))
	case contract.PaymentMethodClientBank:
		body.Purpose = p.ClientBank.Purpose
		body.Invoice = govuk.Button{Text: v.T("manager.pay.bank.invoice"), Href: pathOf(c.ID, "invoice.pdf"), Secondary: true}
		body.Facts.Rows = append(body.Facts.Rows, beneficiary(v, p.ClientBank.Beneficiary)...)
		return v.Render(http.StatusOK, live(page(v, c, "pay-bank", v.T("manager.pay.bank.title"), body), c, stepPayment))
	default:
		return errors.New("the API chose a payment method that it does not know")
	}
}

func beneficiary(v *web.Visit, b contract.Beneficiary) []govuk.Row {
	var out []govuk.Row
	for _, r := range [][2]string{
		{"name", b.Name}, {"unp", b.UNP}, {"account", b.Account}, {"bank", b.Bank}, {"bic", b.BIC}, {"code", b.PurposeCode},
	} {
		if r[1] != "" {
			out = append(out, govuk.Row{Key: v.T("manager.pay.bank." + r[0]), Value: r[1]})
		}
	}
	return out
}

// invoice gives the invoice for a payment by bank (P3, P9).
func invoice(v *web.Visit) error {
	return of(func(v *web.Visit, c contract.Confirmation) error {
		content, err := v.API.Invoice(v.Request.Context(), c.ID)
		if err != nil {
			return payable(v, c, err)
		}
		return v.Attach("application/pdf", "invoice-"+c.Number+".pdf", content)
	})(v)
}
