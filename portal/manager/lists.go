package manager

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// card is one list among many.
type card struct {
	Title, Href, Next, Until, Opened, Count, Total string
	Status                                         govuk.Tag
}

func showLists(v *web.Visit) error {
	all, err := v.API.Confirmations(v.Request.Context())
	if err != nil {
		return err
	}
	var open, past []card
	for _, c := range all {
		if c.Stage.Open() {
			open = append(open, cardOf(v, c))
		} else {
			past = append(past, cardOf(v, c))
		}
	}
	return v.Render(http.StatusOK, web.Page{Name: "manager/lists", Title: v.T("manager.lists.title"), Back: ordersPath, Body: struct{ Open, Past []card }{open, past}})
}

func cardOf(v *web.Visit, c contract.Confirmation) card {
	out := card{
		Title: v.T("manager.list.caption.unsigned"), Href: pathOf(c.ID, ""), Next: c.Next.Text, Until: until(v, c),
		Opened: v.T("manager.lists.opened", "at", v.Texts.DateTime(c.OpenedAt)), Count: v.Texts.Count("manager.orders.count", len(c.Orders)),
		Status: status(v, c),
	}
	if c.Number != "" {
		out.Title = v.T("manager.list.caption", "number", c.Number)
	}
	if c.Total != "" {
		out.Total = v.Texts.Money(c.Total, "BYN")
	}
	return out
}

func until(v *web.Visit, c contract.Confirmation) string {
	if c.Next.Until.IsZero() {
		return ""
	}
	return v.T("manager.list.until", "at", v.Texts.DateTime(c.Next.Until))
}

func status(v *web.Visit, c contract.Confirmation) govuk.Tag {
	colour := map[order.ConfirmationStage]string{
		order.ConfirmationSigning: "blue", order.ConfirmationPayment: "blue", order.ConfirmationIssuing: "yellow", order.ConfirmationFinished: "green",
	}[c.Stage]
	if colour == "" {
		colour = "grey"
	}
	return govuk.Tag{Text: v.T("manager.stage." + string(c.Stage)), Colour: colour}
}

// line is one employee on a list.
type line struct {
	Number, Name, Position, Term, Amount string
	State                                govuk.Tag
	// Card leads to the card for evidence of an issued order; empty before.
	Card string
}

func linesOf(v *web.Visit, c contract.Confirmation) []line {
	var out []line
	for _, o := range c.Orders {
		l := line{
			Number: o.Number, Name: o.Name, Position: positions(v, o.Position, o.NewPosition),
			State: govuk.Tag{Text: v.T("manager.state." + string(o.State)), Colour: map[contract.ChosenOrderState]string{
				contract.Issued: "green", contract.Approved: "blue", contract.Chosen: "grey", contract.Left: "grey",
			}[o.State]},
		}
		if o.Years > 0 {
			l.Term = v.Texts.Years(o.Years)
		}
		if o.State == contract.Issued {
			l.Card = pathOf(c.ID, "cards/"+o.ID.String())
		}
		if o.Amount != "" {
			l.Amount = v.Texts.Money(o.Amount, "BYN")
		}
		out = append(out, l)
	}
	return out
}
