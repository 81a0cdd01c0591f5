package api

import (
	"bytes"
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

	"github.com/remote-issuance/remote-issuance/internal/text"
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

// bodyFields may hold more than one plain line; every other string of a body may not.
var bodyFields = text.Fields{
	"reason": {Lines: true}, "note": {Lines: true},
	"email": {Pasted: true}, "phone": {Pasted: true}, "number": {Pasted: true},
}

// decode reads one JSON value of known fields; an empty body leaves v as it is.
// A string that cannot be stored, or deceives its reader, is refused with its field.
func decode(body io.Reader, v any) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return bodyProblem(err)
	}
	if err := textProblem(bodyFields.JSON(raw)); err != nil {
		return err
	}
	return decodeKnown(raw, v)
}

// decodeForeign reads a message about money that another system sent: what cannot
// be stored is replaced, because the message itself must not be lost (P4).
func decodeForeign(raw []byte, v any) error {
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
		return bodyProblem(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return refuse(problemMalformed, errors.New("more than one value in the body"))
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
		return refuse(problemMalformed, err)
	default:
		return &problem{slug: problemValidation, cause: err, fields: []string{refused.Field}}
	}
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
	if asked := c.Query("wait"); asked != "" {
		if wait, err = time.ParseDuration(asked); err != nil || wait < 0 || wait > maxWait {
			return 0, 0, invalid("wait")
		}
	}
	if asked := c.Query("after"); asked != "" {
		if after, err = strconv.ParseInt(asked, 10, 64); err != nil || after < 0 {
			return 0, 0, invalid("after")
		}
	}
	return after, wait, nil
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }
