package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// maxChosen is how many orders one confirmation can hold.
const maxChosen = 200

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
		if in.Email, err = order.ParseEmail(in.Email); err != nil || !deliverable(in.Email, s.Reach) {
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
