package api

import (
	"errors"
	"io"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/approval/page"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// maxSignature is the largest CMS signature in octets.
const maxSignature = 64 << 10

// downloadList gives the list as the exact bytes to sign or as a page (M5).
func (m *managers) downloadList(c *gin.Context) error {
	view, err := m.own(c)
	if err != nil {
		return err
	}
	if view.Confirmation.ListID.IsZero() {
		return web.Refuse(web.ProblemNotFound, errors.New("all orders were approved before: there is no list"))
	}
	doc, err := m.documents.Get(c.Request.Context(), view.Confirmation.ListID)
	if err != nil {
		return err
	}
	name := "perechen-" + strconv.FormatInt(view.Confirmation.ListNumber, 10)
	switch c.DefaultQuery("format", "xml") {
	case "xml":
		c.Header("Content-Disposition", `attachment; filename="`+name+`.xml"`)
		c.Data(http.StatusOK, list.MediaType, doc.Content)
	case "pdf":
		pdf, err := page.PDF(doc.Content)
		if err != nil {
			return err
		}
		c.Header("Content-Disposition", `attachment; filename="`+name+`.pdf"`)
		c.Data(http.StatusOK, "application/pdf", pdf)
	default:
		return web.Invalid("format")
	}
	return nil
}

// signList takes the signature over the list (M6, M8).
func (m *managers) signList(c *gin.Context) error {
	if err := web.MediaType(c, "application/pkcs7-signature", "application/octet-stream"); err != nil {
		return err
	}
	view, err := m.own(c)
	if err != nil {
		return err
	}
	signature, err := io.ReadAll(io.LimitReader(c.Request.Body, maxSignature+1))
	switch {
	case err != nil:
		return web.BodyProblem(err)
	case len(signature) > maxSignature:
		return web.Refuse(web.ProblemTooLarge, nil)
	case len(signature) == 0:
		return web.Refuse(web.ProblemMalformed, errors.New("no signature in the body"))
	case view.Confirmation.Stage != order.ConfirmationSigning:
		return web.Refuse(web.ProblemWrongStage, errors.New("confirmation is "+string(view.Confirmation.Stage)))
	}
	if err := m.rates.Spend(web.ActionMakeList, m.person(web.CallerOf(c)), m.now()); err != nil {
		return err
	}
	signed, err := m.approvals.Sign(c.Request.Context(), view.Confirmation, signature)
	var rejected *approval.RejectedError
	if errors.As(err, &rejected) {
		return web.Failed(web.ProblemSignatureRejected, rejected.Report)
	}
	if err != nil {
		return err
	}
	fresh, err := m.confirmations.View(c.Request.Context(), signed.ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, m.confirmationView(c, fresh))
	return nil
}
