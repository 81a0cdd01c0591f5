package contract

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// What a departure from the contract is about; every error of Check wraps one.
var (
	// ErrRoute is an answer from a path or a method that the document does not have.
	ErrRoute = errors.New("not in the contract")
	// ErrStatus is a success that the operation does not name.
	ErrStatus = errors.New("status is not documented")
	// ErrMediaType is a body in a media type that is not named for its status.
	ErrMediaType = errors.New("media type is not documented")
	// ErrHeader is a required header that is missing.
	ErrHeader = errors.New("header is missing")
	// ErrBody is a body that its schema refuses.
	ErrBody = errors.New("body is not as documented")
	// ErrRequest is a request that was answered with a success although the
	// document does not allow it.
	ErrRequest = errors.New("request is not as documented")
)

// Contract is a compiled OpenAPI document. It is safe for concurrent use.
type Contract struct {
	operations []*operation
	// problem answers where there is no route.
	problem response
}

// operation is one method of one path.
type operation struct {
	id, method string
	segments   []string
	// responses are keyed by status, or "default".
	responses  map[string]response
	parameters []parameter
	request    requestBody
}

// Operations are the ids of all operations, sorted.
func (c *Contract) Operations() []string {
	ids := make([]string, 0, len(c.operations))
	for _, o := range c.operations {
		ids = append(ids, o.id)
	}
	slices.Sort(ids)
	return ids
}

// Operation is the id of the operation behind a method and a path.
func (c *Contract) Operation(method, path string) (id string, ok bool) {
	if o := c.find(method, path); o != nil {
		return o.id, true
	}
	return "", false
}

// Check tells how an exchange departs from the contract. The body is that of
// the response, read to its end. The request's own body is checked when the
// request can give it again (http.Request.GetBody).
//
// Errors: ErrRoute, ErrStatus, ErrMediaType, ErrHeader, ErrBody, ErrRequest.
func (c *Contract) Check(req *http.Request, res *http.Response, body []byte) error {
	if err := c.check(req, res, body); err != nil {
		return fmt.Errorf("%s %s answered %d: %w", req.Method, req.URL.Path, res.StatusCode, err)
	}
	return nil
}

func (c *Contract) check(req *http.Request, res *http.Response, body []byte) error {
	o := c.find(req.Method, req.URL.Path)
	if o == nil {
		if res.StatusCode == http.StatusNotFound || res.StatusCode == http.StatusMethodNotAllowed {
			return c.problem.check(res, body)
		}
		return ErrRoute
	}
	described, ok := o.responses[strconv.Itoa(res.StatusCode)]
	if !ok {
		described, ok = o.responses["default"]
		if !ok || res.StatusCode < http.StatusBadRequest {
			return ErrStatus
		}
	}
	if err := described.check(res, body); err != nil {
		return err
	}
	if res.StatusCode >= http.StatusBadRequest {
		return nil
	}
	if err := o.allows(req); err != nil {
		return fmt.Errorf("%w: %w", ErrRequest, err)
	}
	return nil
}

// find prefers the path with the fewest parameters.
func (c *Contract) find(method, path string) *operation {
	segments := strings.Split(path, "/")
	var best *operation
	fewest := len(segments) + 1
	for _, o := range c.operations {
		if o.method != method {
			continue
		}
		if n, ok := o.match(segments); ok && n < fewest {
			best, fewest = o, n
		}
	}
	return best
}

func (o *operation) match(segments []string) (parameters int, ok bool) {
	if len(o.segments) != len(segments) {
		return 0, false
	}
	for i, s := range o.segments {
		switch {
		case strings.HasPrefix(s, "{"):
			parameters++
		case s != segments[i]:
			return 0, false
		}
	}
	return parameters, true
}

// response is what a status may be answered with.
type response struct {
	headers []string
	content content
}

func (r response) check(res *http.Response, body []byte) error {
	for _, name := range r.headers {
		if res.Header.Get(name) == "" {
			return fmt.Errorf("%w: %s", ErrHeader, name)
		}
	}
	if len(r.content) == 0 && len(body) == 0 {
		return nil
	}
	return r.content.check(res.Header.Get("Content-Type"), body)
}

// content holds the schemas by media type.
type content map[string]*schema

func (c content) check(contentType string, body []byte) error {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("%w: %q", ErrMediaType, contentType)
	}
	s, ok := c[media]
	if !ok {
		return fmt.Errorf("%w: %s", ErrMediaType, media)
	}
	if s == nil || !strings.HasSuffix(media, "json") {
		return nil
	}
	return s.json(body)
}

// requestBody is what an operation takes.
type requestBody struct {
	required bool
	content  content
}

func (o *operation) allows(req *http.Request) error {
	for _, p := range o.parameters {
		if err := p.check(req, o.segments); err != nil {
			return err
		}
	}
	if req.GetBody == nil {
		return nil
	}
	r, err := req.GetBody()
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }()
	body, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if len(body) == 0 && !o.request.required {
		return nil
	}
	return o.request.content.check(req.Header.Get("Content-Type"), body)
}
