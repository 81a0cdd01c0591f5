package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/text"
)

// This file is the one place where texts from outside enter.

// maxWait is the longest that a caller can wait for a change.
const maxWait = time.Minute

const keyBody = "body"

// Body reads the whole body, once: it can be asked for again.
func Body(c *gin.Context) ([]byte, error) {
	if raw, ok := c.Get(keyBody); ok {
		return raw.([]byte), nil //nolint:forcetypeassert // only set here
	}
	raw, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return nil, BodyProblem(err)
	}
	c.Set(keyBody, raw)
	return raw, nil
}

// ReadJSON reads a body of known fields; an empty one leaves v as it is.
func ReadJSON(c *gin.Context, v any) error {
	if err := MediaType(c, "application/json"); err != nil {
		if c.Request.ContentLength == 0 {
			return nil
		}
		return err
	}
	raw, err := Body(c)
	if err != nil {
		return err
	}
	return Decode(raw, v)
}

// MediaType refuses a body in any other media type than those wanted.
func MediaType(c *gin.Context, wanted ...string) error {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || !slices.Contains(wanted, kind) {
		return Refuse(ProblemMediaType, err)
	}
	return nil
}

// bodyFields may hold more than one plain line; every other string of a body may not.
var bodyFields = text.Fields{
	"reason": {Lines: true}, "note": {Lines: true},
	"email": {Pasted: true}, "phone": {Pasted: true}, "number": {Pasted: true},
}

// Decode reads one JSON value of known fields; an empty body leaves v as it is.
// A string that cannot be stored, or deceives its reader, is refused with its field.
func Decode(raw []byte, v any) error {
	if err := textProblem(bodyFields.JSON(raw)); err != nil {
		return err
	}
	return decodeKnown(raw, v)
}

// DecodeForeign reads a message about money that another system sent: what cannot
// be stored is replaced, because the message itself must not be lost (P4).
func DecodeForeign(raw []byte, v any) error {
	if err := decodeKnown(raw, v); err != nil {
		return err
	}
	text.ReplaceIn(v)
	return nil
}

func decodeKnown(raw []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return BodyProblem(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Refuse(ProblemMalformed, errors.New("more than one value in the body"))
	}
	return nil
}

// textProblem turns a refusal of the gate for texts into a problem that names the field.
func textProblem(err error) error {
	var refused *text.Error
	switch {
	case !errors.As(err, &refused):
		return err
	case refused.Reason == text.ReasonSyntax || refused.Field == "":
		return Refuse(ProblemMalformed, err)
	default:
		return &Problem{Slug: ProblemValidation, Cause: err, Fields: []string{refused.Field}}
	}
}

// headerFields are the headers that the API reads.
var headerFields = []string{"Idempotency-Key", "Accept-Language", "Content-Type", "Authorization", "Nonce", "Date"}

// PlainTexts refuses a request with a string in its path, its parameters or the
// headers it is read by that cannot be stored or deceives its reader, and one
// that gives a parameter twice: it has two values.
func (r *Responder) PlainTexts(c *gin.Context) {
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		r.Fail(c, Refuse(ProblemMalformed, errors.New("the parameters cannot be read")))
		return
	}
	path, headers := map[string][]string{}, map[string][]string{}
	for _, p := range c.Params {
		path[p.Key] = []string{p.Value}
	}
	for _, name := range headerFields {
		if values := c.Request.Header.Values(name); len(values) > 0 {
			headers[name] = values
		}
	}
	none := text.Fields{}
	for _, err := range []error{none.Values(path, true), none.Values(query, true), none.Values(headers, false)} {
		if err := textProblem(err); err != nil {
			r.Fail(c, err)
			return
		}
	}
}

// instantField is the only instant that a body of the contract has; decoders do
// not tell where it stood.
const instantField = "occurredAt"

// errBody stands for errors about a body: what decoders say quotes it, and
// personal data are not logged.
var errBody = errors.New("the body cannot be read")

// BodyProblem tells a body that is too large, or comes too slowly, from one
// that cannot be read.
func BodyProblem(err error) error {
	var large *http.MaxBytesError
	var instant *time.ParseError
	switch {
	case errors.As(err, &large):
		return Refuse(ProblemTooLarge, nil)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Refuse(ProblemTooSlow, nil)
	case errors.Is(err, order.ErrID):
		return Refuse(ProblemMalformed, order.ErrID)
	case errors.As(err, &instant):
		return &Problem{Slug: ProblemMalformed, Cause: errBody, Fields: []string{instantField}}
	default:
		return Refuse(ProblemMalformed, fmt.Errorf("%w: %T", errBody, err))
	}
}

// PathID reads the id in the path; anything that is none is not found.
func PathID(c *gin.Context) (order.ID, error) {
	id, err := order.ParseID(c.Param("id"))
	if err != nil {
		return order.ID{}, Refuse(ProblemNotFound, nil)
	}
	return id, nil
}

// Page reads the number of a page, from 1 on.
func Page(c *gin.Context) (int, error) {
	n, err := strconv.Atoi(c.DefaultQuery("page", "1"))
	if err != nil || n < 1 || n > 100_000 {
		return 0, Invalid("page")
	}
	return n, nil
}

// mostOnPage is how many rows a page has at most, and where nothing is asked for.
const mostOnPage = 100

// Paging reads the number of a page, from 1 on, and how many rows it has.
func Paging(c *gin.Context) (page, size int, err error) {
	if page, err = Page(c); err != nil {
		return 0, 0, err
	}
	size, err = strconv.Atoi(c.DefaultQuery("size", strconv.Itoa(mostOnPage)))
	if err != nil || size < 1 || size > mostOnPage {
		return 0, 0, Invalid("size")
	}
	return page, size, nil
}

// PageCount is how many pages of so many rows there are.
func PageCount(total, size int) int { return (total + size - 1) / size }

// PageSize reads how many rows a page has, one of those offered; the first of
// them when nothing is asked for.
func PageSize(c *gin.Context, offered ...int) (int, error) {
	asked, ok := c.GetQuery("size")
	if !ok {
		return offered[0], nil
	}
	n, err := strconv.Atoi(asked)
	if err != nil || !slices.Contains(offered, n) {
		return 0, Invalid("size")
	}
	return n, nil
}

// Waiting reads how long the caller wants to wait for a version after the one
// they know.
func Waiting(c *gin.Context) (after int64, wait time.Duration, err error) {
	if asked := c.Query("wait"); asked != "" {
		if wait, err = time.ParseDuration(asked); err != nil || wait < 0 || wait > maxWait {
			return 0, 0, Invalid("wait")
		}
	}
	if asked := c.Query("after"); asked != "" {
		if after, err = strconv.ParseInt(asked, 10, 64); err != nil || after < 0 {
			return 0, 0, Invalid("after")
		}
	}
	return after, wait, nil
}

// Longer tells whether a text has more characters than allowed.
func Longer(s string, characters int) bool { return utf8.RuneCountInString(s) > characters }
