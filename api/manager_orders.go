package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// listOrders shows the manager what can be confirmed or paid (M2, M3).
func (m *managers) listOrders(c *gin.Context) error {
	n, err := web.Page(c)
	if err != nil {
		return err
	}
	size, err := web.PageSize(c, 5, 10, 20, 50)
	if err != nil {
		return err
	}
	who, err := m.headOf(c)
	if err != nil {
		return err
	}
	list, err := m.confirmations.Page(c.Request.Context(), who.unp, m.now(), n-1, size)
	if err != nil {
		return err
	}
	employees := make([]contract.Employee, 0, len(list.Groups))
	for _, g := range list.Groups {
		rows := make([]contract.OrganisationOrder, 0, len(g.Rows))
		for _, r := range g.Rows {
			rows = append(rows, rowView(r))
		}
		employees = append(employees, contract.Employee{Name: fullName(g.Rows[0].Request.Subject), Orders: rows})
	}
	c.JSON(http.StatusOK, contract.OrganisationOrders{Page: n, Pages: list.Pages, Total: list.Orders, Employees: employees})
	return nil
}

func rowView(r postgres.OrganisationRow) contract.OrganisationOrder {
	was, becomes := positions(r.Request.Current, r.Request.Subject)
	return contract.OrganisationOrder{
		ID: r.Record.ID, Number: strconv.FormatInt(r.Record.Number, 10), Name: fullName(r.Request.Subject), Stage: r.Record.Stage,
		Position: was, NewPosition: becomes, Years: r.Request.Years, ReceivedAt: inMinsk(r.Record.UploadedAt),
		ConfirmBy: confirmBy(r.Record), PayBy: inMinsk(r.Record.PayBy), Approved: !r.Record.ApprovedAt.IsZero(), ConfirmationID: r.HeldBy,
	}
}

// confirmBy is given while the order waits for approval (D1).
func confirmBy(r order.Record) time.Time {
	if r.Stage != order.StageAwaitingApproval {
		return time.Time{}
	}
	return inMinsk(r.Until)
}

// getOrder shows the details of one order (M2).
func (m *managers) getOrder(c *gin.Context) error {
	view, _, err := m.ofOrganisation(c)
	if err != nil {
		return err
	}
	if view.Request == nil {
		// A draft is its applicant's alone.
		return order.ErrNotFound
	}
	out := contract.OrganisationOrderDetails{
		Order: decidedView(view), PersonalNumber: view.Request.Subject.PersonalNumber,
		RequestedStart: view.Request.RequestedStart.String(), Checks: m.Texts(c).CheckViews(fullReport(view)), Registers: registerAnswers(view),
	}
	price, err := m.tariff.Price(view.Record.Service, view.Record.Kind, view.Request.Years, m.now())
	if err == nil {
		out.Price = price.String()
	} else if !errors.Is(err, order.ErrNoPrice) {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

func decidedView(v postgres.OrderView) contract.OrganisationOrder {
	r := v.Record
	out := contract.OrganisationOrder{
		ID: r.ID, Number: strconv.FormatInt(r.Number, 10), Stage: r.Stage, End: r.End, ReceivedAt: inMinsk(r.UploadedAt),
		ConfirmBy: confirmBy(r), PayBy: inMinsk(r.PayBy), Approved: !r.ApprovedAt.IsZero(), ConfirmationID: r.ConfirmationID,
	}
	if v.Request != nil {
		out.Name, out.Years = fullName(v.Request.Subject), v.Request.Years
		out.Position, out.NewPosition = positions(v.Request.Current, v.Request.Subject)
	}
	return out
}

// ofOrganisation reads the order in the path for the head of its organisation.
func (m *managers) ofOrganisation(c *gin.Context) (postgres.OrderView, head, error) {
	id, err := web.PathID(c)
	if err != nil {
		return postgres.OrderView{}, head{}, err
	}
	who, err := m.headOf(c)
	if err != nil {
		return postgres.OrderView{}, who, err
	}
	view, err := m.orders.Order(c.Request.Context(), id)
	if err == nil && (view.Record.UNP != who.unp || !view.Record.Service.NeedsApproval()) {
		err = order.ErrNotFound
	}
	return view, who, err
}

// maxReason is the longest reason of a rejection in characters.
const maxReason = 500

// defaultDecisionWait is how long a rejection waits to be seen.
const defaultDecisionWait = 5 * time.Second

// rejectOrder says no to one order (M4). The decision travels as a signal; the
// answer waits until it is seen.
func (m *managers) rejectOrder(c *gin.Context) error {
	var in contract.Rejection
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	if web.Longer(in.Reason, maxReason) {
		return web.Invalid("reason")
	}
	view, who, err := m.ofOrganisation(c)
	if err != nil {
		return err
	}
	if err := rejectable(view.Record); err != nil {
		return err
	}
	if err := m.rates.Spend(web.ActionNotify, who.person, m.now()); err != nil {
		return err
	}
	if err := m.rejections.Reject(c.Request.Context(), view.Record, who.key, strings.TrimSpace(in.Reason)); err != nil {
		return err
	}
	deadline, status := m.decisionWait, http.StatusAccepted
	if _, err := web.AwaitVersion(c.Request.Context(), m.changes, view.Record.ID.String(), view.Record.Version, deadline, func(ctx context.Context) (int64, error) {
		return m.orders.OrderVersion(ctx, view.Record.ID)
	}); err != nil {
		return err
	}
	if view, err = m.orders.Order(c.Request.Context(), view.Record.ID); err != nil {
		return err
	}
	if !view.Record.Stage.Open() {
		status = http.StatusOK
	}
	c.JSON(status, decidedView(view))
	return nil
}

// rejectable tells whether the manager can decide about the order.
func rejectable(r order.Record) error {
	switch r.Stage {
	case order.StageAwaitingApproval, order.StageAwaitingPayment:
		return nil
	case order.StageEnded:
		return web.Standing(web.ProblemOrderEnded, r, nil)
	case order.StageTerms, order.StageRequest, order.StageChecking, order.StageIssuing:
		return web.Standing(web.ProblemWrongStage, r, nil)
	default:
		return errors.New("unknown stage " + string(r.Stage))
	}
}
