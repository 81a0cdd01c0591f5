package applicant

import (
	"net/http"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// start is the first page, for everybody.
func start(v *web.Visit) error {
	if v.Session != nil {
		return v.Redirect("/orders")
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "applicant/start", Title: v.T("applicant.start.title"),
		Body: struct{ Start govuk.Button }{govuk.Button{Text: v.T("applicant.start.button"), Href: "/sign-in", Start: true}},
	})
}

// card is one order in the cabinet.
type card struct {
	Title, Href, Opened, Until, Next string
	Status                           govuk.Tag
	Go                               govuk.Link
	// GoHidden tells screen readers which order the link goes on with.
	GoHidden string
}

// cabinet lists the current orders, or all of them.
func cabinet(v *web.Visit) error {
	all := v.Request.URL.Query().Get("state") == "all"
	orders, err := v.API.Orders(v.Request.Context(), all)
	if err != nil {
		return err
	}
	var current, past []card
	for _, o := range orders {
		if settled(o) {
			past = append(past, cardOf(v, o))
		} else {
			current = append(current, cardOf(v, o))
		}
	}
	return v.Render(http.StatusOK, web.Page{
		Name: "applicant/cabinet", Title: v.T("applicant.cabinet.title"),
		Body: struct {
			Current, Past []card
			All           bool
			New           govuk.Button
		}{current, past, all, govuk.Button{Text: v.T("applicant.cabinet.new"), Href: "/new-order"}},
	})
}

// settled tells whether nothing is left to do for an order's applicant: an
// issued certificate is to be fetched and tried first.
func settled(o contract.Order) bool {
	return !o.Stage.Open() && (o.End != order.EndIssued || !o.Certificate.ActivatedAt.IsZero())
}

func cardOf(v *web.Visit, o contract.Order) card {
	return card{
		Title: v.T("applicant.cabinet.card", "number", o.Number, "service", o.Service), Href: pathOf(o.ID, ""),
		Opened: v.T("applicant.cabinet.opened", "date", v.Texts.Date(o.OpenedAt)), Until: until(v, o), Next: o.Next.Text,
		Status:   status(v, o),
		Go:       govuk.Link{Text: v.T("applicant.cabinet.go." + stepOf(o)), Href: pathOf(o.ID, stepOf(o))},
		GoHidden: v.T("applicant.cabinet.go-hidden", "number", o.Number),
	}
}

// until is the term of what is waited for; empty without one.
func until(v *web.Visit, o contract.Order) string {
	if o.Next.Until.IsZero() || !o.Stage.Open() {
		return ""
	}
	return v.T("applicant.until", "time", v.Texts.DateTime(o.Next.Until))
}

// status says in two words where an order stands.
func status(v *web.Visit, o contract.Order) govuk.Tag {
	key, colour := string(o.Stage), "blue"
	switch o.Next.WaitsFor {
	case order.ActorApplicant, order.ActorPayer:
		colour = "yellow"
	case order.ActorManager, order.ActorSystem, order.ActorNobody:
	}
	if o.Stage == order.StageEnded {
		key, colour = string(o.End), "grey"
		if o.End == order.EndIssued {
			colour = "green"
			if !o.Certificate.ActivatedAt.IsZero() {
				key = "activated"
			}
		}
	}
	return govuk.Tag{Text: v.T("applicant.status." + key), Colour: colour}
}
