package api

import (
	"errors"
	"io"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// maxSignature is the largest CMS signature in octets.
const maxSignature = 64 << 10

// downloadList gives the list as the exact bytes to sign or as a page (M5).
func (s *Server) downloadList(c *gin.Context) error {
	view, err := s.managed(c)
	if err != nil {
		return err
	}
	if view.State.ListID == "" {
		return refuse(problemNotFound, errors.New("all orders were approved before: there is no list"))
	}
	doc, err := s.Store.Documents.Get(c, view.State.ListID)
	if err != nil {
		return err
	}
	switch c.DefaultQuery("format", "json") {
	case "json":
		c.Header("Content-Disposition", `attachment; filename="list-`+view.ID+`.json"`)
		c.Data(http.StatusOK, "application/json", doc.Content)
	case "pdf":
		list, err := approval.Parse(doc.Content)
		if err != nil {
			return err
		}
		pdf, err := approval.PDF(list)
		if err != nil {
			return err
		}
		c.Header("Content-Disposition", `attachment; filename="list-`+view.ID+`.pdf"`)
		c.Data(http.StatusOK, "application/pdf", pdf)
	default:
		return refuse(problemMalformed, errors.New("format is json or pdf"))
	}
	return nil
}

// signList takes the signature over the list (M6, M8).
func (s *Server) signList(c *gin.Context) error {
	if err := mediaType(c, "application/pkcs7-signature", "application/octet-stream"); err != nil {
		return err
	}
	view, err := s.managed(c)
	if err != nil {
		return err
	}
	signature, err := io.ReadAll(io.LimitReader(c.Request.Body, maxSignature+1))
	switch {
	case err != nil:
		return bodyProblem(err)
	case len(signature) > maxSignature:
		return refuse(problemTooLarge, nil)
	case len(signature) == 0:
		return refuse(problemMalformed, errors.New("no signature in the body"))
	case view.State.Stage != activities.ConfirmationSigning:
		return refuse(problemWrongStage, errors.New("confirmation is "+string(view.State.Stage)))
	}
	documentID := newID()
	err = s.Store.Documents.Put(c, activities.Document{
		ID: documentID, Kind: activities.DocumentSignature, MediaType: "application/pkcs7-signature",
		OwnerKey: view.Opening.UNP, Content: signature,
	})
	if err != nil {
		return err
	}
	var result workflows.SignListResult
	in := workflows.SignListInput{SignatureID: documentID}
	if err := s.ask(c, view.Opening.WorkflowID, workflows.UpdateSignList, documentID, &result, in); err != nil {
		return err
	}
	if !result.Accepted {
		return &problem{slug: problemSignatureRejected, checks: checkViews(result.Report, s.texts(c))}
	}
	fresh, err := s.Store.Organisation.Confirmation(c, view.ID)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, s.confirmationView(c, fresh))
	return nil
}
