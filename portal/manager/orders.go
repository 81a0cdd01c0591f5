package manager

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

const (
	firstSize = 5
	// maxChosen is how many orders the API takes on one list.
	maxChosen = 200
	maxPage   = 100_000
)

// sizes are the page sizes of the API.
func sizes() []int { return []int{5, 10, 20, 50} }

// selection is which page of the orders is looked at and what is chosen so far.
// It stands in the address, so that going back and reloading lose nothing.
type selection struct {
	page, size int
	chosen     []order.ID
}

func selectionOf(values url.Values) selection {
	s := selection{page: 1, size: firstSize}
	if n, err := strconv.Atoi(values.Get("page")); err == nil && n >= 1 && n <= maxPage {
		s.page = n
	}
	if n, err := strconv.Atoi(values.Get("size")); err == nil && slices.Contains(sizes(), n) {
		s.size = n
	}
	for _, text := range values["order"] {
		id, err := order.ParseID(text)
		if err == nil && !slices.Contains(s.chosen, id) && len(s.chosen) < maxChosen {
			s.chosen = append(s.chosen, id)
		}
	}
	return s
}

func (s selection) path() string {
	values := url.Values{"page": {strconv.Itoa(s.page)}, "size": {strconv.Itoa(s.size)}}
	for _, id := range s.chosen {
		values.Add("order", id.String())
	}
	return ordersPath + "?" + values.Encode()
}

// employee is one group of the list.
type employee struct {
	Name, Count string
	Rows        []row
	// Open shows the orders of the group from the start.
	Open bool
}

// row is one order with the columns of the manager's list.
type row struct {
	ID, Number, Position, Term, Received, PayBy string
	// Label names the row for screen readers.
	Label              string
	Details            string
	Reject             string
	Chosen, Choosable  bool
	Approved           string
	HeldText, HeldHref string
}

type ordersBody struct {
	Employees []employee
	// Elsewhere are chosen orders of other pages.
	Elsewhere         []string
	Chosen            string
	Empty             bool
	Sizes             []govuk.Option
	Page              int
	Previous, Next    int
	PageOf            string
	Once              string
	Email             govuk.Input
	Lists             string
	ErrorText, Prefix string
}

func showOrders(v *web.Visit) error {
	return renderOrders(v, selectionOf(v.Request.URL.Query()), http.StatusOK, "", "")
}

func renderOrders(v *web.Visit, s selection, status int, wrong, email string) error {
	list, err := v.API.OrganisationOrders(v.Request.Context(), s.page, s.size)
	if err != nil {
		return err
	}
	if len(list.Employees) == 0 && s.page > 1 {
		s.page = max(1, list.Pages)
		return v.Redirect(s.path())
	}
	body := ordersBody{
		Page: s.page, Empty: list.Total == 0, Lists: listsPath, Once: onceKey(),
		PageOf:    v.T("manager.orders.page", "page", s.page, "pages", max(1, list.Pages)),
		ErrorText: wrong, Prefix: v.T("common.error-prefix"),
		Email: govuk.Input{
			ID: "email", Name: "email", Label: v.T("manager.orders.email"), Hint: v.T("manager.orders.email.hint"), Type: "email",
			Autocomplete: "email", Value: email, Width: 20,
		},
	}
	if s.page > 1 {
		body.Previous = s.page - 1
	}
	if s.page < list.Pages {
		body.Next = s.page + 1
	}
	for _, n := range sizes() {
		body.Sizes = append(body.Sizes, govuk.Option{Value: strconv.Itoa(n), Checked: n == s.size})
	}
	here := map[order.ID]bool{}
	for _, e := range list.Employees {
		body.Employees = append(body.Employees, group(v, e, s, here))
	}
	for _, id := range s.chosen {
		if !here[id] {
			body.Elsewhere = append(body.Elsewhere, id.String())
		}
	}
	body.Chosen = v.Texts.Count("manager.orders.elsewhere", len(body.Elsewhere))
	p := web.Page{Name: "manager/orders", Title: v.T("manager.orders.title"), Back: "/orders", Body: body}
	if wrong != "" {
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#orders"}}}
	}
	return v.Render(status, p)
}

func group(v *web.Visit, e contract.Employee, s selection, here map[order.ID]bool) employee {
	out := employee{Name: e.Name, Count: v.Texts.Count("manager.orders.count", len(e.Orders)), Open: true}
	for _, o := range e.Orders {
		here[o.ID] = true
		out.Rows = append(out.Rows, rowOf(v, e.Name, o, s))
	}
	return out
}

func rowOf(v *web.Visit, name string, o contract.OrganisationOrder, s selection) row {
	r := row{
		ID: o.ID.String(), Number: o.Number, Position: positions(v, o.Position, o.NewPosition), Received: v.Texts.DateTime(o.ReceivedAt),
		PayBy: v.Texts.DateTime(o.PayBy), Chosen: slices.Contains(s.chosen, o.ID), Choosable: o.ConfirmationID.IsZero(),
		Details: ordersPath + "/orders/" + o.ID.String(), Reject: ordersPath + "/orders/" + o.ID.String() + "/rejection",
	}
	if o.Years > 0 {
		r.Term = v.Texts.Years(o.Years)
	}
	r.Label = v.T("manager.orders.choose", "number", o.Number, "name", name, "term", r.Term)
	if o.Approved {
		r.Approved = v.T("manager.orders.approved")
	}
	if !r.Choosable {
		r.HeldText, r.HeldHref = v.T("manager.orders.held"), pathOf(o.ConfirmationID, "")
	}
	return r
}

// positions tells a change of the position, which the manager confirms (S4).
func positions(v *web.Visit, now, next string) string {
	if next == "" || next == now {
		return now
	}
	return v.T("manager.position.changes", "now", now, "next", next)
}
