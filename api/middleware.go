package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/auth"
)

// Authenticator verifies bearer tokens.
type Authenticator interface {
	Authenticate(ctx context.Context, authorization string) (auth.Caller, error)
}

// multipartOverhead is what the form around a file may add to it.
const multipartOverhead = 8 << 10

const (
	keyCaller = "caller"
	keyTexts  = "texts"
)

// require lets callers with the scope pass.
func (s *Server) require(scope auth.Scope) gin.HandlerFunc {
	return func(c *gin.Context) {
		caller, err := s.Auth.Authenticate(c, c.GetHeader("Authorization"))
		switch {
		case errors.Is(err, auth.ErrNoToken):
			err = refuse(problemUnauthenticated, nil)
		case errors.Is(err, auth.ErrToken):
			err = refuse(problemToken, err)
		case err != nil:
			err = refuse(problemIssuerUnavailable, err)
		case !caller.Has(scope):
			err = refuse(problemForbidden, nil)
		}
		if err != nil {
			s.fail(c, err)
			return
		}
		c.Set(keyCaller, caller)
	}
}

// callerOf is who the token names; require has put them there.
func callerOf(c *gin.Context) auth.Caller {
	return c.MustGet(keyCaller).(auth.Caller) //nolint:forcetypeassert // only require sets it
}

// texts are those of the language that the caller asked for.
func (s *Server) texts(c *gin.Context) *texts {
	if t, ok := c.Get(keyTexts); ok {
		return t.(*texts) //nolint:forcetypeassert // only set here
	}
	t := s.catalogue.pick(c.GetHeader("Accept-Language"))
	c.Set(keyTexts, t)
	return t
}

// limitBody refuses a body that says it is too large before any of it is
// read, and one that does not say so when it turns out to be.
func (s *Server) limitBody(limit int64) gin.HandlerFunc {
	return func(c *gin.Context) {
		if c.Request.ContentLength > limit {
			c.Header("Connection", "close")
			s.fail(c, refuse(problemTooLarge, nil))
			return
		}
		c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, limit)
	}
}

func (s *Server) observe(c *gin.Context) {
	started := time.Now()
	c.Next()
	if s.Observe != nil {
		route := c.FullPath()
		if route == "" {
			route = "none"
		}
		s.Observe(c.Request.Method, route, c.Writer.Status(), time.Since(started))
	}
}

func (s *Server) recover(c *gin.Context) {
	defer func() {
		if r := recover(); r != nil {
			s.log.ErrorContext(c, "panic", "route", c.FullPath(), "stack", string(debug.Stack()))
			s.fail(c, refuse(problemInternal, fmt.Errorf("panic: %v", r)))
		}
	}()
	c.Next()
}

func secureHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
