package caller

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// OfConfirmation is the path of a confirmation, below which is its payment.
func OfConfirmation(id order.ID) string { return "/v1/confirmations/" + id.String() }

// Organisation reads a page of the organisation's orders.
func (c *Caller) Organisation(ctx context.Context, page int) (contract.OrganisationOrders, error) {
	var out contract.OrganisationOrders
	err := c.Get(ctx, fmt.Sprintf("/v1/organisation/orders?page=%d", page), &out)
	return out, err
}

// Listed finds the order of an ID on a page of the organisation's orders.
func Listed(page contract.OrganisationOrders, id order.ID) (contract.OrganisationOrder, bool) {
	for _, e := range page.Employees {
		for _, found := range e.Orders {
			if found.ID == id {
				return found, true
			}
		}
	}
	return contract.OrganisationOrder{}, false
}

// MakeList chooses orders and makes the list to sign.
func (c *Caller) MakeList(ctx context.Context, orderIDs []order.ID, headers ...Header) (contract.Confirmation, error) {
	var out contract.Confirmation
	err := c.Post(ctx, "/v1/confirmations", contract.MakeList{Orders: orderIDs}, &out, headers...)
	return out, err
}

// List downloads the exact bytes to sign.
func (c *Caller) List(ctx context.Context, confirmationID order.ID) ([]byte, error) {
	r, err := c.Do(ctx, http.MethodGet, OfConfirmation(confirmationID)+"/list", "", nil)
	if err != nil {
		return nil, err
	}
	return r.Body, r.Decode(nil)
}

// Sign sends the detached signature over the list.
func (c *Caller) Sign(ctx context.Context, confirmationID order.ID, signature []byte) (contract.Confirmation, error) {
	r, err := c.Do(ctx, http.MethodPost, OfConfirmation(confirmationID)+"/signature", "application/pkcs7-signature", signature)
	if err != nil {
		return contract.Confirmation{}, err
	}
	var out contract.Confirmation
	err = r.Decode(&out)
	return out, err
}

// Payment reads what is to be paid: of "/v1/confirmations/ID" or "/v1/orders/ID".
func (c *Caller) Payment(ctx context.Context, of string) (contract.Payment, error) {
	var out contract.Payment
	err := c.Get(ctx, of+"/payment", &out)
	return out, err
}

// ChooseMethod chooses how to pay.
func (c *Caller) ChooseMethod(ctx context.Context, of string, method contract.PaymentMethod) (contract.Payment, error) {
	var out contract.Payment
	err := c.Post(ctx, of+"/payment", contract.ChoosePaymentMethod{Method: method}, &out)
	return out, err
}

// Notify reports a payment as a gateway.
func (c *Caller) Notify(ctx context.Context, n contract.PaymentNotification) (contract.LedgerEntry, error) {
	var out contract.LedgerEntry
	err := c.Post(ctx, "/v1/payments/notifications", n, &out)
	return out, err
}

// Payments lists the ledger as an operator.
func (c *Caller) Payments(ctx context.Context, state contract.LedgerEntryState) ([]contract.LedgerEntry, error) {
	var out contract.LedgerEntries
	err := c.Get(ctx, "/v1/payments?state="+string(state), &out)
	return out.Payments, err
}

// AwaitConfirmation reads a confirmation until it is at one of the stages.
func (c *Caller) AwaitConfirmation(ctx context.Context, id order.ID, stages ...order.ConfirmationStage) (contract.Confirmation, error) {
	after := int64(0)
	for {
		var out contract.Confirmation
		err := c.Get(ctx, fmt.Sprintf("%s?wait=20s&after=%d", OfConfirmation(id), after), &out)
		if err != nil {
			return out, fmt.Errorf("confirmation %s: %w", id, err)
		}
		if slices.Contains(stages, out.Stage) {
			return out, nil
		}
		after = out.Version
		if err := ctx.Err(); err != nil {
			return out, err
		}
	}
}
