package caller

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Open opens an order or resumes the open one.
func (c *Caller) Open(ctx context.Context, service string, headers ...Header) (Order, error) {
	var o Order
	err := c.Post(ctx, "/v1/orders", map[string]string{"service": service}, &o, headers...)
	return o, err
}

// AcceptTerms accepts both documents on offer.
func (c *Caller) AcceptTerms(ctx context.Context, orderID string) (Order, error) {
	type document struct {
		Version string `json:"version"`
	}
	var offer struct{ Agreement, Contract document }
	if err := c.Get(ctx, "/v1/terms", &offer); err != nil {
		return Order{}, err
	}
	var o Order
	err := c.Post(ctx, "/v1/orders/"+orderID+"/terms", map[string]string{
		"agreementVersion": offer.Agreement.Version, "contractVersion": offer.Contract.Version}, &o)
	return o, err
}

// Upload is a request file with contacts; Years is left out when it is 0.
type Upload struct {
	File         []byte
	Email, Phone string
	Years        int
}

// Submit sends the request file and answers with the verdict of the first check.
func (c *Caller) Submit(ctx context.Context, orderID string, u Upload) (Order, []Check, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "request.req")
	if err != nil {
		return Order{}, nil, err
	}
	_, err = part.Write(u.File)
	err = errors.Join(err, form.WriteField("email", u.Email), form.WriteField("phone", u.Phone))
	if u.Years != 0 {
		err = errors.Join(err, form.WriteField("years", strconv.Itoa(u.Years)))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return Order{}, nil, err
	}
	r, err := c.Do(ctx, http.MethodPost, "/v1/orders/"+orderID+"/request", form.FormDataContentType(), body.Bytes())
	if err != nil {
		return Order{}, nil, err
	}
	var verdict struct {
		Order  Order   `json:"order"`
		Checks []Check `json:"checks"`
	}
	err = r.Decode(&verdict)
	return verdict.Order, verdict.Checks, err
}

// Order reads one order.
func (c *Caller) Order(ctx context.Context, orderID string) (Order, error) {
	var o Order
	err := c.Get(ctx, "/v1/orders/"+orderID, &o)
	return o, err
}

// Await reads an order until it is at one of the stages. An order that ends otherwise, or a context that ends, is an error.
func (c *Caller) Await(ctx context.Context, orderID string, stages ...string) (Order, error) {
	return c.AwaitOrder(ctx, orderID, strings.Join(stages, " or "), func(o Order) bool { return slices.Contains(stages, o.Stage) })
}

// AwaitOrder reads an order until it is as wanted; the text names what that is. An order that ends otherwise is an error.
func (c *Caller) AwaitOrder(ctx context.Context, orderID, text string, wanted func(Order) bool) (Order, error) {
	var o Order
	after := 0
	for {
		if err := c.Get(ctx, fmt.Sprintf("/v1/orders/%s?wait=20s&after=%d", orderID, after), &o); err != nil {
			return o, fmt.Errorf("order %s: %w", orderID, err)
		}
		switch {
		case wanted(o):
			return o, nil
		case o.Stage == "ended" && o.Version == after:
			return o, fmt.Errorf("order %s ended as %s (%s), wanted %s", orderID, o.End, o.Reason, text)
		}
		after = o.Version
		if err := ctx.Err(); err != nil {
			return o, err
		}
	}
}

// Credentials reads login and password of an issued certificate.
func (c *Caller) Credentials(ctx context.Context, orderID string) (Credentials, error) {
	var out Credentials
	err := c.Get(ctx, "/v1/orders/"+orderID+"/credentials", &out)
	return out, err
}

// Fetch downloads a certificate from the storage, as cer or p7b.
func (c *Caller) Fetch(ctx context.Context, login, password, format string) ([]byte, error) {
	body := fmt.Sprintf(`{"login":%q,"password":%q,"format":%q}`, login, password, format)
	r, err := c.Do(ctx, http.MethodPost, "/storage/certificate", "application/json", []byte(body))
	if err != nil {
		return nil, err
	}
	return r.Body, r.Decode(nil)
}
