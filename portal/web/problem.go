package web

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/remote-issuance/remote-issuance/portal/client"
)

// Errors that become pages.
var (
	// ErrNotFound: there is no such page.
	ErrNotFound = errors.New("no such page")
	// ErrForged: the form is not from a page of this session.
	ErrForged = errors.New("the form is not of this session")
	errPanic  = errors.New("the page panicked")
)

// Problem is an error page: the slug chooses its texts.
type problemPage struct {
	Slug, Title, Text string
	// Action leads on.
	ActionText, ActionHref string
	Reference              string
}

// actions are where a problem leads on; the rest lead to the orders.
var actions = map[string]string{
	"unavailable": "retry", "issuer-unavailable": "retry", "registers-silent": "retry", "busy": "retry", "internal": "retry",
	"too-many-requests": "retry", "idempotency-in-progress": "retry", "body-too-slow": "retry", "form-unreadable": "retry", "form-forged": "retry",
	"certificate-not-in-force": "sign-in", "certificate-not-begun": "sign-in", "certificate-not-for-signing": "sign-in", "certificate-of-another-person": "sign-in",
	"id-card": "sign-in", "representative": "sign-in", "organisation-missing": "sign-in", "forbidden": "sign-in",
	"sign-in-failed": "sign-in", "not-manager": "sign-in",
}

// fail answers with the page of an error: the one place that does.
func (s *Site) fail(v *Visit, err error) {
	if errors.Is(err, ErrUnchanged) {
		v.Writer.WriteHeader(http.StatusNoContent)
		return
	}
	slug, status := describe(err)
	if slug == "unauthenticated" || slug == "token-invalid" {
		// The API does not take the token any more: the session is over.
		if v.Session != nil {
			if err := v.signInAgain(); err != nil {
				s.log.ErrorContext(v.Request.Context(), "page not written", "error", err)
			}
			return
		}
	}
	page := problemPage{Slug: slug, Title: v.T("problems." + slug + ".title"), Text: v.T("problems." + slug + ".text")}
	var p *client.Problem
	if errors.As(err, &p) {
		page.Reference = p.Instance
		if !v.Texts.Has("problems." + slug + ".title") {
			page.Title, page.Text = p.Title, p.Detail
		}
		if p.RetryAfter > 0 {
			v.Writer.Header().Set("Retry-After", strconv.Itoa(int(p.RetryAfter.Seconds())))
		}
	}
	// A browser that has gone away is no failure of ours.
	if status >= http.StatusInternalServerError && v.Request.Context().Err() == nil {
		s.log.ErrorContext(v.Request.Context(), "page failed", "route", v.Request.Pattern, "problem", slug, "error", err)
	}
	if errors.Is(err, errSignIn) {
		s.log.WarnContext(v.Request.Context(), "sign-in refused", "error", err)
	}
	page.ActionText, page.ActionHref = v.action(slug)
	if err := v.Render(status, Page{Name: "common/problem", Title: page.Title, KeepNote: true, Body: page}); err != nil {
		s.log.ErrorContext(v.Request.Context(), "page not written", "error", err)
	}
}

func (v *Visit) action(slug string) (text, href string) {
	switch actions[slug] {
	case "retry":
		return v.T("problems.action.retry"), LocalPath(v.Request.URL.RequestURI())
	case "sign-in":
		return v.T("problems.action.sign-in"), "/sign-in"
	default:
		if v.Session == nil {
			return v.T("problems.action.start"), "/"
		}
		return v.T("problems.action.orders"), "/orders"
	}
}

// describe is the slug and the status of an error.
func describe(err error) (slug string, status int) {
	var p *client.Problem
	switch {
	case errors.As(err, &p):
		return p.Slug(), p.Status
	case errors.Is(err, ErrNotFound):
		return "not-found", http.StatusNotFound
	case errors.Is(err, ErrForged):
		return "form-forged", http.StatusForbidden
	case errors.Is(err, errForm):
		return "form-unreadable", http.StatusBadRequest
	case errors.Is(err, errSignIn):
		return "sign-in-failed", http.StatusBadRequest
	case errors.Is(err, errIssuer):
		return "issuer-unavailable", http.StatusServiceUnavailable
	case errors.Is(err, client.ErrUnavailable), errors.Is(err, errCrowded):
		return "unavailable", http.StatusServiceUnavailable
	default:
		return "internal", http.StatusInternalServerError
	}
}
