package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/api/contract"
)

// maxAnswer bounds what is read of an answer, in octets; lists of signed
// documents and invoices are far smaller.
const maxAnswer = 16 << 20

// ErrUnavailable says that the API cannot be reached, or answers with what is no answer of it.
var ErrUnavailable = errors.New("the API does not answer")

// Problem is a problem document (RFC 9457) that the API answered with.
type Problem struct { //nolint:errname // RFC 9457 calls it a problem
	contract.Problem
	// RetryAfter is how long to wait, as the API said; 0 when it did not.
	RetryAfter time.Duration
}

// problems is the part of a problem's type before its slug.
const problems = "/problems/"

// Slug is the stable name of the kind of problem, such as "wrong-stage".
func (p *Problem) Slug() string { return p.Type[strings.LastIndex(p.Type, "/")+1:] }

// Error is status and kind; what the API said to the person is not logged.
func (p *Problem) Error() string { return fmt.Sprintf("API answered %d %s", p.Status, p.Slug()) }

// Is tells whether an error is a problem of one of the kinds.
func Is(err error, slugs ...string) bool {
	var p *Problem
	if !errors.As(err, &p) {
		return false
	}
	for _, slug := range slugs {
		if p.Slug() == slug {
			return true
		}
	}
	return false
}

// Client calls the API. It is safe for concurrent use.
type Client struct {
	base string
	http *http.Client
	// Token and Language are sent with each request.
	token, language string
	// from are the addresses that the person's request came by.
	from string
}

// New is a client for the API at an address, such as http://127.0.0.1:8080.
func New(base string, h *http.Client) *Client {
	return &Client{base: strings.TrimRight(base, "/"), http: h}
}

// As is the client of a person, who reads a language.
func (c *Client) As(token, language string) *Client {
	return &Client{base: c.base, http: c.http, token: token, language: language, from: c.from}
}

// From tells the API by which addresses the person came, in the form of
// X-Forwarded-For: it counts some questions by address, and believes a portal
// that is among its TRUSTED_PROXIES.
func (c *Client) From(addresses string) *Client {
	return &Client{base: c.base, http: c.http, token: c.token, language: c.language, from: addresses}
}

// bearer is the header of the person's token; empty for nobody.
func (c *Client) bearer() string {
	if c.token == "" {
		return ""
	}
	return "Bearer " + c.token
}

// call is one request.
type call struct {
	method, path, contentType, accept string
	body                              []byte
	idempotencyKey                    string
}

// do makes a request and reads the answer. Errors: *Problem or ErrUnavailable.
func (c *Client) do(ctx context.Context, in call) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, in.method, c.base+in.path, bytes.NewReader(in.body))
	if err != nil {
		return nil, fmt.Errorf("call of the API: %w", err)
	}
	for name, value := range map[string]string{
		"Authorization": c.bearer(), "Accept-Language": c.language, "Content-Type": in.contentType,
		"Accept": in.accept, "Idempotency-Key": in.idempotencyKey, "X-Forwarded-For": c.from,
	} {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return nil, fmt.Errorf("%w: %s %s: %w", ErrUnavailable, in.method, route(in.path), unwrapped(err))
	}
	defer func() { _ = answer.Body.Close() }()
	content, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil || len(content) > maxAnswer {
		return nil, fmt.Errorf("%w: %s %s: answer cannot be read: %w", ErrUnavailable, in.method, route(in.path), err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return nil, problemOf(answer, content)
	}
	return content, nil
}

// route is a path without what came from outside.
func route(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// unwrapped leaves out the address, which the error of net/http repeats.
func unwrapped(err error) error {
	if inner := errors.Unwrap(err); inner != nil {
		return inner
	}
	return err
}

func problemOf(answer *http.Response, content []byte) error {
	p := &Problem{}
	if err := json.Unmarshal(content, &p.Problem); err != nil || !strings.Contains(p.Type, problems) {
		return fmt.Errorf("%w: status %d without a problem document", ErrUnavailable, answer.StatusCode)
	}
	p.Status = answer.StatusCode
	if wait, err := time.ParseDuration(answer.Header.Get("Retry-After") + "s"); err == nil && wait > 0 {
		p.RetryAfter = wait
	}
	return p
}

// get reads a path into a value.
func get[T any](ctx context.Context, c *Client, path string) (T, error) {
	return ask[T](ctx, c, call{method: http.MethodGet, path: path, accept: "application/json"})
}

// post sends a value as JSON, nothing when it is nil, and reads the answer.
func post[T any](ctx context.Context, c *Client, path string, value any, idempotencyKey string) (T, error) {
	in := call{method: http.MethodPost, path: path, accept: "application/json", idempotencyKey: idempotencyKey}
	if value != nil {
		body, err := json.Marshal(value)
		if err != nil {
			var none T
			return none, fmt.Errorf("call of the API: %w", err)
		}
		in.body, in.contentType = body, "application/json"
	}
	return ask[T](ctx, c, in)
}

func ask[T any](ctx context.Context, c *Client, in call) (T, error) {
	var out T
	content, err := c.do(ctx, in)
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(content, &out); err != nil {
		return out, fmt.Errorf("%w: %s %s: answer is not of the contract", ErrUnavailable, in.method, route(in.path))
	}
	return out, nil
}
