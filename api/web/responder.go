package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Handler answers a request or returns why it does not.
type Handler func(*gin.Context) error

// Responder answers with texts in the caller's language, and with problem
// documents (RFC 9457) where a handler fails.
type Responder struct {
	log       *slog.Logger
	catalogue *Catalogue
	base      string
}

// NewResponder makes a responder with the texts of this package, whose problems have their pages below the base.
func NewResponder(log *slog.Logger, base string) (*Responder, error) {
	catalogue, err := LoadCatalogue()
	if err != nil {
		return nil, err
	}
	return &Responder{log: log, catalogue: catalogue, base: base}, nil
}

const keyTexts = "texts"

// Texts are those of the language that the caller asked for.
func (r *Responder) Texts(c *gin.Context) *Texts {
	if t, ok := c.Get(keyTexts); ok {
		return t.(*Texts) //nolint:forcetypeassert // only set here
	}
	t := r.catalogue.Pick(c.GetHeader("Accept-Language"))
	c.Set(keyTexts, t)
	return t
}

// Serve answers the error of a handler, once.
func (r *Responder) Serve(h Handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			r.Fail(c, err)
		}
	}
}

// Recover answers a panic as an internal problem.
func (r *Responder) Recover(c *gin.Context) {
	defer func() {
		if v := recover(); v != nil {
			r.log.ErrorContext(c.Request.Context(), "panic", "route", c.FullPath(), "stack", string(debug.Stack()))
			r.Fail(c, Refuse(ProblemInternal, fmt.Errorf("panic: %v", v)))
		}
	}()
	c.Next()
}

// View is a problem as its document says it, in the caller's language.
func (r *Responder) View(c *gin.Context, p *Problem) contract.Problem {
	t := r.Texts(c)
	view := contract.Problem{
		Type: TypeOf(r.base, p.Slug), Title: t.Problems[p.Slug][0], Detail: t.Problems[p.Slug][1], Status: p.Slug.Status(),
		Instance: "urn:uuid:" + uuid.NewString(), Stage: p.Stage, End: p.End, Reason: p.Reason, OrderID: p.Order,
		Checks: t.CheckViews(p.Checks),
	}
	for _, f := range p.Fields {
		view.Errors = append(view.Errors, contract.FieldError{Field: f, Detail: t.field(f, p.Cause)})
	}
	return view
}

// Fail answers an error as a problem document and logs its cause.
func (r *Responder) Fail(c *gin.Context, err error) {
	var p *Problem
	if !errors.As(err, &p) {
		p = Translate(err)
	}
	view, status := r.View(c, p), p.Slug.Status()
	level := slog.LevelInfo
	// A client that has gone away is no failure of ours.
	if status >= http.StatusInternalServerError && c.Request.Context().Err() == nil {
		level = slog.LevelError
	}
	r.log.Log(c.Request.Context(), level, "request refused", "problem", p.Slug, "status", status,
		"instance", view.Instance, "route", c.FullPath(), "cause", p.Cause)
	p.headers(c, status)
	c.Header("Content-Language", r.Texts(c).Language)
	c.Header("Content-Type", "application/problem+json; charset=utf-8")
	c.AbortWithStatusJSON(status, view)
}

// unavailableFor is when to try again what does not answer now.
const unavailableFor = 30 * time.Second

func (p *Problem) headers(c *gin.Context, status int) {
	if status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	wait := p.RetryAfter
	if wait == 0 && status == http.StatusServiceUnavailable {
		wait = unavailableFor
	}
	if wait > 0 {
		c.Header("Retry-After", strconv.Itoa(int((wait+time.Second-1)/time.Second)))
	}
	if status == http.StatusRequestTimeout || status == http.StatusRequestEntityTooLarge {
		c.Header("Connection", "close")
	}
}

// CheckViews are checks as people read them.
func (t *Texts) CheckViews(r order.Report) []contract.Check {
	out := make([]contract.Check, 0, len(r))
	for _, c := range r {
		out = append(out, contract.Check{
			Code: string(c.Code), Verdict: c.Verdict, Field: string(c.Field), Found: c.Found, Expected: c.Expected,
			Cause: c.Cause, Title: t.CheckTitle(c),
		})
	}
	return out
}
