package client

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// OrganisationOrders reads one page of the organisation's orders by employee.
func (c *Client) OrganisationOrders(ctx context.Context, page, size int) (contract.OrganisationOrders, error) {
	query := url.Values{"page": {strconv.Itoa(page)}, "size": {strconv.Itoa(size)}}
	return get[contract.OrganisationOrders](ctx, c, "/v1/organisation/orders?"+query.Encode())
}

// OrganisationOrder reads one order as the manager decides about it.
func (c *Client) OrganisationOrder(ctx context.Context, id order.ID) (contract.OrganisationOrderDetails, error) {
	return get[contract.OrganisationOrderDetails](ctx, c, "/v1/organisation/orders/"+id.String())
}

// CardOfEmployee reads the card for evidence of an employee's issued order as
// PDF; each reading is audited. Errors: the problem "card-not-ready".
func (c *Client) CardOfEmployee(ctx context.Context, id order.ID) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: "/v1/organisation/orders/" + id.String() + "/card", accept: "application/pdf"})
}

// RejectOrder rejects an order; the reason may be empty.
func (c *Client) RejectOrder(ctx context.Context, id order.ID, reason string) (contract.OrganisationOrder, error) {
	return post[contract.OrganisationOrder](ctx, c, "/v1/organisation/orders/"+id.String()+"/rejection", contract.Rejection{Reason: reason}, "")
}

// MakeList makes the list of chosen orders. The key makes a repetition safe.
func (c *Client) MakeList(ctx context.Context, in contract.MakeList, key string) (contract.Confirmation, error) {
	return post[contract.Confirmation](ctx, c, "/v1/confirmations", in, key)
}

// Confirmations lists the organisation's confirmations, newest first.
func (c *Client) Confirmations(ctx context.Context) ([]contract.Confirmation, error) {
	return every(func(page int) ([]contract.Confirmation, int, error) {
		list, err := get[contract.ConfirmationList](ctx, c, "/v1/confirmations?"+pageQuery(page))
		return list.Confirmations, list.Pages, err
	})
}

// Confirmation reads a confirmation.
func (c *Client) Confirmation(ctx context.Context, id order.ID) (contract.Confirmation, error) {
	return get[contract.Confirmation](ctx, c, confirmationPath(id))
}

// AwaitConfirmation reads a confirmation as soon as its version is newer than
// the one known, or the time is over.
func (c *Client) AwaitConfirmation(ctx context.Context, id order.ID, after int64, wait time.Duration) (contract.Confirmation, error) {
	return get[contract.Confirmation](ctx, c, confirmationPath(id)+waiting(after, wait))
}

// ListBytes reads the exact octets to sign.
func (c *Client) ListBytes(ctx context.Context, id order.ID) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: confirmationPath(id) + "/list?format=xml", accept: "application/xml"})
}

// ListPDF reads the list as PDF.
func (c *Client) ListPDF(ctx context.Context, id order.ID) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: confirmationPath(id) + "/list?format=pdf", accept: "application/pdf"})
}

// SignList sends the detached CMS signature of the list.
func (c *Client) SignList(ctx context.Context, id order.ID, signature []byte) (contract.Confirmation, error) {
	return ask[contract.Confirmation](ctx, c, call{
		method: http.MethodPost, path: confirmationPath(id) + "/signature", contentType: "application/pkcs7-signature",
		accept: "application/json", body: signature,
	})
}

// ConfirmationPayment reads what is to be paid for a confirmation.
func (c *Client) ConfirmationPayment(ctx context.Context, id order.ID) (contract.Payment, error) {
	return get[contract.Payment](ctx, c, confirmationPath(id)+"/payment")
}

// ChooseConfirmationPayment chooses how to pay.
func (c *Client) ChooseConfirmationPayment(ctx context.Context, id order.ID, m contract.PaymentMethod) (contract.Payment, error) {
	return post[contract.Payment](ctx, c, confirmationPath(id)+"/payment", contract.ChoosePaymentMethod{Method: m}, "")
}

// Invoice reads the invoice as PDF.
func (c *Client) Invoice(ctx context.Context, id order.ID) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: confirmationPath(id) + "/invoice", accept: "application/pdf"})
}

func confirmationPath(id order.ID) string { return "/v1/confirmations/" + id.String() }
