// Package integrator orders a certificate with a client that oapi-codegen generates from the contract with its own settings, as an
// integrator would. What the generator cannot read, or answers that do not fit its types, show here.
package integrator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
)

// Sandbox is the address of the sandbox, under which persons and payers are played.
type Sandbox string

// Certificate is what an order came to.
type Certificate struct{ Number, SerialNumber, Login string }

// Order takes a person of the sandbox through an order of 6.0.00.
func (s Sandbox) Order(ctx context.Context, person string) (Certificate, error) {
	client, err := s.client(ctx, person)
	if err != nil {
		return Certificate{}, err
	}
	opened, err := client.OpenOrderWithResponse(ctx, nil, OpenOrder{Service: "6.0.00"})
	if err != nil || opened.JSON201 == nil {
		return Certificate{}, failed("open an order", opened, err)
	}
	id := opened.JSON201.Id
	terms, err := client.GetTermsWithResponse(ctx)
	if err != nil || terms.JSON200 == nil {
		return Certificate{}, failed("read the terms", terms, err)
	}
	accepted, err := client.AcceptTermsWithResponse(ctx, id, AcceptTerms{
		AgreementVersion: terms.JSON200.Agreement.Version, ContractVersion: terms.JSON200.Contract.Version})
	if err != nil || accepted.JSON200 == nil {
		return Certificate{}, failed("accept the terms", accepted, err)
	}
	kind, form, err := s.form(ctx, person)
	if err != nil {
		return Certificate{}, err
	}
	verdict, err := client.SubmitRequestWithBodyWithResponse(ctx, id, kind, form)
	if err != nil || verdict.JSON200 == nil {
		return Certificate{}, failed("upload the request", verdict, err)
	}
	if _, err := until(ctx, client, id, func(o *Order) bool { return o.Stage == "awaiting-payment" }); err != nil {
		return Certificate{}, err
	}
	if err := s.pay(ctx, client, id); err != nil {
		return Certificate{}, err
	}
	issued, err := until(ctx, client, id, func(o *Order) bool { return o.Certificate != nil })
	if err != nil {
		return Certificate{}, err
	}
	credentials, err := client.GetCredentialsWithResponse(ctx, id)
	if err != nil || credentials.JSON200 == nil {
		return Certificate{}, failed("read the credentials", credentials, err)
	}
	return Certificate{Number: issued.Number, SerialNumber: issued.Certificate.SerialNumber, Login: credentials.JSON200.Login}, nil
}

func (s Sandbox) pay(ctx context.Context, client *ClientWithResponses, id Id) error {
	chosen, err := client.ChooseOrderPaymentWithResponse(ctx, id, ChoosePaymentMethod{Method: "erip"})
	if err != nil || chosen.JSON200 == nil {
		return failed("choose how to pay", chosen, err)
	}
	_, err = s.door(ctx, "/payments/erip", map[string]string{"number": chosen.JSON200.Number})
	return err
}

// maxReads bounds the wait for an order; each read waits ten seconds for a change.
const maxReads = 30

func until(ctx context.Context, client *ClientWithResponses, id Id, wanted func(*Order) bool) (*Order, error) {
	wait, after := "10s", int64(0)
	for range maxReads {
		read, err := client.GetOrderWithResponse(ctx, id, &GetOrderParams{Wait: &wait, After: &after})
		if err != nil || read.JSON200 == nil {
			return nil, failed("read the order", read, err)
		}
		if wanted(read.JSON200) {
			return read.JSON200, nil
		}
		after = read.JSON200.Version
	}
	return nil, errors.New("the order does not go on")
}

// failed tells the problem that an operation was answered with.
func failed(what string, answer interface{ StatusCode() int }, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return fmt.Errorf("%s: answered with status %d", what, answer.StatusCode())
}

func (s Sandbox) client(ctx context.Context, person string) (*ClientWithResponses, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, string(s), nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var at struct{ API string }
	if err := json.NewDecoder(response.Body).Decode(&at); err != nil {
		return nil, err
	}
	answer, err := s.door(ctx, "/persons/"+person+"/token", nil)
	if err != nil {
		return nil, err
	}
	var token struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(answer, &token); err != nil {
		return nil, err
	}
	return NewClientWithResponses(at.API, WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token.Access)
		return nil
	}))
}

// form is the upload of the person's request file with contacts.
func (s Sandbox) form(ctx context.Context, person string) (contentType string, body io.Reader, err error) {
	file, err := s.door(ctx, "/persons/"+person+"/request", map[string]int{"years": 1})
	if err != nil {
		return "", nil, err
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", "request.req")
	if err == nil {
		_, err = part.Write(file)
	}
	return w.FormDataContentType(), &b, errors.Join(err, w.WriteField("email", person+"@example.by"), w.WriteField("phone", "+375291234567"), w.Close())
}

func (s Sandbox) door(ctx context.Context, path string, body any) ([]byte, error) {
	content, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, string(s)+path, strings.NewReader(string(content)))
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %d %s", path, response.StatusCode, answer)
	}
	return answer, err
}
