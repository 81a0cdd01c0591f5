package manager

import (
	"crypto/rand"
	"errors"
	"net/http"
	"strconv"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// onceKey makes a form that is sent twice make one list.
func onceKey() string { return rand.Text() }

// choose goes to another page of the orders with what is chosen, or makes the
// list of the chosen ones (M5).
func choose(v *web.Visit) error {
	s := selectionOf(v.Form.Values)
	if n, err := strconv.Atoi(v.Form.Get("go")); err == nil {
		s.page = min(max(1, n), maxPage)
		return v.Redirect(s.path())
	}
	email := v.Form.Get("email")
	if len(s.chosen) == 0 {
		return renderOrders(v, s, http.StatusUnprocessableEntity, v.T("manager.orders.nothing-chosen"), email)
	}
	if email != "" {
		if _, err := order.ParseEmail(email); err != nil {
			return renderOrders(v, s, http.StatusUnprocessableEntity, v.T("manager.orders.email.wrong"), email)
		}
	}
	made, err := v.API.MakeList(v.Request.Context(), contract.MakeList{Orders: s.chosen, Email: email}, v.Form.Get("once"))
	var p *client.Problem
	switch {
	case err == nil:
		return v.Redirect(pathOf(made.ID, ""))
	case client.Is(err, "nothing-to-confirm", "not-found", "busy", "validation", "idempotency-conflict") && errors.As(err, &p):
		// What is chosen has changed meanwhile: the fresh list shows what is left.
		text := p.Detail
		if key := "problems." + p.Slug() + ".text"; v.Texts.Has(key) && !client.Is(err, "not-found") {
			text = v.T(key)
		}
		return renderOrders(v, selection{page: s.page, size: s.size}, http.StatusConflict, text, email)
	default:
		return err
	}
}
