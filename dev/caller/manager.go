package caller

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// Organisation reads a page of the organisation's orders.
func (c *Caller) Organisation(ctx context.Context, page int) (OrganisationOrders, error) {
	var out OrganisationOrders
	err := c.Get(ctx, fmt.Sprintf("/v1/organisation/orders?page=%d", page), &out)
	return out, err
}

// MakeList chooses orders and makes the list to sign.
func (c *Caller) MakeList(ctx context.Context, orderIDs []string, headers ...Header) (Confirmation, error) {
	var out Confirmation
	err := c.Post(ctx, "/v1/confirmations", map[string]any{"orders": orderIDs}, &out, headers...)
	return out, err
}

// List downloads the exact bytes to sign.
func (c *Caller) List(ctx context.Context, confirmationID string) ([]byte, error) {
	r, err := c.Do(ctx, http.MethodGet, "/v1/confirmations/"+confirmationID+"/list", "", nil)
	if err != nil {
		return nil, err
	}
	return r.Body, r.Decode(nil)
}

// Sign sends the detached signature over the list.
func (c *Caller) Sign(ctx context.Context, confirmationID string, signature []byte) (Confirmation, error) {
	r, err := c.Do(ctx, http.MethodPost, "/v1/confirmations/"+confirmationID+"/signature", "application/pkcs7-signature", signature)
	if err != nil {
		return Confirmation{}, err
	}
	var out Confirmation
	err = r.Decode(&out)
	return out, err
}

// Payment reads what is to be paid: of "/v1/confirmations/ID" or "/v1/orders/ID".
func (c *Caller) Payment(ctx context.Context, of string) (Payment, error) {
	var out Payment
	err := c.Get(ctx, of+"/payment", &out)
	return out, err
}

// ChooseMethod chooses how to pay.
func (c *Caller) ChooseMethod(ctx context.Context, of, method string) (Payment, error) {
	var out Payment
	err := c.Post(ctx, of+"/payment", map[string]string{"method": method}, &out)
	return out, err
}

// Notify reports a payment as a gateway.
func (c *Caller) Notify(ctx context.Context, n Notification) (LedgerEntry, error) {
	var out LedgerEntry
	err := c.Post(ctx, "/v1/payments/notifications", n, &out)
	return out, err
}

// Payments lists the ledger as an operator.
func (c *Caller) Payments(ctx context.Context, state string) ([]LedgerEntry, error) {
	var out struct{ Payments []LedgerEntry }
	err := c.Get(ctx, "/v1/payments?state="+state, &out)
	return out.Payments, err
}

// AwaitConfirmation reads a confirmation until it is at one of the stages.
func (c *Caller) AwaitConfirmation(ctx context.Context, id string, stages ...string) (Confirmation, error) {
	var out Confirmation
	for {
		err := c.Get(ctx, fmt.Sprintf("/v1/confirmations/%s?wait=20s&after=%d", id, out.Version), &out)
		if err != nil {
			return out, fmt.Errorf("confirmation %s: %w", id, err)
		}
		if slices.Contains(stages, out.Stage) {
			return out, nil
		}
		if err := ctx.Err(); err != nil {
			return out, err
		}
	}
}
