package manager

import (
	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// The pages of a list at which its manager has something to do or to wait for.
const (
	stepSignature = "signature"
	stepPayment   = "payment"
	stepProgress  = "progress"
	stepEnded     = "ended"
)

// stepOf is the page at which a list goes on.
func stepOf(s order.ConfirmationStage) string {
	switch s {
	case order.ConfirmationSigning:
		return stepSignature
	case order.ConfirmationPayment:
		return stepPayment
	case order.ConfirmationIssuing, order.ConfirmationFinished:
		return stepProgress
	case order.ConfirmationLapsed, order.ConfirmationVoid:
		return stepEnded
	default:
		return stepProgress
	}
}

// pathOf is the address of a page of a list; of where it goes on for an empty step.
func pathOf(id order.ID, step string) string {
	if step == "" {
		return listsPath + "/" + id.String()
	}
	return listsPath + "/" + id.String() + "/" + step
}

// handler answers with a page of a list.
type handler func(v *web.Visit, c contract.Confirmation) error

// of reads the list in the path. A page that keeps itself up to date waits here
// until something is new.
func of(h handler) web.Handler {
	return func(v *web.Visit) error {
		id, err := v.ID()
		if err != nil {
			return err
		}
		var c contract.Confirmation
		after, live := v.After()
		if live {
			c, err = v.API.AwaitConfirmation(v.Request.Context(), id, after, web.LiveWait)
		} else {
			c, err = v.API.Confirmation(v.Request.Context(), id)
		}
		if err != nil {
			return err
		}
		if live && c.Version <= after {
			return web.ErrUnchanged
		}
		return h(v, c)
	}
}

// at answers with a page only while the list is at its step, and leads to where
// the list is otherwise: a second tab or a late click changes nothing.
func at(step string, h handler) web.Handler {
	return of(func(v *web.Visit, c contract.Confirmation) error {
		if now := stepOf(c.Stage); now != step {
			return v.Redirect(pathOf(c.ID, now))
		}
		return h(v, c)
	})
}

func overview(v *web.Visit, c contract.Confirmation) error {
	return v.Redirect(pathOf(c.ID, stepOf(c.Stage)))
}

// page is the frame of a page of a list.
func page(v *web.Visit, c contract.Confirmation, name, title string, body any) web.Page {
	caption := v.T("manager.list.caption.unsigned")
	if c.Number != "" {
		caption = v.T("manager.list.caption", "number", c.Number)
	}
	return web.Page{
		Name: "manager/" + name, Title: title, Back: listsPath,
		Body: struct {
			Caption string
			ID      string
			It      any
		}{caption, c.ID.String(), body},
	}
}

// live keeps the page of a step up to date.
func live(p web.Page, c contract.Confirmation, step string) web.Page {
	p.Live = pathOf(c.ID, step)
	p.Version = c.Version
	return p
}
