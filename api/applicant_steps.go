package api

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// step reads the open order in the path for an applicant who may take a step
// with it now (A1c).
func (a *applicants) step(c *gin.Context) (postgres.OrderView, draft.Applicant, error) {
	view, err := a.own(c)
	if err != nil {
		return view, draft.Applicant{}, err
	}
	applicant, err := a.admit(c, view.Record.Service)
	if err != nil {
		return view, applicant, err
	}
	if !view.Record.Stage.Open() {
		return view, applicant, web.Standing(web.ProblemOrderEnded, view.Record, nil)
	}
	return view, applicant, nil
}

// acceptTerms takes the consent to both documents (S1).
func (a *applicants) acceptTerms(c *gin.Context) error {
	var in contract.AcceptTerms
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	view, _, err := a.step(c)
	if err != nil {
		return err
	}
	var missing []string
	if in.AgreementVersion == "" || web.Longer(in.AgreementVersion, maxTermsVersion) {
		missing = append(missing, "agreementVersion")
	}
	if in.ContractVersion == "" || web.Longer(in.ContractVersion, maxTermsVersion) {
		missing = append(missing, "contractVersion")
	}
	if missing != nil {
		return web.Invalid(missing...)
	}
	rec, err := a.drafts.AcceptTerms(c.Request.Context(), view.Record, in.AgreementVersion, in.ContractVersion)
	if err != nil {
		return web.At(rec, err)
	}
	view.Record = rec
	return a.answer(c, view)
}

// maxTermsVersion is the longest version of a document in characters.
const maxTermsVersion = 64

// withdrawOrder takes an order back before it is paid (S10).
func (a *applicants) withdrawOrder(c *gin.Context) error {
	view, _, err := a.step(c)
	if err != nil {
		return err
	}
	if err := a.rates.Spend(web.ActionNotify, a.person(web.CallerOf(c)), a.now()); err != nil {
		return err
	}
	if view.Record.Stage.Draft() {
		err = a.drafts.Withdraw(c.Request.Context(), view.Record)
	} else {
		err = a.withdrawals.Withdraw(c.Request.Context(), view.Record)
	}
	if err != nil {
		fresh, readErr := a.orders.Order(c.Request.Context(), view.Record.ID)
		if readErr != nil {
			fresh = view
		}
		return web.At(fresh.Record, err)
	}
	return a.answerFresh(c, view.Record.ID)
}

func (a *applicants) answerFresh(c *gin.Context, id order.ID) error {
	view, err := a.orders.Order(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return a.answer(c, view)
}

// submitRequest takes the request file and the contacts and answers with the
// verdict of the first check (S2–S6).
func (a *applicants) submitRequest(c *gin.Context) error {
	view, applicant, err := a.step(c)
	if err != nil {
		return err
	}
	if view.Record.Stage != order.StageRequest {
		return web.Standing(web.ProblemWrongStage, view.Record, nil)
	}
	upload, err := readUpload(c, a.file, a.reach)
	if err != nil {
		return err
	}
	if err := a.rates.Spend(web.ActionUpload, a.person(web.CallerOf(c)), a.now()); err != nil {
		return err
	}
	rec, report, err := a.drafts.Upload(c.Request.Context(), view.Record, applicant, upload)
	if err != nil {
		return web.At(rec, refusal(err))
	}
	if !report.Passed() {
		p := web.Standing(web.ProblemRequestRejected, rec, nil)
		p.Checks = report.Failed()
		return p
	}
	if view, err = a.orders.Order(c.Request.Context(), rec.ID); err != nil {
		return err
	}
	out, err := a.view(c, view)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, contract.Verdict{Order: out, Checks: out.Checks})
	return nil
}
