package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"go.temporal.io/sdk/temporal"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// shownFor is how long ended orders stay in the list of current ones' history.
const shownFor = 366 * 24 * time.Hour

// maxOrders bounds a list of one person's orders.
const maxOrders = 100

func (s *Server) getTerms(c *gin.Context) error {
	c.JSON(http.StatusOK, gin.H{"agreement": s.Offer.Agreement, "contract": s.Offer.Contract})
	return nil
}

// openOrder opens an order or answers with the open one (A6).
func (s *Server) openOrder(c *gin.Context) error {
	var in struct {
		Service string `json:"service"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	service, err := order.ParseService(in.Service)
	if err != nil {
		return invalid("service")
	}
	caller := callerOf(c)
	certificate, err := s.admit(caller, service)
	if err != nil {
		return err
	}
	input, err := s.orderInput(c, caller, service, certificate)
	if err != nil {
		return err
	}
	workflowID := workflows.OrderWorkflowID(service, input.ApplicantKey)
	if _, err := s.Keys.Begin(c, workflowID, input.OrderID); err != nil {
		return err
	}
	var snapshot workflows.OrderSnapshot
	if err := s.open(c, workflows.UpdateOpen, orderStart(workflowID, input), &snapshot); err != nil {
		return err
	}
	view, err := s.readOrder(c, snapshot.OrderID, input.ApplicantKey)
	if err != nil {
		return err
	}
	status := http.StatusCreated
	if view.Resumed = snapshot.OrderID != input.OrderID; view.Resumed {
		status = http.StatusOK
	}
	c.Header("Location", "/v1/orders/"+view.ID)
	c.JSON(status, view)
	return nil
}

// admit decides who may order at all (A1–A3).
func (s *Server) admit(caller auth.Caller, service order.Service) (*pki.Certificate, error) {
	certificate, err := pki.ParseCertificate(caller.Certificate)
	if err != nil {
		return nil, refuse(problemNotInForce, err)
	}
	report := admission.Check(s.Trust, admission.Applicant{
		Service: service, Certificate: certificate, UNP: caller.UNP, Representative: caller.Representative,
	}, s.Now())
	if report.Passed() {
		return certificate, nil
	}
	p := refuse(admissionProblem(report), nil)
	p.checks = checkViews(report.Failed(), &texts{})
	return nil, p
}

func admissionProblem(report order.Report) slug {
	switch report.Failed()[0].Code {
	case order.CheckIDCard:
		return problemIDCard
	case order.CheckRepresentative:
		return problemRepresentative
	case order.CheckOrganisation:
		return problemOrganisationMissing
	default:
		return problemNotInForce
	}
}

// orderInput proposes a new order; it is used only when none is open.
func (s *Server) orderInput(c *gin.Context, caller auth.Caller, service order.Service, certificate *pki.Certificate) (workflows.OrderInput, error) {
	key := s.applicantKey(caller)
	certificateID := uuid.NewSHA1(uuid.NameSpaceOID, append([]byte("certificate:"), certificate.Raw...)).String()
	err := s.Store.Documents.Put(c, activities.Document{
		ID: certificateID, Kind: activities.DocumentCertificate, MediaType: "application/pkix-cert", OwnerKey: key, Content: certificate.Raw,
	})
	if err != nil {
		return workflows.OrderInput{}, err
	}
	number, err := s.Store.Records.NextOrderNumber(c)
	if err != nil {
		return workflows.OrderInput{}, err
	}
	return workflows.OrderInput{
		OrderID: newID(), Number: number, Service: service, Kind: kindOf(certificate), ApplicantKey: key, UNP: string(caller.UNP),
		CertificateID: certificateID, Language: s.texts(c).Language, Policy: s.Policy,
		AgreementVersion: s.Offer.Agreement.Version, ContractVersion: s.Offer.Contract.Version,
	}, nil
}

// kindOf tells the kind of applicant from the certificate, not from the account
// chosen on the portal (A1d); who is admitted has one that can be told.
func kindOf(certificate *pki.Certificate) order.Kind {
	kind, _ := admission.KindOf(certificate)
	return kind
}

// applicantKey is the keyed hash of person and organisation: whose order it is.
func (s *Server) applicantKey(caller auth.Caller) string {
	return s.Hash("applicant\x00" + string(caller.PersonalNumber) + "\x00" + string(caller.UNP))
}

func orderStart(workflowID string, in workflows.OrderInput) start {
	attributes := []temporal.SearchAttributeUpdate{
		workflows.AttributeNumber.ValueSet(strconv.FormatInt(in.Number, 10)),
		workflows.AttributeService.ValueSet(string(in.Service)),
		workflows.AttributeStage.ValueSet(workflows.StageOpen),
	}
	if in.Service.NeedsApproval() {
		attributes = append(attributes, workflows.AttributeOrganisation.ValueSet(in.UNP))
	}
	return start{
		id: workflowID, workflow: workflows.OrderWorkflow, input: in,
		summary:    "Order " + strconv.FormatInt(in.Number, 10) + " of service " + string(in.Service),
		attributes: temporal.NewSearchAttributes(attributes...),
	}
}

func (s *Server) listOrders(c *gin.Context) error {
	since := s.Now()
	switch c.DefaultQuery("state", "open") {
	case "open":
	case "all":
		since = since.Add(-shownFor)
	default:
		return refuse(problemMalformed, errors.New("state is open or all"))
	}
	list, err := s.Store.Orders.OrdersOfApplicant(c, s.applicantKey(callerOf(c)), since, maxOrders)
	if err != nil {
		return err
	}
	views := make([]orderView, 0, len(list))
	for _, v := range list {
		views = append(views, s.orderView(v, s.texts(c)))
	}
	c.JSON(http.StatusOK, gin.H{"orders": views})
	return nil
}

// getOrder answers one order, at once or when it has changed.
func (s *Server) getOrder(c *gin.Context) error {
	id, err := pathID(c)
	if err != nil {
		return err
	}
	after, wait, err := waiting(c)
	if err != nil {
		return err
	}
	key := s.applicantKey(callerOf(c))
	view, err := awaitChange(c, s.Changes, id, wait, func(ctx context.Context) (postgres.OrderView, bool, error) {
		v, err := s.ownOrder(ctx, id, key)
		return v, v.State.Version > after, err
	})
	if err != nil {
		return err
	}
	out := s.orderView(view, s.texts(c))
	return s.answerOrder(c, out, key)
}

// answerOrder adds the contacts of the last order before the upload (S2).
func (s *Server) answerOrder(c *gin.Context, view orderView, key string) error {
	if view.Contacts == nil && view.Stage.Open() {
		contacts, ok, err := s.Store.Orders.LastContacts(c, key)
		if err != nil {
			return err
		}
		if ok {
			view.Contacts = &contactsView{Email: contacts.Email, Phone: contacts.Phone}
		}
	}
	c.JSON(http.StatusOK, view)
	return nil
}

// ownOrder reads an order of the caller; somebody else's is not found.
func (s *Server) ownOrder(ctx context.Context, id, key string) (postgres.OrderView, error) {
	view, err := s.Store.Orders.Order(ctx, id)
	if err == nil && view.Opening.ApplicantKey != key {
		err = activities.ErrNotFound
	}
	return view, err
}

// openOwnOrder reads an order of the caller that has not ended.
func (s *Server) openOwnOrder(c *gin.Context) (postgres.OrderView, error) {
	id, err := pathID(c)
	if err != nil {
		return postgres.OrderView{}, err
	}
	view, err := s.ownOrder(c, id, s.applicantKey(callerOf(c)))
	if err != nil {
		return postgres.OrderView{}, err
	}
	if !view.State.Stage.Open() {
		return view, standing(problemOrderEnded, view, nil)
	}
	return view, nil
}

func (s *Server) readOrder(c *gin.Context, id, key string) (orderView, error) {
	view, err := s.ownOrder(c, id, key)
	return s.orderView(view, s.texts(c)), err
}
