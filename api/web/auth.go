package web

import (
	"context"
	"errors"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/internal/auth"
)

// Authenticator verifies bearer tokens.
type Authenticator interface {
	Authenticate(ctx context.Context, authorization string) (auth.Caller, error)
}

const keyCaller = "caller"

// Require lets callers with the scope pass.
func (r *Responder) Require(tokens Authenticator, scope auth.Scope) gin.HandlerFunc {
	return func(c *gin.Context) {
		caller, err := tokens.Authenticate(c.Request.Context(), c.GetHeader("Authorization"))
		switch {
		case errors.Is(err, auth.ErrNoToken):
			err = Refuse(ProblemUnauthenticated, nil)
		case errors.Is(err, auth.ErrToken):
			err = Refuse(ProblemToken, err)
		case err != nil:
			err = Refuse(ProblemIssuerUnavailable, err)
		case !caller.Has(scope):
			err = Refuse(ProblemForbidden, nil)
		}
		if err != nil {
			r.Fail(c, err)
			return
		}
		c.Set(keyCaller, caller)
	}
}

// CallerOf is who the token names; Require has put them there.
func CallerOf(c *gin.Context) auth.Caller {
	return c.MustGet(keyCaller).(auth.Caller) //nolint:forcetypeassert // only Require sets it
}

// SecureHeaders forbid browsers to guess, to tell and to keep.
func SecureHeaders(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}
