package evidence

import (
	"net/http"
	"strconv"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// checks are what a card has to prove, in the order in which it is told.
func checks() []contract.CardFailureCode {
	return []contract.CardFailureCode{
		contract.CardFailureCodeTrust, contract.CardFailureCodeLog, contract.CardFailureCodeSequence, contract.CardFailureCodeIssue,
		contract.CardFailureCodeRequest, contract.CardFailureCodeChain, contract.CardFailureCodeApproval, contract.CardFailureCodePayment,
		contract.CardFailureCodePages, contract.CardFailureCodePrintedCode,
	}
}

// tick is one check with what became of it.
type tick struct{ Text, State, Status string }

func show(v *web.Visit, found contract.CardVerdict, withCode bool) error {
	outcome := "bad"
	if found.Good {
		outcome = "good"
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "evidence/verdict", Title: v.T("evidence." + outcome + ".title"), Back: path,
		Body: struct {
			Good   bool
			Text   govuk.WarningText
			Checks []tick
			Facts  govuk.SummaryList
			Again  govuk.Button
		}{
			found.Good, govuk.WarningText{Text: v.T("evidence." + outcome + ".text"), Hidden: v.T("common.warning")}, ticks(v, found, withCode), facts(v, found),
			govuk.Button{Text: v.T("evidence.again"), Href: path, Secondary: true},
		},
	})
}

// ticks tell each check; what there was nothing to check of is left out.
func ticks(v *web.Visit, found contract.CardVerdict, withCode bool) []tick {
	failed := map[contract.CardFailureCode]string{}
	for _, f := range found.Failed {
		failed[f.Code] = f.Title
	}
	var out []tick
	for _, code := range checks() {
		title, wrong := failed[code]
		switch {
		case wrong:
			out = append(out, tick{title, "failed", v.T("evidence.failed")})
		case code == contract.CardFailureCodeApproval && found.ListNumber == 0, code == contract.CardFailureCodePrintedCode && !withCode:
		case code == contract.CardFailureCodePages && found.Pages != contract.Same:
			out = append(out, tick{v.T("evidence.pages.none"), "silent", v.T("evidence.not-checked")})
		default:
			out = append(out, tick{v.T("evidence.check." + string(code)), "passed", v.T("evidence.passed")})
		}
	}
	return out
}

func facts(v *web.Visit, found contract.CardVerdict) govuk.SummaryList {
	listed := ""
	if found.ListNumber != 0 {
		listed = strconv.FormatInt(found.ListNumber, 10)
	}
	var list govuk.SummaryList
	for _, r := range [][2]string{
		{"number", strconv.FormatInt(found.Number, 10)}, {"service", string(found.Service)}, {"holder", found.Holder},
		{"organisation", found.Organisation}, {"serial", found.SerialNumber}, {"issuer", found.Issuer},
		{"from", v.Texts.DateTime(found.NotBefore)}, {"to", v.Texts.DateTime(found.NotAfter)}, {"list", listed}, {"signer", found.Signer},
		{"signed", v.Texts.DateTime(found.SignedAt)}, {"paid", v.Texts.Money(found.Paid, "BYN")}, {"paid-at", v.Texts.DateTime(found.PaidAt)},
		{"code", found.Code},
	} {
		if r[1] != "" {
			list.Rows = append(list.Rows, govuk.Row{Key: v.T("evidence.field." + r[0]), Value: r[1]})
		}
	}
	return list
}
