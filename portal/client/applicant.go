package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Terms reads the versions of agreement and contract on offer.
func (c *Client) Terms(ctx context.Context) (contract.Terms, error) {
	return get[contract.Terms](ctx, c, "/v1/terms")
}

// Tariff reads what certificates cost now and from announced days on.
func (c *Client) Tariff(ctx context.Context) (contract.Tariff, error) {
	return get[contract.Tariff](ctx, c, "/v1/tariff")
}

// Help reads where instructions, registration centres and support are.
func (c *Client) Help(ctx context.Context) (contract.Help, error) {
	return get[contract.Help](ctx, c, "/v1/help")
}

// Orders lists the person's orders, newest first; all of them, or the open ones only.
func (c *Client) Orders(ctx context.Context, all bool) ([]contract.Order, error) {
	state := "open"
	if all {
		state = "all"
	}
	return every(func(page int) ([]contract.Order, int, error) {
		list, err := get[contract.OrderList](ctx, c, "/v1/orders?state="+state+"&"+pageQuery(page))
		return list.Orders, list.Pages, err
	})
}

// OpenOrder opens an order of a service, or resumes the one that is not
// finished. The key makes a repetition safe.
func (c *Client) OpenOrder(ctx context.Context, service order.Service, key string) (contract.Order, error) {
	return post[contract.Order](ctx, c, "/v1/orders", contract.OpenOrder{Service: service}, key)
}

// Diagnosis reads what stands in the way of an order with the certificate signed
// in with, before there is one.
func (c *Client) Diagnosis(ctx context.Context) (contract.Diagnosis, error) {
	return get[contract.Diagnosis](ctx, c, "/v1/diagnosis")
}

// OpenRenewal opens the order that the link of a reminder leads to.
func (c *Client) OpenRenewal(ctx context.Context, link string) (contract.Order, error) {
	return post[contract.Order](ctx, c, "/v1/renewals/"+url.PathEscape(link), nil, "")
}

// Order reads an order.
func (c *Client) Order(ctx context.Context, id order.ID) (contract.Order, error) {
	return get[contract.Order](ctx, c, orderPath(id))
}

// AwaitOrder reads an order as soon as its version is newer than the one
// known, or the time is over.
func (c *Client) AwaitOrder(ctx context.Context, id order.ID, after int64, wait time.Duration) (contract.Order, error) {
	return get[contract.Order](ctx, c, orderPath(id)+waiting(after, wait))
}

func waiting(after int64, wait time.Duration) string {
	return "?" + url.Values{"wait": {wait.String()}, "after": {strconv.FormatInt(after, 10)}}.Encode()
}

// AcceptTerms accepts both documents in the versions that the person has read.
func (c *Client) AcceptTerms(ctx context.Context, id order.ID, in contract.AcceptTerms) (contract.Order, error) {
	return post[contract.Order](ctx, c, orderPath(id)+"/terms", in, "")
}

// Request is a request file with the contacts.
type Request struct {
	File         []byte
	Email, Phone string
	// Years is the term; empty when the file has it.
	Years string
}

// SubmitRequest uploads the request file with the contacts.
func (c *Client) SubmitRequest(ctx context.Context, id order.ID, in Request) (contract.Verdict, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "request.req")
	if err == nil {
		_, err = part.Write(in.File)
	}
	err = errors.Join(err, form.WriteField("email", in.Email), form.WriteField("phone", in.Phone))
	if in.Years != "" {
		err = errors.Join(err, form.WriteField("years", in.Years))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return contract.Verdict{}, fmt.Errorf("call of the API: %w", err)
	}
	return ask[contract.Verdict](ctx, c, call{
		method: http.MethodPost, path: orderPath(id) + "/request", contentType: form.FormDataContentType(),
		accept: "application/json", body: body.Bytes(),
	})
}

// Withdraw takes the order back.
func (c *Client) Withdraw(ctx context.Context, id order.ID) (contract.Order, error) {
	return post[contract.Order](ctx, c, orderPath(id)+"/withdrawal", nil, "")
}

// OrderPayment reads what is to be paid for an order of 6.0.00.
func (c *Client) OrderPayment(ctx context.Context, id order.ID) (contract.Payment, error) {
	return get[contract.Payment](ctx, c, orderPath(id)+"/payment")
}

// ChooseOrderPayment chooses how to pay.
func (c *Client) ChooseOrderPayment(ctx context.Context, id order.ID, m contract.PaymentMethod) (contract.Payment, error) {
	return post[contract.Payment](ctx, c, orderPath(id)+"/payment", contract.ChoosePaymentMethod{Method: m}, "")
}

// Credentials reads login and password of the storage; each reading is audited.
func (c *Client) Credentials(ctx context.Context, id order.ID) (contract.Credentials, error) {
	return get[contract.Credentials](ctx, c, orderPath(id)+"/credentials")
}

// Card reads the card for evidence of an issued order of 6.0.00 as PDF; each
// reading is audited. Errors: the problem "card-not-ready".
func (c *Client) Card(ctx context.Context, id order.ID) ([]byte, error) {
	return c.do(ctx, call{method: http.MethodGet, path: orderPath(id) + "/card", accept: "application/pdf"})
}

// CorrectContacts replaces the contacts of an issued order, where new
// credentials are sent.
func (c *Client) CorrectContacts(ctx context.Context, id order.ID, in contract.Contacts) (contract.Order, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return contract.Order{}, fmt.Errorf("call of the API: %w", err)
	}
	return ask[contract.Order](ctx, c, call{
		method: http.MethodPut, path: orderPath(id) + "/contacts", contentType: "application/json", accept: "application/json", body: body,
	})
}

// ReportActivation tells that the person has signed in with the certificate of the token.
func (c *Client) ReportActivation(ctx context.Context) (contract.Order, error) {
	return post[contract.Order](ctx, c, "/v1/activations", nil, "")
}

func orderPath(id order.ID) string { return "/v1/orders/" + id.String() }
