package api

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// maxChosen is how many orders one confirmation can hold.
const maxChosen = 200

// maxSignature is the largest CMS signature in octets.
const maxSignature = 64 << 10

// confirmationView is a confirmation as the manager follows it.
type confirmationView struct {
	ID         string                       `json:"id"`
	Stage      activities.ConfirmationStage `json:"stage"`
	Version    int64                        `json:"version"`
	OpenedAt   time.Time                    `json:"openedAt"`
	SignedAt   *time.Time                   `json:"signedAt,omitempty"`
	ListSHA256 string                       `json:"listSha256,omitempty"`
	Number     string                       `json:"number,omitempty"`
	Total      string                       `json:"total,omitempty"`
	PayBy      *time.Time                   `json:"payBy,omitempty"`
	Next       nextView                     `json:"next"`
	Orders     []chosenView                 `json:"orders"`
}

type chosenView struct {
	ID          string `json:"id"`
	Number      string `json:"number,omitempty"`
	Name        string `json:"name,omitempty"`
	Position    string `json:"position,omitempty"`
	NewPosition string `json:"newPosition,omitempty"`
	Years       int    `json:"years,omitempty"`
	Amount      string `json:"amount,omitempty"`
	State       string `json:"state"`
}

// makeList chooses orders and starts their confirmation (M5).
func (s *Server) makeList(c *gin.Context) error {
	var in struct {
		Orders []string `json:"orders"`
		Email  string   `json:"email"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	m, err := s.headOf(c)
	if err != nil {
		return err
	}
	chosen, err := s.chosen(c, m, in.Orders)
	if err != nil {
		return err
	}
	if in.Email != "" {
		if in.Email, err = order.ParseEmail(in.Email); err != nil {
			return invalid("email")
		}
	}
	input, err := s.confirmationInput(c, m, chosen, in.Email)
	if err != nil {
		return err
	}
	var snapshot workflows.ConfirmationSnapshot
	if err := s.open(c, workflows.UpdateOpen, confirmationStart(input), &snapshot); err != nil {
		return err
	}
	if snapshot.Stage == activities.ConfirmationVoid {
		return refuse(problemNothingToConfirm, nil)
	}
	view, err := s.Store.Organisation.Confirmation(c, input.ConfirmationID)
	if err != nil {
		return err
	}
	c.Header("Location", "/v1/confirmations/"+view.ID)
	c.JSON(http.StatusCreated, s.confirmationView(c, view))
	return nil
}

// chosen checks that all orders are the organisation's: one that is not is not found.
func (s *Server) chosen(c *gin.Context, m manager, ids []string) ([]string, error) {
	if len(ids) == 0 || len(ids) > maxChosen {
		return nil, invalid("orders")
	}
	chosen := make([]string, 0, len(ids))
	for _, text := range ids {
		id, err := uuid.Parse(text)
		if err != nil || slices.Contains(chosen, id.String()) {
			return nil, invalid("orders")
		}
		view, err := s.Store.Orders.Order(c, id.String())
		if err == nil && (view.Opening.UNP != m.unp || !view.Opening.Service.NeedsApproval()) {
			err = activities.ErrNotFound
		}
		if err != nil {
			return nil, err
		}
		chosen = append(chosen, id.String())
	}
	return chosen, nil
}

func (s *Server) confirmationInput(c *gin.Context, m manager, chosen []string, email string) (workflows.ConfirmationInput, error) {
	in := workflows.ConfirmationInput{
		ConfirmationID: newID(), UNP: m.unp, ManagerKey: m.key, OrderIDs: chosen, Email: email,
		Language: s.texts(c).Language, Policy: s.Policy,
		CertificateID: uuid.NewSHA1(uuid.NameSpaceOID, append([]byte("certificate:"), m.certificate.Raw...)).String(),
	}
	err := s.Store.Documents.Put(c, activities.Document{
		ID: in.CertificateID, Kind: activities.DocumentCertificate, MediaType: "application/pkix-cert",
		OwnerKey: m.key, Content: m.certificate.Raw,
	})
	if err != nil {
		return in, err
	}
	_, err = s.Keys.Begin(c, workflows.ConfirmationWorkflowID(in.ConfirmationID), in.ConfirmationID)
	return in, err
}

func confirmationStart(in workflows.ConfirmationInput) start {
	return start{
		id: workflows.ConfirmationWorkflowID(in.ConfirmationID), workflow: workflows.ConfirmationWorkflow, input: in,
		summary: "Confirmation of " + strconv.Itoa(len(in.OrderIDs)) + " orders",
		attributes: temporal.NewSearchAttributes(
			workflows.AttributeService.ValueSet(string(order.ServiceManager)),
			workflows.AttributeOrganisation.ValueSet(in.UNP),
			workflows.AttributeStage.ValueSet(workflows.StageOpen),
		),
	}
}

func (s *Server) listConfirmations(c *gin.Context) error {
	m, err := s.headOf(c)
	if err != nil {
		return err
	}
	list, err := s.Store.Organisation.Confirmations(c, m.unp, s.Now().Add(-shownFor), maxOrders)
	if err != nil {
		return err
	}
	views := make([]confirmationView, 0, len(list))
	for _, v := range list {
		views = append(views, s.confirmationView(c, v))
	}
	c.JSON(http.StatusOK, gin.H{"confirmations": views})
	return nil
}

// getConfirmation answers one confirmation, at once or when it has changed.
func (s *Server) getConfirmation(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	after, wait, err := waiting(c)
	if err != nil {
		return err
	}
	m, err := s.headOf(c)
	if err != nil {
		return err
	}
	view, err := awaitChange(c, s.Changes, id, wait, func(ctx context.Context) (postgres.ConfirmationView, bool, error) {
		v, err := s.ownConfirmation(ctx, id, m)
		return v, v.State.Version > after, err
	})
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, s.confirmationView(c, view))
	return nil
}

func (s *Server) ownConfirmation(ctx context.Context, id string, m manager) (postgres.ConfirmationView, error) {
	view, err := s.Store.Organisation.Confirmation(ctx, id)
	if err == nil && view.Opening.UNP != m.unp {
		err = activities.ErrNotFound
	}
	return view, err
}

// managed reads the confirmation in the path for its manager.
func (s *Server) managed(c *gin.Context) (postgres.ConfirmationView, error) {
	id, err := pathID(c)
	if err != nil {
		return postgres.ConfirmationView{}, err
	}
	m, err := s.headOf(c)
	if err != nil {
		return postgres.ConfirmationView{}, err
	}
	return s.ownConfirmation(c, id, m)
}

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

func (s *Server) confirmationView(c *gin.Context, v postgres.ConfirmationView) confirmationView {
	st := v.State
	out := confirmationView{
		ID: v.ID, Stage: st.Stage, Version: st.Version, OpenedAt: inMinsk(v.Opening.StartedAt), SignedAt: optional(st.SignedAt),
		Next: nextView{WaitsFor: confirmationActor(st.Stage), Until: optional(st.Until), Text: s.texts(c).Next["confirmation-"+string(st.Stage)]},
	}
	if st.Number != 0 {
		out.Number, out.Total = order.PaymentNumber(st.Number).ERIP(), st.Total.String()
	}
	if st.Stage == activities.ConfirmationPayment {
		out.PayBy = optional(st.Until)
	}
	if st.ListID != "" {
		if doc, err := s.Store.Documents.Get(c, st.ListID); err == nil {
			out.ListSHA256 = hex.EncodeToString(doc.SHA256[:])
		}
	}
	out.Orders = chosenViews(v)
	return out
}

func confirmationActor(stage activities.ConfirmationStage) order.Actor {
	switch stage {
	case activities.ConfirmationSigning, activities.ConfirmationPayment:
		return order.ActorManager
	case activities.ConfirmationIssuing:
		return order.ActorSystem
	case activities.ConfirmationFinished, activities.ConfirmationLapsed, activities.ConfirmationVoid:
		return order.ActorNobody
	default:
		return order.ActorNobody
	}
}

func chosenViews(v postgres.ConfirmationView) []chosenView {
	out := make([]chosenView, 0, len(v.State.OrderIDs))
	lines := map[string]postgres.ConfirmationLine{}
	for _, l := range v.Lines {
		lines[l.OrderID] = l
	}
	for _, id := range v.State.OrderIDs {
		view := chosenView{ID: id, State: "chosen"}
		switch {
		case slices.Contains(v.State.IssuedIDs, id):
			view.State = "issued"
		case slices.Contains(v.State.LeftIDs, id):
			view.State = "left"
		case v.State.Stage == activities.ConfirmationPayment || v.State.Stage == activities.ConfirmationIssuing:
			view.State = "approved"
		}
		if l, ok := lines[id]; ok {
			view.Number, view.Name, view.Years = strconv.FormatInt(l.Number, 10), fullName(l.Subject), l.Years
			view.Position, view.NewPosition = positions(l.Current, l.Subject)
			if l.Price != 0 {
				view.Amount = l.Price.String()
			}
		}
		out = append(out, view)
	}
	return out
}
