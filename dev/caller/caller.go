package caller

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Caller calls the API with one token. Language, when set, is the Accept-Language of its requests.
type Caller struct {
	Base, Token, Language string
	// HTTP makes the requests; nil means http.DefaultClient.
	HTTP *http.Client
}

// Response is an answer of the API, read to its end.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Problem is a problem document (RFC 9457) that the API answered with.
type Problem struct{ contract.Problem }

// Slug is the last part of the problem's type.
func (p *Problem) Slug() string { return p.Type[strings.LastIndex(p.Type, "/")+1:] }

// Error tells status, type, text and failed checks.
func (p *Problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d %s: %s", p.Status, p.Slug(), p.Detail)
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "; %s: %s", e.Field, e.Detail)
	}
	for _, c := range p.Checks {
		if c.Verdict != order.VerdictPassed {
			fmt.Fprintf(&b, "; %s %s %s (%s)", c.Code, c.Field, c.Verdict, c.Cause)
		}
	}
	return b.String()
}

// Header is one header of a request.
type Header struct{ Name, Value string }

// Do makes a request; any status is an answer and no error.
func (c *Caller) Do(ctx context.Context, method, path, contentType string, body []byte, headers ...Header) (Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.Base+path, bytes.NewReader(body))
	if err != nil {
		return Response{}, err
	}
	if c.Token != "" {
		r.Header.Set("Authorization", "Bearer "+c.Token)
	}
	if c.Language != "" {
		r.Header.Set("Accept-Language", c.Language)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for _, h := range headers {
		r.Header.Set(h.Name, h.Value)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	response, err := client.Do(r)
	if err != nil {
		return Response{}, err
	}
	defer func() { _ = response.Body.Close() }()
	content, err := io.ReadAll(response.Body)
	return Response{Status: response.StatusCode, Header: response.Header, Body: content}, err
}

// Decode reads a successful answer into a value; any other status is a *Problem, or an error when the answer is no problem document.
func (r Response) Decode(into any) error {
	if r.Status >= http.StatusBadRequest {
		p := &Problem{}
		if err := json.Unmarshal(r.Body, p); err != nil || p.Type == "" {
			return fmt.Errorf("status %d: %.200s", r.Status, r.Body)
		}
		return p
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(r.Body, into)
}

// Get reads a path into a value.
func (c *Caller) Get(ctx context.Context, path string, into any) error {
	r, err := c.Do(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return err
	}
	return r.Decode(into)
}

// Post sends a value as JSON, nothing when it is nil, and reads the answer into another.
func (c *Caller) Post(ctx context.Context, path string, value, into any, headers ...Header) error {
	var body []byte
	contentType := ""
	if value != nil {
		var err error
		if body, err = json.Marshal(value); err != nil {
			return err
		}
		contentType = "application/json"
	}
	r, err := c.Do(ctx, http.MethodPost, path, contentType, body, headers...)
	if err != nil {
		return err
	}
	return r.Decode(into)
}
