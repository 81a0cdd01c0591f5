package manager

import (
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// maxReason is the longest reason that the API takes, in characters.
const maxReason = 500

func orderOf(v *web.Visit) (contract.OrganisationOrderDetails, error) {
	id, err := v.ID()
	if err != nil {
		return contract.OrganisationOrderDetails{}, err
	}
	return v.API.OrganisationOrder(v.Request.Context(), id)
}

// details show one order as the manager decides about it (M2).
func details(v *web.Visit) error {
	o, err := orderOf(v)
	if err != nil {
		return err
	}
	var checks []string
	for _, c := range o.Checks {
		if c.Verdict != order.VerdictFailed && c.Title != "" {
			checks = append(checks, c.Title)
		}
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "manager/order", Title: v.T("manager.order.title", "number", o.Order.Number), Back: ordersPath,
		Body: struct {
			Facts  govuk.SummaryList
			Change string
			Checks []string
			Choose govuk.Button
			Reject govuk.Button
		}{
			facts(v, o), change(v, o.Order), unique(checks),
			govuk.Button{Text: v.T("manager.order.choose"), Href: selection{page: 1, size: firstSize, chosen: []order.ID{o.Order.ID}}.path()},
			govuk.Button{Text: v.T("manager.order.reject"), Href: ordersPath + "/orders/" + o.Order.ID.String() + "/rejection", Secondary: true},
		},
	})
}

func facts(v *web.Visit, o contract.OrganisationOrderDetails) govuk.SummaryList {
	price := ""
	if o.Price != "" {
		price = v.Texts.Money(o.Price, "BYN")
	}
	term := ""
	if o.Order.Years > 0 {
		term = v.Texts.Years(o.Order.Years)
	}
	var list govuk.SummaryList
	for _, r := range [][2]string{
		{"name", o.Order.Name}, {"personal-number", o.PersonalNumber}, {"position", o.Order.Position}, {"new-position", o.Order.NewPosition},
		{"term", term}, {"start", day(v, o.RequestedStart)}, {"received", v.Texts.DateTime(o.Order.ReceivedAt)},
		{"confirm-by", v.Texts.DateTime(o.Order.ConfirmBy)}, {"pay-by", v.Texts.DateTime(o.Order.PayBy)}, {"price", price},
	} {
		if r[1] != "" {
			list.Rows = append(list.Rows, govuk.Row{Key: v.T("manager.field." + r[0]), Value: r[1]})
		}
	}
	return list
}

func day(v *web.Visit, text string) string {
	d, err := time.ParseInLocation(time.DateOnly, text, order.Minsk())
	if err != nil {
		return text
	}
	return v.Texts.Date(d)
}

func change(v *web.Visit, o contract.OrganisationOrder) string {
	if o.NewPosition == "" || o.NewPosition == o.Position {
		return ""
	}
	return v.T("manager.order.change")
}

func unique(all []string) []string {
	var out []string
	seen := map[string]bool{}
	for _, s := range all {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func askRejection(v *web.Visit) error {
	o, err := orderOf(v)
	if err != nil {
		return err
	}
	return showRejection(v, o, http.StatusOK, v.Kept().Get("reason"), "")
}

func showRejection(v *web.Visit, o contract.OrganisationOrderDetails, status int, reason, wrong string) error {
	p := web.Page{
		Name: "manager/reject", Title: v.T("manager.reject.title", "number", o.Order.Number), Back: ordersPath,
		Body: struct {
			ID     string
			Facts  govuk.SummaryList
			Reason govuk.Input
			Reject govuk.Button
			Keep   govuk.Link
		}{
			o.Order.ID.String(), facts(v, o),
			govuk.Input{
				ID: "reason", Name: "reason", Label: v.T("manager.reject.reason"), Hint: v.T("manager.reject.reason.hint"), Value: reason,
				Error: wrong, ErrorWord: v.T("common.error-prefix"),
			},
			govuk.Button{Text: v.T("manager.reject.button"), Warning: true, Once: true}, govuk.Link{Text: v.T("manager.reject.keep"), Href: ordersPath},
		},
	}
	if wrong != "" {
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#reason"}}}
	}
	return v.Render(status, p)
}

// reject says no to one order (M4). What is decided already shows the list.
func reject(v *web.Visit) error {
	id, err := v.ID()
	if err != nil {
		return err
	}
	reason := v.Form.Get("reason")
	if utf8.RuneCountInString(reason) > maxReason {
		return rejectAgain(v, reason)
	}
	_, err = v.API.RejectOrder(v.Request.Context(), id, reason)
	switch {
	case client.Is(err, "validation"):
		return rejectAgain(v, reason)
	case err == nil:
		return v.RedirectNoting(ordersPath, "manager.notice.rejected")
	case client.Is(err, "order-ended", "wrong-stage", "already-paid"):
		return v.RedirectNoting(ordersPath, "manager.notice.decided")
	default:
		return err
	}
}

func rejectAgain(v *web.Visit, reason string) error {
	o, err := orderOf(v)
	if err != nil {
		return err
	}
	return showRejection(v, o, http.StatusUnprocessableEntity, reason, v.T("manager.reject.reason.wrong"))
}
