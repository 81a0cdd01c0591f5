package manager

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/govuk"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// MoneyState is where a payment is.
type MoneyState string

// The states of a payment as somebody may see it who knows nothing but its number.
const (
	// MoneyAwaited: nothing has come; Until is the last instant to pay.
	MoneyAwaited MoneyState = "awaited"
	// MoneyPaid: it has come and counts since At.
	MoneyPaid MoneyState = "paid"
	// MoneyUnapplied: something has come at At that does not fit; people look at it.
	MoneyUnapplied MoneyState = "unapplied"
	// MoneyReturned: it went back at At.
	MoneyReturned MoneyState = "returned"
	// MoneyClosed: nothing is to be paid under the number any more.
	MoneyClosed MoneyState = "closed"
)

func moneyStates() []MoneyState {
	return []MoneyState{MoneyAwaited, MoneyPaid, MoneyUnapplied, MoneyReturned, MoneyClosed}
}

// PaymentStatus is where the payment under a number is: no person, no
// organisation, no amount, because numbers can be guessed.
type PaymentStatus struct {
	State MoneyState `json:"state"`
	Until time.Time  `json:"until,omitzero"`
	At    time.Time  `json:"at,omitzero"`
}

// whereIsMyMoney answers where a payment is to whoever has its number.
func (h handlers) whereIsMyMoney(v *web.Visit) error {
	typed := v.Request.URL.Query().Get("number")
	if strings.TrimSpace(typed) == "" {
		return showMoney(v, http.StatusOK, "", "", nil)
	}
	number, err := readNumber(typed)
	if err != nil {
		return showMoney(v, http.StatusUnprocessableEntity, typed, v.T("manager.money.number.wrong"), nil)
	}
	found, err := h.Money.PaymentStatus(v.Request.Context(), number, v.Texts.Language)
	switch {
	case client.Is(err, "not-found"):
		return showMoney(v, http.StatusNotFound, typed, v.T("manager.money.unknown"), nil)
	case err != nil:
		return err
	case !known(found.State):
		return errors.New("the API answers a state of payment that is not known")
	}
	return showMoney(v, http.StatusOK, typed, "", &found)
}

func known(s MoneyState) bool {
	for _, one := range moneyStates() {
		if s == one {
			return true
		}
	}
	return false
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

func showMoney(v *web.Visit, status int, typed, wrong string, found *PaymentStatus) error {
	if len(typed) > 64 {
		typed = ""
	}
	body := struct {
		Number      govuk.Input
		Go          govuk.Button
		Title, Text string
	}{
		Number: govuk.Input{
			ID: "number", Name: "number", Label: v.T("manager.money.number"), Hint: v.T("manager.money.number.hint"), Value: typed, Error: wrong,
			ErrorWord: v.T("common.error-prefix"), Width: 20, Autocomplete: "off",
		},
		Go: govuk.Button{Text: v.T("manager.money.go")},
	}
	if found != nil {
		key := "manager.money.state." + string(found.State)
		body.Title = v.T(key + ".title")
		body.Text = v.T(key, "until", v.Texts.DateTime(found.Until), "at", v.Texts.DateTime(found.At))
	}
	p := web.Page{Name: "manager/money", Title: v.T("manager.money.title"), Back: "/", Body: body}
	if wrong != "" {
		p.Errors = govuk.ErrorSummary{Title: v.T("common.error-summary"), Items: []govuk.Link{{Text: wrong, Href: "#number"}}}
	}
	return v.Render(status, p)
}
