package applicant

import (
	"net/http"
	"net/url"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// message is what the applicant sends to the manager.
type message struct{ Text, Link, Mail string }

func toManager(v *web.Visit, o contract.Order) message {
	m := message{Link: v.PublicURL("/organisation")}
	m.Text = v.T("applicant.manager.message", "number", o.Number, "until", v.Texts.DateTime(o.Next.Until), "link", m.Link)
	// Mail programs want %20 for blanks, not +.
	m.Mail = "mailto:?subject=" + url.PathEscape(v.T("applicant.manager.subject", "number", o.Number)) + "&body=" + url.QueryEscape(m.Text)
	return m
}

// saved confirms that the request is kept (S8) and tells what happens next.
func saved(v *web.Visit, o contract.Order) error {
	step := stepOf(o)
	if o.Stage.Draft() || o.Stage == order.StageChecking || step == stepEnded {
		return v.Redirect(pathOf(o.ID, step))
	}
	kind := "individual"
	if o.Service.NeedsApproval() {
		kind = "employee"
	}
	p := page(v, o, "saved", v.T("applicant.saved.title"), struct {
		Panel     govuk.Panel
		Next      []string
		Until     string
		ToManager bool
		Message   message
		Continue  govuk.Button
	}{
		Panel: govuk.Panel{Title: v.T("applicant.saved.title"), Text: v.T("applicant.saved.number"), Strong: o.Number},
		Next:  texts(v, "applicant.saved."+kind+".next.", 3), Until: until(v, o), ToManager: step == stepWaiting, Message: toManager(v, o),
		Continue: govuk.Button{Text: v.T("applicant.saved.go." + step), Href: pathOf(o.ID, step)},
	})
	p.Back = ""
	return v.Render(http.StatusOK, p)
}

// waiting tells who is waited for and until when (S9).
func waiting(v *web.Visit, o contract.Order) error {
	key := "applicant.waiting.approval"
	if o.Stage == order.StageAwaitingPayment {
		key = "applicant.waiting.payment"
	}
	rows := []govuk.Row{
		{Key: v.T("applicant.waiting.who"), Value: v.T(key + ".who")},
		{Key: v.T("applicant.waiting.until"), Value: v.Texts.DateTime(o.Next.Until)},
		{Key: v.T("applicant.waiting.uploaded"), Value: v.Texts.DateTime(o.UploadedAt)},
	}
	if !o.ApprovedAt.IsZero() {
		rows = append(rows, govuk.Row{Key: v.T("applicant.waiting.approved"), Value: v.Texts.DateTime(o.ApprovedAt)})
	}
	if !o.PayBy.IsZero() {
		rows = append(rows, govuk.Row{Key: v.T("applicant.waiting.pay-by"), Value: v.Texts.DateTime(o.PayBy)})
	}
	p := page(v, o, "waiting", v.T(key+".title"), struct {
		Text     string
		Facts    govuk.SummaryList
		Changed  []difference
		Message  message
		Withdraw govuk.Link
	}{
		o.Next.Text, govuk.SummaryList{Rows: filled(rows)}, changes(v, o), toManager(v, o),
		govuk.Link{Text: v.T("applicant.withdraw.link"), Href: pathOf(o.ID, "withdrawal")},
	})
	return v.Render(http.StatusOK, live(p, o, stepWaiting))
}

// filled leaves out rows without a value.
func filled(rows []govuk.Row) []govuk.Row {
	var out []govuk.Row
	for _, r := range rows {
		if r.Value != "" {
			out = append(out, r)
		}
	}
	return out
}
