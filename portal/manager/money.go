package manager

import (
	"errors"
	"net/http"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// whereIsMyMoney answers how a payment stands to whoever has its number (P5).
func whereIsMyMoney(v *web.Visit) error {
	typed := v.Request.URL.Query().Get("number")
	if strings.TrimSpace(typed) == "" {
		return showMoney(v, http.StatusOK, "", "", nil)
	}
	number, err := readNumber(typed)
	if err != nil {
		return showMoney(v, http.StatusUnprocessableEntity, typed, v.T("manager.money.number.wrong"), nil)
	}
	found, err := v.API.PaymentStatus(v.Request.Context(), number)
	switch {
	case client.Is(err, "payment-number-unknown"):
		return showMoney(v, http.StatusNotFound, typed, v.T("manager.money.unknown"), nil)
	case err != nil:
		return err
	case !v.Texts.Has("manager.money.state." + string(found.State)):
		return errors.New("the API answers a state of payment that is not known")
	}
	return showMoney(v, http.StatusOK, typed, "", &found)
}

// readNumber reads a payment number as people write it: with blanks, in small
// letters, on a Cyrillic keyboard, or the nine digits alone.
func readNumber(typed string) (order.PaymentNumber, error) {
	text := strings.ToUpper(order.Latin(strings.Join(strings.Fields(typed), "")))
	if len(text) == 9 {
		text = "NOAIS" + text
	}
	return order.ParsePaymentNumber(text)
}

func showMoney(v *web.Visit, status int, typed, wrong string, found *contract.PaymentStatus) error {
	if len(typed) > 64 {
		typed = ""
	}
	body := struct {
		Number      govuk.Input
		Go          govuk.Button
		Title, Text string
		Facts       govuk.SummaryList
	}{
		Number: govuk.Input{
			ID: "number", Name: "number", Label: v.T("manager.money.number"), Hint: v.T("manager.money.number.hint"), Value: typed, Error: wrong,
			ErrorWord: v.T("common.error-prefix"), Width: 20, Autocomplete: "off",
		},
		Go: govuk.Button{Text: v.T("manager.money.go")},
	}
	if found != nil {
		waits := some(found.Waiting)
		key := "manager.money.state." + string(found.State)
		if waits {
			key += "-waiting"
		}
		body.Title, body.Text, body.Facts = v.T(key), found.Next.Text, moneyFacts(v, *found)
	}
	p := web.Page{Name: "manager/money", Title: v.T("manager.money.title"), Back: "/", Body: body}
	if wrong != "" {
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#number"}}}
	}
	return v.Render(status, p)
}

// moneyFacts are the sums under a number; those of nothing are left out.
func moneyFacts(v *web.Visit, s contract.PaymentStatus) govuk.SummaryList {
	list := govuk.SummaryList{Rows: []govuk.Row{
		{Key: v.T("manager.money.number"), Value: s.Number},
		{Key: v.T("manager.money.amount"), Value: v.Texts.Money(s.Amount, s.Currency)},
	}}
	for _, r := range [][2]string{{"manager.money.received", s.Received}, {"manager.money.waiting", s.Waiting}} {
		if some(r[1]) {
			list.Rows = append(list.Rows, govuk.Row{Key: v.T(r[0]), Value: v.Texts.Money(r[1], s.Currency)})
		}
	}
	if !s.PayBy.IsZero() {
		list.Rows = append(list.Rows, govuk.Row{Key: v.T("manager.pay.by"), Value: v.Texts.DateTime(s.PayBy)})
	}
	return list
}

func some(amount string) bool { return strings.Trim(amount, "0.") != "" }
