package operator

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// concern is something that needs a person, as it is shown. Its code is the
// anchor that alerts lead to.
type concern struct {
	Code, Title, Since, Next, Command, Runbook, More string
	Items                                            []item
}

// item is one of what is concerned; Href leads to its workflow.
type item struct{ Name, Detail, Href, Link string }

// commands are what is run next, where a command can do it.
var commands = map[string]string{
	"unapplied-money": "issuance payments list", "gate-refused": "issuance audit show", "failing-webhook": "issuance webhooks list --failing", "unconfirmed-backup": "issuance keys backup list",
	"not-issued": "issuance certificates orphans", "unreadable-crl": "issuance trust check", "not-sealed": "issuance audit checkpoint",
}

func showStatus(v *web.Visit) error {
	found, err := v.API.OperatorStatus(v.Request.Context())
	if err != nil {
		return err
	}
	body := struct {
		Clear    bool
		Panel    govuk.Panel
		At       string
		Concerns []concern
		Unseen   []string
		Again    govuk.Button
	}{
		Clear: found.Clear, At: v.T("operator.status.at", "at", v.Texts.DateTime(found.At)),
		Panel: govuk.Panel{Title: v.T("operator.status.clear"), Text: v.T("operator.status.at", "at", v.Texts.DateTime(found.At))},
		Again: govuk.Button{Text: v.T("operator.status.again"), Href: web.OperatorPath},
	}
	for _, c := range found.Concerns {
		body.Concerns = append(body.Concerns, concernOf(v, c))
	}
	for _, u := range found.Unseen {
		body.Unseen = append(body.Unseen, v.T("operator.unseen."+u))
	}
	return v.Render(http.StatusOK, web.Page{Name: "operator/status", Title: v.T("operator.status.title"), Body: body})
}

func concernOf(v *web.Visit, c contract.OperatorConcern) concern {
	key := "operator.concern." + c.Code
	out := concern{
		Code: c.Code, Title: v.Texts.Count(key+".title", int(c.Total)), Since: v.T("operator.status.since", "at", v.Texts.DateTime(c.Since)),
		Next: v.T(key + ".next"), Command: commands[c.Code], Runbook: c.Runbook,
	}
	if c.Code == "ending-crl" {
		out.Since = v.T("operator.status.ends", "at", v.Texts.DateTime(c.Since))
	}
	if hidden := int(c.Total) - len(c.Items); hidden > 0 {
		out.More = v.Texts.Count("operator.status.more", hidden)
	}
	for _, i := range c.Items {
		one := item{Name: i.Name, Href: i.URL}
		if one.Href != "" {
			number := i.Name
			if i.Order != "" {
				number = i.Order
			}
			one.Link = v.T("operator.item.open", "number", number)
		}
		if p := i.Payment; p != nil {
			one.Detail = v.Texts.Money(p.Amount, p.Currency)
			if p.Number != "" {
				one.Detail += ", " + p.Number
			}
			if p.Reason != "" {
				one.Detail += ": " + v.T("operator.reason."+p.Reason)
			}
		}
		out.Items = append(out.Items, one)
	}
	return out
}
