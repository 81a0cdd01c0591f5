package client

import (
	"context"
	"net/url"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// PaymentStatus tells how a payment stands to whoever has its number. Errors:
// the problem "payment-number-unknown".
func (c *Client) PaymentStatus(ctx context.Context, number order.PaymentNumber) (contract.PaymentStatus, error) {
	return get[contract.PaymentStatus](ctx, c.As("", c.language), "/v1/payments/status/"+url.PathEscape(number.ERIP()))
}
