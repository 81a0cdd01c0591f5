package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
	violation "github.com/pb33f/libopenapi-validator/errors"
	"github.com/pb33f/libopenapi-validator/router"
	v3 "github.com/pb33f/libopenapi/datamodel/high/v3"
)

// What a departure from the contract is about; every error of Check wraps one.
var (
	// ErrRoute is an answer from a path or a method that the document does not have.
	ErrRoute = errors.New("not in the contract")
	// ErrResponse is an answer whose status, media type, headers or body are
	// not as documented.
	ErrResponse = errors.New("answer is not as documented")
	// ErrRequest is a request that was answered with a success although the
	// document does not allow it.
	ErrRequest = errors.New("request is not as documented")
)

// Contract is an OpenAPI document against which exchanges are held. It is safe
// for concurrent use.
type Contract struct {
	routes     router.Router
	validator  validator.Validator
	operations []string
	// elsewhere is an address whose operation may answer with any problem: it
	// stands for those that the document does not have.
	elsewhere *address
}

type address struct{ method, path string }

// parameter is one in a path.
var parameter = regexp.MustCompile(`\{[^}]+\}`)

// Load reads an OpenAPI 3.1 document. Every operation needs its id, and one
// address without parameters has to answer GET with problems by default.
func Load(document []byte) (*Contract, error) {
	parsed, err := libopenapi.NewDocument(document)
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	model, err := parsed.BuildV3Model()
	if err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	c := &Contract{routes: router.NewRouter(&model.Model, router.WithPathOnlyMatching())}
	if err := c.readOperations(&model.Model); err != nil {
		return nil, fmt.Errorf("contract: %w", err)
	}
	checked, problems := validator.NewValidator(parsed, config.WithFormatAssertions(), config.WithoutSecurityValidation())
	if len(problems) > 0 {
		return nil, fmt.Errorf("contract: %w", errors.Join(problems...))
	}
	if good, violations := checked.ValidateDocument(); !good {
		return nil, fmt.Errorf("contract: %w", told(violations))
	}
	c.validator = checked
	return c, nil
}

func (c *Contract) readOperations(model *v3.Document) error {
	if model.Paths == nil || model.Paths.PathItems == nil {
		return errors.New("no paths")
	}
	for path, item := range model.Paths.PathItems.FromOldest() {
		for method, operation := range item.GetOperations().FromOldest() {
			if operation.OperationId == "" {
				return fmt.Errorf("%s %s has no operationId", method, path)
			}
			if succeeds(operation) {
				c.operations = append(c.operations, operation.OperationId)
			}
			if c.elsewhere == nil && answersProblems(operation) {
				c.elsewhere = &address{method: strings.ToUpper(method), path: parameter.ReplaceAllString(path, "x")}
			}
		}
	}
	if c.elsewhere == nil {
		return errors.New("no address answers problems by default")
	}
	slices.Sort(c.operations)
	return nil
}

// succeeds tells whether a success is documented; an operation may be there to be refused.
func succeeds(o *v3.Operation) bool {
	if o.Responses == nil || o.Responses.Codes == nil {
		return false
	}
	for code := range o.Responses.Codes.KeysFromOldest() {
		if code < "4" {
			return true
		}
	}
	return false
}

func answersProblems(o *v3.Operation) bool {
	if o.Responses == nil || o.Responses.Default == nil || o.Responses.Default.Content == nil {
		return false
	}
	_, ok := o.Responses.Default.Content.Get("application/problem+json")
	return ok
}

// Operations are the ids of all operations that can succeed, sorted.
func (c *Contract) Operations() []string { return slices.Clone(c.operations) }

// Operation is the id of the operation behind a method and a path.
func (c *Contract) Operation(method, path string) (id string, ok bool) {
	r, err := http.NewRequest(method, path, http.NoBody) //nolint:noctx // it is never sent
	if err != nil {
		return "", false
	}
	route, err := c.routes.FindRoute(r)
	if err != nil || route.Operation == nil {
		return "", false
	}
	return route.Operation.OperationId, true
}

// Check tells how an exchange departs from the contract. The body is that of
// the response, read to its end. A request that was refused may be anything;
// the body of another one is checked when the request can give it again
// (http.Request.GetBody).
//
// Errors: ErrRoute, ErrResponse, ErrRequest.
func (c *Contract) Check(req *http.Request, res *http.Response, body []byte) error {
	if err := c.check(req, res, body); err != nil {
		return fmt.Errorf("%s %s answered %d: %w", req.Method, req.URL.Path, res.StatusCode, err)
	}
	return nil
}

func (c *Contract) check(req *http.Request, res *http.Response, body []byte) error {
	asked, err := again(req)
	if err != nil {
		return err
	}
	route, err := c.routes.FindRoute(asked)
	if err != nil || route.Operation == nil {
		if res.StatusCode != http.StatusNotFound && res.StatusCode != http.StatusMethodNotAllowed {
			return ErrRoute
		}
		if asked, err = http.NewRequestWithContext(req.Context(), c.elsewhere.method, c.elsewhere.path, http.NoBody); err != nil {
			return err
		}
	} else if len(body) > 0 && silent(route.Operation, res.StatusCode) {
		return fmt.Errorf("%w: a body where none is documented", ErrResponse)
	}
	answer := &http.Response{StatusCode: res.StatusCode, Header: res.Header, Body: io.NopCloser(bytes.NewReader(body)), Request: asked}
	if good, violations := c.validator.ValidateHttpResponse(asked, answer); !good {
		return fmt.Errorf("%w: %w", ErrResponse, told(violations))
	}
	if res.StatusCode >= http.StatusBadRequest {
		return nil
	}
	if good, violations := c.validator.ValidateHttpRequestSync(asked); !good && (req.GetBody != nil || req.Body == nil) {
		return fmt.Errorf("%w: %w", ErrRequest, told(violations))
	}
	return nil
}

// silent tells that the status is documented without a body.
func silent(o *v3.Operation, status int) bool {
	if o.Responses == nil || o.Responses.Codes == nil {
		return false
	}
	r, ok := o.Responses.Codes.Get(strconv.Itoa(status))
	return ok && (r.Content == nil || r.Content.Len() == 0)
}

// again is the request with its body from the beginning.
func again(req *http.Request) (*http.Request, error) {
	out := req.Clone(req.Context())
	out.Body = http.NoBody
	if req.GetBody == nil {
		return out, nil
	}
	var err error
	out.Body, err = req.GetBody()
	return out, err
}

// told joins what a validator says.
func told(violations []*violation.ValidationError) error {
	var errs []error
	for _, v := range violations {
		errs = append(errs, fmt.Errorf("%s: %s", v.Message, v.Reason))
		for _, failure := range v.SchemaValidationErrors {
			errs = append(errs, fmt.Errorf("%s: %s", failure.FieldPath, failure.Reason))
		}
	}
	return errors.Join(errs...)
}
