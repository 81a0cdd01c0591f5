package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/draft"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func (a *applicants) getTerms(c *gin.Context) error {
	c.JSON(http.StatusOK, a.offer)
	return nil
}

// openOrder opens an order or answers with the unfinished one (A6).
func (a *applicants) openOrder(c *gin.Context) error {
	var in contract.OpenOrder
	if err := web.ReadJSON(c, &in); err != nil {
		return err
	}
	service, err := order.ParseService(string(in.Service))
	if err != nil {
		return web.Invalid("service")
	}
	applicant, err := a.admit(c, service)
	if err != nil {
		return err
	}
	return a.idempotency.Once(c, applicant.Key, func(c *gin.Context) error {
		if err := a.rates.Spend(web.ActionOpen, a.person(web.CallerOf(c)), a.now()); err != nil {
			return err
		}
		rec, resumed, err := a.drafts.Open(c.Request.Context(), applicant, service, a.Texts(c).Language)
		if err != nil {
			return refusal(err)
		}
		view, status, err := a.opened(c, rec, resumed)
		if err != nil {
			return err
		}
		out, err := a.view(c, view)
		if err != nil {
			return err
		}
		out.Resumed = resumed
		c.Header("Location", "/v1/orders/"+out.ID.String())
		c.JSON(status, out)
		return nil
	})
}

// opened is an order as it stands when it is opened: of a new one nothing is
// known but itself and what was given for the one before (S2).
func (a *applicants) opened(c *gin.Context, rec order.Record, resumed bool) (postgres.OrderView, int, error) {
	if resumed {
		view, err := a.orders.Order(c.Request.Context(), rec.ID)
		return view, http.StatusOK, err
	}
	view := postgres.OrderView{Record: rec}
	contacts, known, err := a.orders.LastContacts(c.Request.Context(), rec.ApplicantKey)
	if known {
		view.Offered = &contacts
	}
	return view, http.StatusCreated, err
}

// admit decides whether the caller may take a step in the service now (A1–A3).
func (a *applicants) admit(c *gin.Context, service order.Service) (draft.Applicant, error) {
	applicant, err := a.applicant(c)
	mismatch := err
	if err == nil || applicant.Certificate != nil {
		// What the certificate itself forbids comes before whom the token names.
		if err := a.drafts.Admit(applicant, service); err != nil {
			return applicant, refusal(err)
		}
	}
	return applicant, mismatch
}

// refusal gives a refused applicant the problem of the rule.
func refusal(err error) error {
	var refused *draft.RefusedError
	if errors.As(err, &refused) {
		return admissionProblem(refused)
	}
	return err
}

func (a *applicants) listOrders(c *gin.Context) error {
	n, size, err := web.Paging(c)
	if err != nil {
		return err
	}
	since := a.now()
	switch c.DefaultQuery("state", "open") {
	case "open":
	case "all":
		since = since.Add(-shownFor)
	default:
		return web.Invalid("state")
	}
	list, err := a.orders.OrdersOfApplicant(c.Request.Context(), a.applicantKey(web.CallerOf(c)), since, n-1, size)
	if err != nil {
		return err
	}
	views := make([]contract.Order, 0, len(list.Orders))
	for _, v := range list.Orders {
		view, err := a.view(c, v)
		if err != nil {
			return err
		}
		views = append(views, view)
	}
	c.JSON(http.StatusOK, contract.OrderList{Page: n, Pages: web.PageCount(list.Total, size), Total: list.Total, Orders: views})
	return nil
}

// getOrder answers one order, at once or when it has changed.
func (a *applicants) getOrder(c *gin.Context) error {
	after, wait, err := web.Waiting(c)
	if err != nil {
		return err
	}
	read := a.own
	if wait > 0 && after > 0 {
		read = func(c *gin.Context) (postgres.OrderView, error) { return a.ownNewer(c, after, wait) }
	}
	view, err := read(c)
	if err != nil {
		return err
	}
	return a.answer(c, view)
}

// answer is an order for its applicant.
func (a *applicants) answer(c *gin.Context, v postgres.OrderView) error {
	out, err := a.view(c, v)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, out)
	return nil
}

// ownNewer waits for a newer version of the order in the path and reads it with
// the same statement that finds it; of somebody else's it says nothing, not even later.
func (a *applicants) ownNewer(c *gin.Context, after int64, wait time.Duration) (postgres.OrderView, error) {
	id, err := web.PathID(c)
	if err != nil {
		return postgres.OrderView{}, err
	}
	var view postgres.OrderView
	_, err = a.waitFor(c, id, after, after, wait, func(ctx context.Context, id order.ID) (int64, error) {
		var err error
		view, err = a.orders.OrderAfter(ctx, id, after)
		return view.Record.Version, a.onlyOwn(c, view, err)
	})
	if err == nil && view.Record.Version <= after {
		return a.own(c)
	}
	return view, err
}

// own reads the order in the path for its applicant; somebody else's is not found.
func (a *applicants) own(c *gin.Context) (postgres.OrderView, error) {
	id, err := web.PathID(c)
	if err != nil {
		return postgres.OrderView{}, err
	}
	view, err := a.orders.Order(c.Request.Context(), id)
	return view, a.onlyOwn(c, view, err)
}

// onlyOwn: somebody else's order is not found.
func (a *applicants) onlyOwn(c *gin.Context, view postgres.OrderView, err error) error {
	if err == nil && view.Record.ApplicantKey != a.applicantKey(web.CallerOf(c)) {
		return order.ErrNotFound
	}
	return err
}
