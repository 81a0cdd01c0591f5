package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/registers"
	"github.com/remote-issuance/remote-issuance/workflows"
)

// maxReason is the longest reason of a rejection in characters.
const maxReason = 500

// decisionWait is how long a rejection waits to be seen in the read model.
const decisionWait = 5 * time.Second

// manager is a caller who has been found to be the head of an organisation.
type manager struct {
	unp string
	// key is the keyed hash that stands for the person.
	key         string
	certificate *pki.Certificate
}

// headOf decides by certificate and EGR, not by the token, whether the caller
// is the head of the organisation they have chosen (M1).
func (s *Server) headOf(c *gin.Context) (manager, error) {
	caller := callerOf(c)
	certificate, err := pki.ParseCertificate(caller.Certificate)
	if err != nil {
		return manager{}, refuse(problemNotInForce, err)
	}
	if check := admission.Certificate(s.Trust, certificate, s.Now()); check.Verdict != order.VerdictPassed {
		p := refuse(problemNotInForce, nil)
		p.checks = checkViews(order.Report{check}, &texts{})
		return manager{}, p
	}
	if caller.UNP == "" {
		return manager{}, refuse(problemOrganisationMissing, nil)
	}
	head, err := registers.Definite(s.Heads.Head(c, caller.UNP))
	if err != nil {
		return manager{}, err
	}
	if report := registers.CompareCaller(certificate.Subject(), head); !report.Passed() {
		p := refuse(problemNotManager, nil)
		for _, check := range checkViews(report.Failed(), &texts{}) {
			// The register's data about another person are not for the caller.
			check.Expected = ""
			p.checks = append(p.checks, check)
		}
		return manager{}, p
	}
	return manager{unp: string(caller.UNP), key: s.managerKey(caller), certificate: certificate}, nil
}

func (s *Server) managerKey(caller auth.Caller) string {
	return s.Hash("manager\x00" + string(caller.PersonalNumber) + "\x00" + string(caller.UNP))
}

// organisationOrderView is an order as the manager sees it (M2).
type organisationOrderView struct {
	ID             string      `json:"id"`
	Number         string      `json:"number"`
	Name           string      `json:"name,omitempty"`
	Stage          order.Stage `json:"stage"`
	End            order.End   `json:"end,omitempty"`
	Position       string      `json:"position,omitempty"`
	NewPosition    string      `json:"newPosition,omitempty"`
	Years          int         `json:"years,omitempty"`
	ReceivedAt     time.Time   `json:"receivedAt"`
	ConfirmBy      *time.Time  `json:"confirmBy,omitempty"`
	PayBy          time.Time   `json:"payBy"`
	Approved       bool        `json:"approved"`
	ConfirmationID string      `json:"confirmationId,omitempty"`
}

// listOrganisationOrders shows the manager what can be confirmed or paid (M2, M3).
func (s *Server) listOrganisationOrders(c *gin.Context) error {
	n, err := page(c)
	if err != nil {
		return err
	}
	m, err := s.headOf(c)
	if err != nil {
		return err
	}
	list, err := s.Store.Organisation.Page(c, m.unp, s.Now(), n-1)
	if err != nil {
		return err
	}
	employees := make([]gin.H, 0, len(list.Groups))
	for _, g := range list.Groups {
		rows := make([]organisationOrderView, 0, len(g.Rows))
		for _, r := range g.Rows {
			rows = append(rows, rowView(r))
		}
		employees = append(employees, gin.H{"name": fullName(g.Rows[0].Subject), "orders": rows})
	}
	c.JSON(http.StatusOK, gin.H{"page": n, "pages": list.Pages, "total": list.Orders, "employees": employees})
	return nil
}

func rowView(r postgres.OrganisationRow) organisationOrderView {
	was, becomes := positions(r.Current, r.Subject)
	return organisationOrderView{
		ID: r.OrderID, Number: strconv.FormatInt(r.Number, 10), Name: fullName(r.Subject), Stage: r.Stage,
		Position: was, NewPosition: becomes, Years: r.Years, ReceivedAt: inMinsk(r.ReceivedAt),
		ConfirmBy: optional(r.ConfirmBy), PayBy: inMinsk(r.PayBy), Approved: r.Approved, ConfirmationID: r.HeldBy,
	}
}

func fullName(s order.Subject) string {
	return strings.Join(strings.Fields(s.Surname+" "+s.GivenName+" "+s.Patronymic), " ")
}

// positions are the present one and, where it changes, the new one (S4, M5).
func positions(current, requested order.Subject) (was, becomes string) {
	was, becomes = current.Workplace(), requested.Workplace()
	if becomes == was {
		becomes = ""
	}
	return was, becomes
}

// rejectOrder says no to one order (M4). The decision travels as a signal; the
// answer waits until it is seen.
func (s *Server) rejectOrder(c *gin.Context) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := readJSON(c, &in); err != nil {
		return err
	}
	if longer(in.Reason, maxReason) {
		return invalid("reason")
	}
	m, err := s.headOf(c)
	if err != nil {
		return err
	}
	view, err := s.organisationOrder(c, m)
	if err != nil {
		return err
	}
	rejected := workflows.Rejected{By: m.key, Note: strings.TrimSpace(in.Reason)}
	if err := s.Temporal.SignalWorkflow(c, view.Opening.WorkflowID, "", workflows.SignalRejected, rejected); err != nil {
		return err
	}
	view, err = awaitChange(c, s.Changes, view.ID, s.decisionWait, func(ctx context.Context) (postgres.OrderView, bool, error) {
		v, err := s.Store.Orders.Order(ctx, view.ID)
		return v, !v.State.Stage.Open(), err
	})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if view.State.Stage.Open() {
		status = http.StatusAccepted
	}
	c.JSON(status, decidedView(view))
	return nil
}

func decidedView(v postgres.OrderView) organisationOrderView {
	out := organisationOrderView{
		ID: v.ID, Number: strconv.FormatInt(v.Opening.Number, 10), Stage: v.State.Stage, End: v.State.End,
		ReceivedAt: inMinsk(v.State.UploadedAt), PayBy: inMinsk(v.State.PayBy), Approved: !v.State.ApprovedAt.IsZero(),
	}
	if v.Request != nil {
		out.Name, out.Years = fullName(v.Request.Subject), v.Request.Years
		out.Position, out.NewPosition = positions(v.Request.Current, v.Request.Subject)
	}
	return out
}

// organisationOrder reads an order that the manager can decide about.
func (s *Server) organisationOrder(c *gin.Context, m manager) (postgres.OrderView, error) {
	id, err := pathID(c)
	if err != nil {
		return postgres.OrderView{}, err
	}
	view, err := s.Store.Orders.Order(c, id)
	if err == nil && (view.Opening.UNP != m.unp || !view.Opening.Service.NeedsApproval()) {
		err = activities.ErrNotFound
	}
	if err != nil {
		return view, err
	}
	switch view.State.Stage {
	case order.StageAwaitingApproval, order.StageAwaitingPayment:
		return view, nil
	case order.StageEnded:
		return view, standing(problemOrderEnded, view, nil)
	case order.StageTerms, order.StageRequest, order.StageChecking, order.StageIssuing:
		return view, standing(problemWrongStage, view, nil)
	default:
		return view, errors.New("unknown stage " + string(view.State.Stage))
	}
}
