package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
)

// maxWait is the longest that a caller can wait for a change.
const maxWait = time.Minute

// readJSON reads a body of known fields; an empty one leaves v as it is.
func readJSON(c *gin.Context, v any) error {
	if err := mediaType(c, "application/json"); err != nil {
		if c.Request.ContentLength == 0 {
			return nil
		}
		return err
	}
	return decode(c.Request.Body, v)
}

// mediaType refuses a body in any other media type than those wanted.
func mediaType(c *gin.Context, wanted ...string) error {
	kind, _, err := mime.ParseMediaType(c.GetHeader("Content-Type"))
	if err != nil || !slices.Contains(wanted, kind) {
		return refuse(problemMediaType, err)
	}
	return nil
}

// decode reads one JSON value of known fields; an empty text leaves v as it is.
func decode(text io.Reader, v any) error {
	d := json.NewDecoder(text)
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return bodyProblem(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(problemMalformed, errors.New("more than one value in the body"))
	}
	return nil
}

// errBody stands for errors about a body: what decoders say quotes it, and
// personal data are not logged.
var errBody = errors.New("the body cannot be read")

// bodyProblem tells a body that is too large from one that cannot be read.
func bodyProblem(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return refuse(problemTooLarge, nil)
	}
	return refuse(problemMalformed, fmt.Errorf("%w: %T", errBody, err))
}

// pathID reads the id in the path; anything that is none is not found.
func pathID(c *gin.Context) (string, error) {
	id, err := uuid.Parse(c.Param("id"))
	if err != nil {
		return "", refuse(problemNotFound, nil)
	}
	return id.String(), nil
}

// page reads the page number of a listing, from 1 on.
func page(c *gin.Context) (int, error) {
	n, err := strconv.Atoi(c.DefaultQuery("page", "1"))
	if err != nil || n < 1 || n > 100_000 {
		return 0, invalid("page")
	}
	return n, nil
}

// waiting reads how long the caller wants to wait for a version after the one
// they know.
func waiting(c *gin.Context) (after int64, wait time.Duration, err error) {
	if text := c.Query("wait"); text != "" {
		if wait, err = time.ParseDuration(text); err != nil || wait < 0 || wait > maxWait {
			return 0, 0, invalid("wait")
		}
	}
	if text := c.Query("after"); text != "" {
		if after, err = strconv.ParseInt(text, 10, 64); err != nil || after < 0 {
			return 0, 0, invalid("after")
		}
	}
	return after, wait, nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
