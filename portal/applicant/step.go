package applicant

import (
	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// The pages of an order at which its applicant has something to do or to wait for.
const (
	stepTerms       = "terms"
	stepRequest     = "request"
	stepChecks      = "checks"
	stepWaiting     = "waiting"
	stepPayment     = "payment"
	stepIssuing     = "issuing"
	stepCertificate = "certificate"
	stepEnded       = "ended"
)

// stepOf is the page at which an order goes on.
func stepOf(o contract.Order) string {
	switch o.Stage {
	case order.StageTerms:
		return stepTerms
	case order.StageRequest:
		return stepRequest
	case order.StageChecking:
		return stepChecks
	case order.StageAwaitingApproval:
		return stepWaiting
	case order.StageAwaitingPayment:
		if o.Service.NeedsApproval() {
			return stepWaiting
		}
		return stepPayment
	case order.StageIssuing:
		return stepIssuing
	case order.StageEnded:
		if o.End == order.EndIssued {
			return stepCertificate
		}
		return stepEnded
	default:
		return stepWaiting
	}
}

// pathOf is the address of a page of an order; of its overview for an empty step.
func pathOf(id order.ID, step string) string {
	if step == "" {
		return "/orders/" + id.String()
	}
	return "/orders/" + id.String() + "/" + step
}

// handler answers with a page of an order.
type handler func(v *web.Visit, o contract.Order) error

// of reads the order in the path. A page that keeps itself up to date waits
// here until something is new.
func of(h handler) web.Handler {
	return func(v *web.Visit) error {
		id, err := v.ID()
		if err != nil {
			return err
		}
		var o contract.Order
		after, live := v.After()
		if live {
			o, err = v.API.AwaitOrder(v.Request.Context(), id, after, web.LiveWait)
		} else {
			o, err = v.API.Order(v.Request.Context(), id)
		}
		if err != nil {
			return err
		}
		if live && o.Version <= after {
			return web.ErrUnchanged
		}
		return h(v, o)
	}
}

// at answers with a page only while the order is at its step, and leads to
// where the order is otherwise: a step back, a second tab or a late click
// changes nothing.
func at(step string, h handler) web.Handler {
	return of(func(v *web.Visit, o contract.Order) error {
		if now := stepOf(o); now != step {
			return v.Redirect(pathOf(o.ID, now))
		}
		return h(v, o)
	})
}

// page is the frame of a page of an order.
func page(v *web.Visit, o contract.Order, name, title string, body any) web.Page {
	return web.Page{
		Name: "applicant/" + name, Title: title, Back: pathOf(o.ID, ""),
		Body: struct {
			Caption string
			Order   contract.Order
			It      any
		}{v.T("applicant.caption", "number", o.Number, "service", o.Service), o, body},
	}
}

// live keeps the page of a step up to date.
func live(p web.Page, o contract.Order, step string) web.Page {
	p.Live = pathOf(o.ID, step)
	p.Version = o.Version
	return p
}
