package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// PaymentStatus tells how a payment stands to whoever has its number. The API
// counts the questions of each address: from is the one they came by, in the form
// of X-Forwarded-For. Errors: the problem "payment-number-unknown".
func (c *Client) PaymentStatus(ctx context.Context, number order.PaymentNumber, from string) (contract.PaymentStatus, error) {
	return ask[contract.PaymentStatus](ctx, &Client{base: c.base, http: c.http, language: c.language}, call{
		method: http.MethodGet, path: "/v1/payments/status/" + url.PathEscape(number.ERIP()), accept: "application/json", from: from,
	})
}
