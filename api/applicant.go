package api

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/mailbox"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// acceptTerms takes the consent to both documents (S1).
func (s *Server) acceptTerms(c *gin.Context) error {
	var in workflows.AcceptTermsInput
	if err := readJSON(c, &in); err != nil {
		return err
	}
	view, err := s.openOwnOrder(c)
	if err != nil {
		return err
	}
	var snapshot workflows.OrderSnapshot
	if err := s.ask(c, view.Opening.WorkflowID, workflows.UpdateAcceptTerms, "", &snapshot, in); err != nil {
		return at(view, err)
	}
	return s.answerFresh(c, view)
}

// withdrawOrder takes an order back before it is paid (S10).
func (s *Server) withdrawOrder(c *gin.Context) error {
	view, err := s.openOwnOrder(c)
	if err != nil {
		return err
	}
	var snapshot workflows.OrderSnapshot
	if err := s.ask(c, view.Opening.WorkflowID, workflows.UpdateWithdraw, "", &snapshot); err != nil {
		return at(view, err)
	}
	return s.answerFresh(c, view)
}

func (s *Server) answerFresh(c *gin.Context, view postgres.OrderView) error {
	fresh, err := s.readOrder(c, view.ID, view.Opening.ApplicantKey)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, fresh)
	return nil
}

// at adds to a refusal where the order stands.
func at(view postgres.OrderView, err error) error {
	p := translate(err)
	return standing(p.slug, view, p.cause)
}

// submitRequest takes the request file and the contacts and answers with the
// verdict of the first check (S2–S6).
func (s *Server) submitRequest(c *gin.Context) error {
	view, err := s.openOwnOrder(c)
	if err != nil {
		return err
	}
	if view.State.Stage != order.StageRequest {
		return standing(problemWrongStage, view, nil)
	}
	upload, err := s.readUpload(c)
	if err != nil {
		return err
	}
	documentID := newID()
	err = s.Store.Documents.Put(c, activities.Document{
		ID: documentID, Kind: activities.DocumentRequest, MediaType: "application/pkcs10",
		OwnerKey: view.Opening.ApplicantKey, Content: upload.file,
	})
	if err != nil {
		return err
	}
	var result workflows.SubmitRequestResult
	in := workflows.SubmitRequestInput{RequestID: documentID, Contacts: upload.contacts, Years: upload.years}
	if err := s.ask(c, view.Opening.WorkflowID, workflows.UpdateSubmitRequest, documentID, &result, in); err != nil {
		return at(view, err)
	}
	fresh, err := s.readOrder(c, view.ID, view.Opening.ApplicantKey)
	if err != nil {
		return err
	}
	if !result.Accepted {
		return &problem{
			slug: problemRequestRejected, stage: fresh.Stage, end: fresh.End, order: view.ID, checks: checkViews(result.Report.Failed(), s.texts(c)),
		}
	}
	c.JSON(http.StatusOK, gin.H{"order": fresh, "checks": fresh.Checks})
	return nil
}

// upload is the form of S2.
type upload struct {
	file     []byte
	contacts order.Contacts
	years    int
}

// readUpload reads the multipart form part by part; nothing is written to disk.
func (s *Server) readUpload(c *gin.Context) (upload, error) {
	if err := mediaType(c, "multipart/form-data"); err != nil {
		return upload{}, err
	}
	reader, err := c.Request.MultipartReader()
	if err != nil {
		return upload{}, bodyProblem(err)
	}
	fields := map[string][]byte{}
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return upload{}, bodyProblem(err)
		}
		content, err := io.ReadAll(io.LimitReader(part, s.Limits.File+1))
		if err != nil {
			return upload{}, bodyProblem(err)
		}
		if int64(len(content)) > s.Limits.File {
			return upload{}, refuse(problemTooLarge, nil)
		}
		fields[part.FormName()] = content
	}
	return parseUpload(fields, s.Reach)
}

func parseUpload(fields map[string][]byte, reach mailbox.Reach) (upload, error) {
	var wrong []string
	if len(fields["file"]) == 0 {
		wrong = append(wrong, "file")
	}
	contacts, err := order.NewContacts(string(fields["email"]), string(fields["phone"]))
	if errors.Is(err, order.ErrEmail) || err == nil && !deliverable(contacts.Email, reach) {
		wrong = append(wrong, "email")
	}
	if errors.Is(err, order.ErrPhone) {
		wrong = append(wrong, "phone")
	}
	years := 0
	if text := strings.TrimSpace(string(fields["years"])); text != "" {
		if years, err = strconv.Atoi(text); err != nil || years < 1 || years > 3 {
			wrong = append(wrong, "years")
		}
	}
	if len(wrong) > 0 {
		return upload{}, invalid(wrong...)
	}
	return upload{file: fields["file"], contacts: contacts, years: years}, nil
}

// deliverable tells whether letters can go to an address, so that nobody waits
// for one that never comes.
func deliverable(email string, reach mailbox.Reach) bool {
	_, err := reach.Wire(email)
	return err == nil
}

// getCredentials shows login and password of the storage (I4).
func (s *Server) getCredentials(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	view, err := s.ownOrder(c, id, s.applicantKey(callerOf(c)))
	if err != nil {
		return err
	}
	if view.Credentials == nil {
		return standing(problemNoCredentials, view, nil)
	}
	out := gin.H{"login": view.Credentials.Login, "storageUrl": s.StorageURL, "expiresAt": inMinsk(view.Credentials.ExpiresAt)}
	if !s.Now().Before(view.Credentials.ExpiresAt) {
		// What opens nothing any more is not shown, whether it is destroyed yet or not.
		c.JSON(http.StatusOK, out)
		return nil
	}
	login, password, err := s.Secrets.Reveal(c, id)
	switch {
	case errors.Is(err, storage.ErrDelivered):
	case err != nil:
		return err
	default:
		actor := audit.Actor{Kind: audit.ActorApplicant, ID: view.Opening.ApplicantKey}
		if err := s.auditReading(c, audit.ActionCredentialsRevealed, actor, id); err != nil {
			return err
		}
		out["login"], out["password"] = string(login), password.Reveal()
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// reportActivation notes that the holder of a certificate that was issued here
// has signed in to the portal with it (I7).
func (s *Server) reportActivation(c *gin.Context) error {
	caller := callerOf(c)
	orderID, err := s.Activations.Activate(c, caller.Certificate, s.Now())
	if err != nil {
		return err
	}
	view, err := s.readOrder(c, orderID, s.applicantKey(caller))
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, view)
	return nil
}
