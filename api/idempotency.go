package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// maxKey is the longest Idempotency-Key in octets.
const maxKey = 128

// idempotent answers a creating request once per Idempotency-Key: a repetition
// gets the stored answer, another request under the same key is refused.
func (s *Server) idempotent(h handler) gin.HandlerFunc {
	return s.serve(func(c *gin.Context) error {
		key := c.GetHeader("Idempotency-Key")
		if key == "" {
			return h(c)
		}
		if len(key) > maxKey {
			return refuse(problemMalformed, errors.New("the Idempotency-Key is too long"))
		}
		owner, fingerprint, err := s.fingerprint(c)
		if err != nil {
			return err
		}
		stored, err := s.Store.Idempotency.Begin(c, owner, key, fingerprint)
		switch {
		case errors.Is(err, postgres.ErrInProgress):
			return refuse(problemKeyInProgress, nil)
		case errors.Is(err, postgres.ErrOtherRequest):
			return refuse(problemKeyConflict, nil)
		case err != nil:
			return err
		case stored != nil:
			c.Header("Idempotency-Replayed", "true")
			replayLocation(c, stored.Body)
			c.Data(stored.Status, stored.MediaType, stored.Body)
			return nil
		}
		return s.answerOnce(c, h, owner, key)
	})
}

// fingerprint is whose request it is and a hash of everything in it.
func (s *Server) fingerprint(c *gin.Context) (owner string, sum []byte, err error) {
	body, err := io.ReadAll(c.Request.Body)
	if err != nil {
		return "", nil, bodyProblem(err)
	}
	c.Request.Body = io.NopCloser(bytes.NewReader(body))
	h := sha256.New()
	_, _ = io.WriteString(h, c.Request.Method+"\x00"+c.Request.URL.Path+"\x00")
	_, _ = h.Write(body)
	return s.Hash("caller\x00" + callerOf(c).Subject), h.Sum(nil), nil
}

// answerOnce works on the request and keeps its answer when it is a success;
// after a failure the key is free again.
func (s *Server) answerOnce(c *gin.Context, h handler, owner, key string) error {
	recorder := &recorder{ResponseWriter: c.Writer}
	c.Writer = recorder
	// A client that hangs up repeats the request: the key must not stay taken.
	ctx := context.WithoutCancel(c.Request.Context())
	done := false
	defer func() {
		if done {
			return
		}
		if err := s.Store.Idempotency.Abandon(ctx, owner, key); err != nil {
			s.log.ErrorContext(ctx, "idempotency key not freed, it frees itself", "error", err)
		}
	}()
	if err := h(c); err != nil {
		return err
	}
	done = true
	err := s.Store.Idempotency.Finish(ctx, owner, key, postgres.Answer{
		Status: recorder.Status(), MediaType: recorder.Header().Get("Content-Type"), Body: recorder.body.Bytes(),
	})
	if err != nil {
		s.log.ErrorContext(c, "answer not kept: a repetition is worked on again", "error", err)
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
