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

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// OfOrder is the path of an order, below which is its payment.
func OfOrder(id order.ID) string { return "/v1/orders/" + id.String() }

// Open opens an order or resumes the open one.
func (c *Caller) Open(ctx context.Context, service order.Service, headers ...Header) (contract.Order, error) {
	var o contract.Order
	err := c.Post(ctx, "/v1/orders", contract.OpenOrder{Service: service}, &o, headers...)
	return o, err
}

// AcceptTerms accepts both documents on offer.
func (c *Caller) AcceptTerms(ctx context.Context, orderID order.ID) (contract.Order, error) {
	var offer contract.Terms
	if err := c.Get(ctx, "/v1/terms", &offer); err != nil {
		return contract.Order{}, err
	}
	var o contract.Order
	err := c.Post(ctx, OfOrder(orderID)+"/terms", contract.AcceptTerms{
		AgreementVersion: offer.Agreement.Version, ContractVersion: offer.Contract.Version}, &o)
	return o, err
}

// Upload is a request file with contacts; Years is left out when it is 0.
type Upload struct {
	File         []byte
	Email, Phone string
	Years        int
}

// Submit sends the request file and answers with the verdict of the first check.
func (c *Caller) Submit(ctx context.Context, orderID order.ID, u Upload) (contract.Order, []contract.Check, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", "request.req")
	if err != nil {
		return contract.Order{}, nil, err
	}
	_, err = part.Write(u.File)
	err = errors.Join(err, form.WriteField("email", u.Email), form.WriteField("phone", u.Phone))
	if u.Years != 0 {
		err = errors.Join(err, form.WriteField("years", strconv.Itoa(u.Years)))
	}
	if err = errors.Join(err, form.Close()); err != nil {
		return contract.Order{}, nil, err
	}
	r, err := c.Do(ctx, http.MethodPost, OfOrder(orderID)+"/request", form.FormDataContentType(), body.Bytes())
	if err != nil {
		return contract.Order{}, nil, err
	}
	var verdict contract.Verdict
	err = r.Decode(&verdict)
	return verdict.Order, verdict.Checks, err
}

// Order reads one order.
func (c *Caller) Order(ctx context.Context, orderID order.ID) (contract.Order, error) {
	var o contract.Order
	err := c.Get(ctx, OfOrder(orderID), &o)
	return o, err
}

// Await reads an order until it is at one of the stages. An order that ends otherwise, or a context that ends, is an error.
func (c *Caller) Await(ctx context.Context, orderID order.ID, stages ...order.Stage) (contract.Order, error) {
	return c.AwaitOrder(ctx, orderID, fmt.Sprint(stages), func(o contract.Order) bool { return slices.Contains(stages, o.Stage) })
}

// AwaitOrder reads an order until it is as wanted; the text names what that is. An order that ends otherwise is an error.
func (c *Caller) AwaitOrder(ctx context.Context, orderID order.ID, text string, wanted func(contract.Order) bool) (contract.Order, error) {
	after := int64(0)
	for {
		var o contract.Order
		if err := c.Get(ctx, fmt.Sprintf("%s?wait=20s&after=%d", OfOrder(orderID), after), &o); err != nil {
			return o, fmt.Errorf("order %s: %w", orderID, err)
		}
		switch {
		case wanted(o):
			return o, nil
		case o.Stage == order.StageEnded && o.Version == after:
			return o, fmt.Errorf("order %s ended as %s (%s), wanted %s", orderID, o.End, o.Reason, text)
		}
		after = o.Version
		if err := ctx.Err(); err != nil {
			return o, err
		}
	}
}

// AwaitIssued reads an order until its certificate is issued. An order that ends otherwise is an error.
func (c *Caller) AwaitIssued(ctx context.Context, orderID order.ID) (contract.Order, error) {
	return c.AwaitOrder(ctx, orderID, "an issued certificate", func(o contract.Order) bool {
		return o.End == order.EndIssued && o.Certificate.SerialNumber != ""
	})
}

// Credentials reads login and password of an issued certificate.
func (c *Caller) Credentials(ctx context.Context, orderID order.ID) (contract.Credentials, error) {
	var out contract.Credentials
	err := c.Get(ctx, OfOrder(orderID)+"/credentials", &out)
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
