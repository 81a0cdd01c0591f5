package client

import (
	"context"
	"net/http"
	"net/url"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// PaymentStatus tells how a payment stands to whoever has its number. Errors:
// the problem "payment-number-unknown".
func (c *Client) PaymentStatus(ctx context.Context, number order.PaymentNumber) (contract.PaymentStatus, error) {
	return get[contract.PaymentStatus](ctx, c.As("", c.language), "/v1/payments/status/"+url.PathEscape(number.ERIP()))
}

// VerifyCard tells whether a card for evidence, a PDF, is good; the code is what
// the QR code of a printed one says, empty for none. Errors: the problem
// "card-unreadable" for what is no card.
func (c *Client) VerifyCard(ctx context.Context, pdf []byte, code string) (contract.CardVerdict, error) {
	path := "/v1/cards/verification"
	if code != "" {
		path += "?" + url.Values{"code": {code}}.Encode()
	}
	return ask[contract.CardVerdict](ctx, c.As("", c.language), call{
		method: http.MethodPost, path: path, contentType: "application/pdf", accept: "application/json", body: pdf,
	})
}
