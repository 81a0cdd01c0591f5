package applicant

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// consent is one document to be accepted.
type consent struct {
	ID, Text, Error string
	Checked         bool
	Read            govuk.Link
}

// terms shows both documents on offer (S1).
func terms(v *web.Visit, o contract.Order) error { return showTerms(v, o, http.StatusOK, nil, nil) }

// showTerms shows the page with the boxes that are ticked and the errors of those that are not.
func showTerms(v *web.Visit, o contract.Order, status int, ticked, missing map[string]bool) error {
	offer, err := v.API.Terms(v.Request.Context())
	if err != nil {
		return err
	}
	var consents []consent
	var errors govuk.ErrorSummary
	for _, d := range []struct {
		id  string
		doc contract.TermsDocument
	}{{"agreement", offer.Agreement}, {"contract", offer.Contract}} {
		c := consent{
			ID: d.id, Text: v.T("applicant.terms." + d.id), Checked: ticked[d.id],
			Read: govuk.Link{Text: v.T("applicant.terms."+d.id+".read", "version", d.doc.Version), Href: d.doc.URL},
		}
		if missing[d.id] {
			c.Error = v.T("applicant.terms." + d.id + ".missing")
			errors.Items = append(errors.Items, govuk.Link{Text: c.Error, Href: "#" + d.id})
		}
		consents = append(consents, c)
	}
	errors.Title = v.T("common.error-summary")
	p := page(v, o, "terms", v.T("applicant.terms.title"), struct {
		Consents                []consent
		Agreement, ContractText string
		Lost                    string
		Continue                govuk.Button
	}{consents, offer.Agreement.Version, offer.Contract.Version, lost(v, o), govuk.Button{Text: v.T("applicant.terms.accept"), Once: true}})
	p.Errors = errors
	return v.Render(status, p)
}

// acceptTerms accepts both documents in the versions that were shown.
func acceptTerms(v *web.Visit, o contract.Order) error {
	ticked := map[string]bool{"agreement": v.Form.Get("agreement") != "", "contract": v.Form.Get("contract") != ""}
	if !ticked["agreement"] || !ticked["contract"] {
		missing := map[string]bool{"agreement": !ticked["agreement"], "contract": !ticked["contract"]}
		return showTerms(v, o, http.StatusUnprocessableEntity, ticked, missing)
	}
	accepted, err := v.API.AcceptTerms(v.Request.Context(), o.ID, contract.AcceptTerms{
		AgreementVersion: v.Form.Get("agreement-version"), ContractVersion: v.Form.Get("contract-version"),
	})
	switch {
	case client.Is(err, "terms-outdated"):
		return v.RedirectNoting(pathOf(o.ID, stepTerms), "applicant.notice.terms-outdated")
	case client.Is(err, "wrong-stage", "busy"):
		return v.Redirect(pathOf(o.ID, ""))
	case err != nil:
		return err
	}
	return v.Redirect(pathOf(o.ID, stepOf(accepted)))
}
