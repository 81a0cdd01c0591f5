package api

import (
	"errors"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/approval"
	"github.com/remote-issuance/remote-issuance/internal/approval/list"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// maxChosen is how many orders one confirmation can hold.
const maxChosen = list.MaxOrders

// makeList chooses orders and makes their list (M5); one of orders that were
// all approved before needs no signature (P8).
func (m *managers) makeList(c *gin.Context) error {
	var in contract.MakeList
	if err := web.ReadJSON(c, &in); err != nil {
		if errors.Is(err, order.ErrID) {
			return web.Invalid("orders")
		}
		return err
	}
	who, err := m.headOf(c)
	if err != nil {
		return err
	}
	if err := m.chosen(c, who, in.Orders); err != nil {
		return err
	}
	if in.Email != "" {
		if in.Email, err = order.ParseEmail(in.Email); err != nil || !deliverable(in.Email, m.reach) {
			return web.Invalid("email")
		}
	}
	return m.idempotency.Once(c, who.key, func(c *gin.Context) error {
		if err := m.rates.Spend(web.ActionMakeList, who.person, m.now()); err != nil {
			return err
		}
		made, err := m.approvals.Compose(c.Request.Context(), approval.Choice{
			UNP: who.unp, ManagerKey: who.key, Certificate: who.certificate, Orders: in.Orders, Email: in.Email, Language: m.Texts(c).Language,
		})
		if err != nil {
			return err
		}
		view, err := m.confirmations.View(c.Request.Context(), made.ID)
		if err != nil {
			return err
		}
		c.Header("Location", "/v1/confirmations/"+made.ID.String())
		c.JSON(http.StatusCreated, m.confirmationView(c, view))
		return nil
	})
}

// chosen checks that all orders are the organisation's: one that is not is not found.
func (m *managers) chosen(c *gin.Context, who head, ids []order.ID) error {
	if len(ids) == 0 || len(ids) > maxChosen {
		return web.Invalid("orders")
	}
	for i, id := range ids {
		if id.IsZero() || slices.Contains(ids[:i], id) {
			return web.Invalid("orders")
		}
	}
	for _, id := range ids {
		view, err := m.orders.Order(c.Request.Context(), id)
		if err == nil && (view.Record.UNP != who.unp || !view.Record.Service.NeedsApproval()) {
			err = order.ErrNotFound
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (m *managers) listConfirmations(c *gin.Context) error {
	n, size, err := web.Paging(c)
	if err != nil {
		return err
	}
	who, err := m.headOf(c)
	if err != nil {
		return err
	}
	list, err := m.confirmations.Confirmations(c.Request.Context(), who.unp, m.now().Add(-shownFor), n-1, size)
	if err != nil {
		return err
	}
	views := make([]contract.Confirmation, 0, len(list.Confirmations))
	for _, v := range list.Confirmations {
		views = append(views, m.confirmationView(c, v))
	}
	c.JSON(http.StatusOK, contract.ConfirmationList{
		Page: n, Pages: web.PageCount(list.Total, size), Total: list.Total, Confirmations: views,
	})
	return nil
}

// getConfirmation answers one confirmation, at once or when it has changed.
func (m *managers) getConfirmation(c *gin.Context) error {
	after, wait, err := web.Waiting(c)
	if err != nil {
		return err
	}
	view, err := m.own(c)
	if err != nil {
		return err
	}
	if seen := view.Confirmation.Version; wait > 0 && seen <= after {
		changed, err := m.waitFor(c, view.Confirmation.ID, seen, after, wait, m.confirmations.ConfirmationVersion)
		if err != nil {
			return err
		}
		if changed {
			if view, err = m.confirmations.View(c.Request.Context(), view.Confirmation.ID); err != nil {
				return err
			}
		}
	}
	c.JSON(http.StatusOK, m.confirmationView(c, view))
	return nil
}

// own reads the confirmation in the path for the head of its organisation.
func (m *managers) own(c *gin.Context) (postgres.ConfirmationView, error) {
	id, err := web.PathID(c)
	if err != nil {
		return postgres.ConfirmationView{}, err
	}
	who, err := m.headOf(c)
	if err != nil {
		return postgres.ConfirmationView{}, err
	}
	view, err := m.confirmations.View(c.Request.Context(), id)
	if err == nil && view.Confirmation.UNP != who.unp {
		err = order.ErrNotFound
	}
	return view, err
}
