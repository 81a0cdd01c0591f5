package assist

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"unicode/utf8"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payments"
)

// Language is the language of the gateway's pages.
type Language string

// The languages of the pay page.
const (
	Russian Language = "RU"
	English Language = "EN"
)

// Order is what is to be paid by card. Number and Amount are required.
type Order struct {
	Number order.PaymentNumber
	Amount order.Kopecks
	// Comment is shown to the payer, at most 4000 characters.
	Comment string
	// Email receives the gateway's receipt, at most 128 characters.
	Email    string
	Language Language
	// ReturnURL is where the browser goes after the attempt; ReturnOK and
	// ReturnNo replace it for either result. At most 256 characters each.
	ReturnURL, ReturnOK, ReturnNo string
}

// Field is one parameter of a form.
type Field struct{ Name, Value string }

// PayPage is the form a browser posts to come to the pay page.
type PayPage struct {
	// Action is the address the form is posted to.
	Action string
	// Fields are the form's parameters in the order to write them.
	Fields []Field
}

// Values is the form as it is posted.
func (p PayPage) Values() url.Values {
	v := make(url.Values, len(p.Fields))
	for _, f := range p.Fields {
		v.Set(f.Name, f.Value)
	}
	return v
}

// PayPage makes the form for an order. Only the four fields that every check
// value covers are signed; nothing is sent that would have to be signed too.
func (g *Gateway) PayPage(o Order) (PayPage, error) {
	if o.Number < 1 || o.Amount <= 0 {
		return PayPage{}, errors.New("assist: an order needs a number and a positive amount")
	}
	for _, limit := range []struct {
		name, value string
		max         int
	}{
		{"OrderComment", o.Comment, 4000}, {"Email", o.Email, 128},
		{"URL_RETURN", o.ReturnURL, 256}, {"URL_RETURN_OK", o.ReturnOK, 256}, {"URL_RETURN_NO", o.ReturnNo, 256},
	} {
		if utf8.RuneCountInString(limit.value) > limit.max {
			return PayPage{}, fmt.Errorf("assist: %s is longer than %d characters", limit.name, limit.max)
		}
	}
	number, amount := o.Number.ERIP(), o.Amount.String()
	fields := []Field{
		{"Merchant_ID", g.cfg.MerchantID}, {"OrderNumber", number},
		{"OrderAmount", amount}, {"OrderCurrency", payments.BYN},
	}
	optional := []Field{
		{"Language", string(o.Language)}, {"OrderComment", o.Comment}, {"Email", o.Email},
		{"URL_RETURN", o.ReturnURL}, {"URL_RETURN_OK", o.ReturnOK}, {"URL_RETURN_NO", o.ReturnNo},
	}
	for _, f := range optional {
		if f.Value != "" {
			fields = append(fields, f)
		}
	}
	if !g.cfg.RequestSalt.IsZero() {
		x := g.cfg.MerchantID + ";" + number + ";" + amount + ";" + payments.BYN
		fields = append(fields, Field{"Checkvalue", CheckValue(g.cfg.RequestSalt, x)})
	}
	return PayPage{Action: g.address("/pay/order.cfm"), Fields: fields}, nil
}

// PayURL creates the order at the gateway and returns the address of its pay
// page, for payers who are sent a link instead of a form.
func (g *Gateway) PayURL(ctx context.Context, page PayPage) (string, error) {
	resp, err := g.post(ctx, page.Action, page.Values())
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	if resp.StatusCode < http.StatusMultipleChoices || resp.StatusCode >= http.StatusBadRequest {
		return "", fmt.Errorf("assist: order.cfm answered HTTP %d instead of a redirect", resp.StatusCode)
	}
	location, err := resp.Location()
	if err != nil {
		return "", fmt.Errorf("assist: order.cfm: %w", err)
	}
	return location.String(), nil
}
