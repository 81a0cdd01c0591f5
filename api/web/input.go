package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/order"
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

// Decode reads one JSON value of known fields; an empty text leaves v as it is.
func Decode(raw []byte, v any) error {
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

// errBody stands for errors about a body: what decoders say quotes it, and
// personal data are not logged.
var errBody = errors.New("the body cannot be read")

// BodyProblem tells a body that is too large, or comes too slowly, from one
// that cannot be read.
func BodyProblem(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return Refuse(ProblemTooLarge, nil)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return Refuse(ProblemTooSlow, nil)
	case errors.Is(err, order.ErrID):
		return Refuse(ProblemMalformed, order.ErrID)
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

// PageSize reads how many rows a page has, one of those offered; the first of
// them when nothing is asked for.
func PageSize(c *gin.Context, offered ...int) (int, error) {
	text, ok := c.GetQuery("size")
	if !ok {
		return offered[0], nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(offered, n) {
		return 0, Invalid("size")
	}
	return n, nil
}

// Waiting reads how long the caller wants to wait for a version after the one
// they know.
func Waiting(c *gin.Context) (after int64, wait time.Duration, err error) {
	if text := c.Query("wait"); text != "" {
		if wait, err = time.ParseDuration(text); err != nil || wait < 0 || wait > maxWait {
			return 0, 0, Invalid("wait")
		}
	}
	if text := c.Query("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return 0, 0, Invalid("after")
		}
	}
	return after, wait, nil
}

// Longer tells whether a text has more characters than allowed.
func Longer(text string, characters int) bool { return utf8.RuneCountInString(text) > characters }
