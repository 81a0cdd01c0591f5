package applicant

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// issuing is shown between the payment and the certificate.
func issuing(v *web.Visit, o contract.Order) error {
	return v.Render(http.StatusOK, live(page(v, o, "issuing", v.T("applicant.issuing.title"), nil), o, stepIssuing))
}

// certificate tells that it is issued, where it is, and from when it is used.
func certificate(v *web.Visit, o contract.Order) error {
	c := o.Certificate
	early := v.Now().Before(c.NotBefore)
	use := v.T("applicant.certificate.use-now")
	if early {
		use = v.T("applicant.certificate.use-from", "date", v.Texts.DateTime(c.NotBefore))
	}
	p := page(v, o, "certificate", v.T("applicant.certificate.title"), struct {
		Panel       govuk.Panel
		Facts       govuk.SummaryList
		Use         string
		Steps       []string
		Activated   bool
		Messages    []tick
		Credentials govuk.Button
		Contacts    govuk.Link
		Card        govuk.Link
	}{
		Panel: govuk.Panel{Title: v.T("applicant.certificate.title"), Text: v.T("applicant.saved.number"), Strong: o.Number},
		Facts: govuk.SummaryList{Rows: filled([]govuk.Row{
			{Key: v.T("applicant.certificate.serial"), Value: c.SerialNumber},
			{Key: v.T("applicant.certificate.from"), Value: v.Texts.DateTime(c.NotBefore)},
			{Key: v.T("applicant.certificate.to"), Value: v.Texts.DateTime(c.NotAfter)},
			{Key: v.T("applicant.certificate.activated"), Value: v.Texts.DateTime(c.ActivatedAt)},
		})},
		Use: use, Steps: texts(v, "applicant.certificate.step.", 4), Activated: !c.ActivatedAt.IsZero(), Messages: messages(v, o),
		Credentials: govuk.Button{Text: v.T("applicant.certificate.credentials"), Href: pathOf(o.ID, "credentials")},
		Contacts:    govuk.Link{Text: v.T("applicant.contacts.link"), Href: pathOf(o.ID, "contacts")},
		Card:        evidenceLink(v, o),
	})
	p.Back = "/orders"
	return v.Render(http.StatusOK, p)
}

// evidenceLink leads to the card for evidence; the one of 6.0.01 is the manager's.
func evidenceLink(v *web.Visit, o contract.Order) govuk.Link {
	if o.Service.NeedsApproval() {
		return govuk.Link{}
	}
	return govuk.Link{Text: v.T("evidence.download"), Href: pathOf(o.ID, "card.pdf")}
}

// evidence gives the card for evidence, as soon as there is one.
func evidence(v *web.Visit, o contract.Order) error {
	content, err := v.API.Card(v.Request.Context(), o.ID)
	switch {
	case client.Is(err, "card-not-ready"):
		return v.RedirectNoting(pathOf(o.ID, stepCertificate), "evidence.not-ready")
	case client.Is(err, "not-found"):
		return v.RedirectNoting(pathOf(o.ID, stepCertificate), "evidence.none")
	case err != nil:
		return err
	}
	return v.Attach("application/pdf", "karta-"+o.Number+".pdf", content)
}

// messages are the last letter and the last short message with the credentials,
// with what became of them (I6).
func messages(v *web.Visit, o contract.Order) []tick {
	var out []tick
	for _, channel := range []contract.MessageOutcomeChannel{contract.Email, contract.Sms} {
		for _, m := range slices.Backward(o.Messages) {
			if m.Channel != channel || m.Kind != string(order.NoticeIssued) && m.Kind != string(order.NoticeCredentialsAgain) {
				continue
			}
			state := map[contract.MessageOutcomeState]string{contract.Sent: "passed", contract.Pending: "waiting", contract.Failed: "failed"}[m.State]
			out = append(out, tick{
				Text: v.T("applicant.message." + string(m.Channel)), State: state, Status: v.T("applicant.message.state." + string(m.State)),
			})
			break
		}
	}
	return out
}

// credentials shows login and password of the storage (I4).
func credentials(v *web.Visit, o contract.Order) error {
	c, err := v.API.Credentials(v.Request.Context(), o.ID)
	if client.Is(err, "credentials-missing") {
		return v.RedirectNoting(pathOf(o.ID, stepCertificate), "applicant.notice.no-credentials")
	}
	if err != nil {
		return err
	}
	p := page(v, o, "credentials", v.T("applicant.credentials.title"), struct {
		Facts   govuk.SummaryList
		Gone    bool
		Storage govuk.Button
		Steps   []string
	}{
		Facts: govuk.SummaryList{Rows: filled([]govuk.Row{
			{Key: v.T("applicant.credentials.login"), Value: c.Login},
			{Key: v.T("applicant.credentials.password"), Value: c.Password},
			{Key: v.T("applicant.credentials.until"), Value: v.Texts.DateTime(c.ExpiresAt)},
		})},
		Gone:    c.Password == "",
		Storage: govuk.Button{Text: v.T("applicant.credentials.storage"), Href: inLanguage(c.StorageURL, v.Texts.Language)},
		Steps:   texts(v, "applicant.credentials.step.", 3),
	})
	p.Back = pathOf(o.ID, stepCertificate)
	return v.Render(http.StatusOK, p)
}

// inLanguage asks a page outside of the portal, which does not know what the
// person reads here, for a language.
func inLanguage(address, language string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := u.Query()
	query.Set("lang", language)
	u.RawQuery = query.Encode()
	return u.String()
}
