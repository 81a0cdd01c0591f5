package api

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// slug names a kind of problem; the type URI is made of it and is stable.
type slug string

// The problems, each with the status it is answered with.
const (
	problemUnauthenticated     slug = "unauthenticated"
	problemToken               slug = "token-invalid"
	problemIssuerUnavailable   slug = "issuer-unavailable"
	problemForbidden           slug = "forbidden"
	problemNotFound            slug = "not-found"
	problemMethod              slug = "method-not-allowed"
	problemOrderEnded          slug = "order-ended"
	problemWrongStage          slug = "wrong-stage"
	problemBusy                slug = "busy"
	problemTermsOutdated       slug = "terms-outdated"
	problemAlreadyPaid         slug = "already-paid"
	problemTooLarge            slug = "body-too-large"
	problemMalformed           slug = "malformed"
	problemValidation          slug = "validation"
	problemMediaType           slug = "media-type"
	problemRequestRejected     slug = "request-rejected"
	problemNotManager          slug = "not-manager"
	problemNotInForce          slug = "certificate-not-in-force"
	problemIDCard              slug = "id-card"
	problemRepresentative      slug = "representative"
	problemOrganisationMissing slug = "organisation-missing"
	problemRegistersSilent     slug = "registers-silent"
	problemNothingToConfirm    slug = "nothing-to-confirm"
	problemSignatureRejected   slug = "signature-rejected"
	problemWay                 slug = "way-not-allowed"
	problemNothingToPay        slug = "nothing-to-pay"
	problemNoCredentials       slug = "credentials-missing"
	problemKeyConflict         slug = "idempotency-conflict"
	problemKeyInProgress       slug = "idempotency-in-progress"
	problemNotUnapplied        slug = "payment-not-unapplied"
	problemNotMatching         slug = "payment-not-matching"
	problemStatement           slug = "statement-unreadable"
	problemUnavailable         slug = "unavailable"
	problemInternal            slug = "internal"
)

// statuses maps every problem to its HTTP status: the one place that does.
var statuses = map[slug]int{
	problemUnauthenticated: http.StatusUnauthorized, problemToken: http.StatusUnauthorized,
	problemIssuerUnavailable: http.StatusServiceUnavailable, problemForbidden: http.StatusForbidden,
	problemNotFound: http.StatusNotFound, problemMethod: http.StatusMethodNotAllowed,
	problemOrderEnded: http.StatusGone, problemWrongStage: http.StatusConflict, problemBusy: http.StatusConflict,
	problemTermsOutdated: http.StatusConflict, problemAlreadyPaid: http.StatusConflict,
	problemTooLarge: http.StatusRequestEntityTooLarge, problemMalformed: http.StatusBadRequest,
	problemValidation: http.StatusUnprocessableEntity, problemMediaType: http.StatusUnsupportedMediaType,
	problemRequestRejected: http.StatusUnprocessableEntity, problemNotManager: http.StatusForbidden,
	problemNotInForce: http.StatusForbidden, problemIDCard: http.StatusForbidden, problemRepresentative: http.StatusForbidden,
	problemOrganisationMissing: http.StatusForbidden, problemRegistersSilent: http.StatusServiceUnavailable,
	problemNothingToConfirm: http.StatusConflict, problemSignatureRejected: http.StatusUnprocessableEntity,
	problemWay: http.StatusUnprocessableEntity, problemNothingToPay: http.StatusConflict,
	problemNoCredentials: http.StatusConflict, problemKeyConflict: http.StatusUnprocessableEntity,
	problemKeyInProgress: http.StatusConflict, problemNotUnapplied: http.StatusConflict,
	problemNotMatching: http.StatusConflict, problemStatement: http.StatusUnprocessableEntity,
	problemUnavailable: http.StatusServiceUnavailable, problemInternal: http.StatusInternalServerError,
}

// typePrefix begins the type URI of every problem.
const typePrefix = "urn:remote-issuance:problem:"

// problem is an error with everything the answer says about it. Cause goes to
// the log only.
type problem struct {
	slug   slug
	cause  error
	stage  order.Stage
	end    order.End
	reason order.EndReason
	order  string
	checks []checkView
	fields []string
}

func (p *problem) Error() string {
	if p.cause != nil {
		return string(p.slug) + ": " + p.cause.Error()
	}
	return string(p.slug)
}

func (p *problem) Unwrap() error { return p.cause }

func refuse(s slug, cause error) *problem { return &problem{slug: s, cause: cause} }

// standing is a problem with where the order stands.
func standing(s slug, v postgres.OrderView, cause error) *problem {
	return &problem{slug: s, cause: cause, stage: v.State.Stage, end: v.State.End, reason: v.State.Reason, order: v.ID}
}

// invalid names the fields of a request that are wrong.
func invalid(fields ...string) *problem { return &problem{slug: problemValidation, fields: fields} }

// problemView is the problem document of RFC 9457.
type problemView struct {
	Type     string          `json:"type"`
	Title    string          `json:"title"`
	Status   int             `json:"status"`
	Detail   string          `json:"detail"`
	Instance string          `json:"instance,omitempty"`
	Stage    order.Stage     `json:"stage,omitempty"`
	End      order.End       `json:"end,omitempty"`
	Reason   order.EndReason `json:"reason,omitempty"`
	OrderID  string          `json:"orderId,omitempty"`
	Checks   []checkView     `json:"checks,omitempty"`
	Errors   []fieldError    `json:"errors,omitempty"`
}

type fieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// handler is a handler that returns its error; serve answers it, once.
type handler func(*gin.Context) error

func (s *Server) serve(h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(c); err != nil {
			s.fail(c, err)
		}
	}
}

// fail answers an error as a problem document and logs its cause.
func (s *Server) fail(c *gin.Context, err error) {
	var p *problem
	if !errors.As(err, &p) {
		p = translate(err)
	}
	t := s.texts(c)
	view := problemView{
		Type: typePrefix + string(p.slug), Title: t.Problems[p.slug][0], Detail: t.Problems[p.slug][1], Status: statuses[p.slug],
		Instance: "urn:uuid:" + uuid.NewString(), Stage: p.stage, End: p.end, Reason: p.reason,
		OrderID: p.order, Checks: p.checks,
	}
	for _, f := range p.fields {
		view.Errors = append(view.Errors, fieldError{Field: f, Detail: t.Fields[f]})
	}
	for i := range view.Checks {
		view.Checks[i].Title = t.Checks[view.Checks[i].Code]
	}
	level := slog.LevelInfo
	// A client that has gone away is no failure of ours.
	if view.Status >= http.StatusInternalServerError && c.Request.Context().Err() == nil {
		level = slog.LevelError
	}
	s.log.Log(c, level, "request refused", "problem", p.slug, "status", view.Status,
		"instance", view.Instance, "route", c.FullPath(), "cause", p.cause)
	if view.Status == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", "Bearer")
	}
	if view.Status == http.StatusServiceUnavailable {
		c.Header("Retry-After", "30")
	}
	c.Header("Content-Language", t.Language)
	c.Header("Content-Type", "application/problem+json; charset=utf-8")
	c.AbortWithStatusJSON(view.Status, view)
}
