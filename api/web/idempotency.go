package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// maxKey is the longest Idempotency-Key in octets.
const maxKey = 128

// Answers keeps the answers to creating requests.
type Answers interface {
	// Begin claims a key; it returns the stored answer, or nil when the request
	// is to be worked on. Errors: postgres.ErrInProgress, postgres.ErrOtherRequest.
	Begin(ctx context.Context, owner, key string, fingerprint []byte) (*postgres.Answer, error)
	Finish(ctx context.Context, owner, key string, a postgres.Answer) error
	Abandon(ctx context.Context, owner, key string) error
}

// Idempotency answers a creating request once per Idempotency-Key.
type Idempotency struct {
	Answers Answers
	Log     *slog.Logger
}

// Once works on a request whose caller was found to be allowed to make it. A
// repetition under the same key of the same owner, who is a person with an
// organisation, gets the stored answer; another request under it is refused.
func (i *Idempotency) Once(c *gin.Context, owner string, h Handler) error {
	keys := c.Request.Header.Values("Idempotency-Key")
	if len(keys) == 0 || len(keys) == 1 && keys[0] == "" {
		return h(c)
	}
	key := keys[0]
	if len(keys) > 1 || len(key) > maxKey || strings.IndexFunc(key, unprintable) >= 0 {
		return Invalid("Idempotency-Key")
	}
	sum, err := fingerprint(c)
	if err != nil {
		return err
	}
	stored, err := i.Answers.Begin(c.Request.Context(), owner, key, sum)
	switch {
	case errors.Is(err, postgres.ErrInProgress):
		return Refuse(ProblemKeyInProgress, nil)
	case errors.Is(err, postgres.ErrOtherRequest):
		return Refuse(ProblemKeyConflict, nil)
	case err != nil:
		return err
	case stored != nil:
		c.Header("Idempotency-Replayed", "true")
		replayLocation(c, stored.Body)
		c.Data(stored.Status, stored.MediaType, stored.Body)
		return nil
	}
	return i.answerOnce(c, h, owner, key)
}

func unprintable(r rune) bool { return r < '!' || r > '~' }

// fingerprint is a hash of everything in the request.
func fingerprint(c *gin.Context) ([]byte, error) {
	body, err := Body(c)
	if err != nil {
		return nil, err
	}
	h := sha256.New()
	_, _ = io.WriteString(h, c.Request.Method+"\x00"+c.Request.URL.Path+"\x00")
	_, _ = h.Write(body)
	return h.Sum(nil), nil
}

// answerOnce works on the request and keeps its answer when it is a success;
// after a failure the key is free again.
func (i *Idempotency) answerOnce(c *gin.Context, h Handler, owner, key string) error {
	recorder := &recorder{ResponseWriter: c.Writer}
	c.Writer = recorder
	// A client that hangs up repeats the request: the key must not stay taken.
	ctx := context.WithoutCancel(c.Request.Context())
	done := false
	defer func() {
		if done {
			return
		}
		if err := i.Answers.Abandon(ctx, owner, key); err != nil {
			i.Log.ErrorContext(ctx, "idempotency key not freed, it frees itself", "error", err)
		}
	}()
	if err := h(c); err != nil {
		return err
	}
	done = true
	err := i.Answers.Finish(ctx, owner, key, postgres.Answer{
		Status: recorder.Status(), MediaType: recorder.Header().Get("Content-Type"), Body: recorder.body.Bytes(),
	})
	if err != nil {
		i.Log.ErrorContext(c.Request.Context(), "answer not kept: a repetition is worked on again", "error", err)
	}
	return nil
}

// replayLocation gives the address of what was created: below the address that
// creates, under its id.
func replayLocation(c *gin.Context, body []byte) {
	var created struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &created); err == nil && created.ID != "" {
		c.Header("Location", c.Request.URL.Path+"/"+created.ID)
	}
}

// recorder keeps what is answered.
type recorder struct {
	gin.ResponseWriter
	body bytes.Buffer
}

// Write keeps and answers.
func (r *recorder) Write(b []byte) (int, error) {
	r.body.Write(b)
	return r.ResponseWriter.Write(b)
}

// WriteString keeps and answers.
func (r *recorder) WriteString(text string) (int, error) {
	r.body.WriteString(text)
	return r.ResponseWriter.WriteString(text)
}
