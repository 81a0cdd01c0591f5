package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
)

// Slug names a kind of problem; the type URI is made of it and is stable.
type Slug string

// The problems.
const (
	ProblemUnauthenticated     Slug = "unauthenticated"
	ProblemToken               Slug = "token-invalid"
	ProblemIssuerUnavailable   Slug = "issuer-unavailable"
	ProblemForbidden           Slug = "forbidden"
	ProblemNotFound            Slug = "not-found"
	ProblemMethod              Slug = "method-not-allowed"
	ProblemUnknownNumber       Slug = "payment-number-unknown"
	ProblemOrderEnded          Slug = "order-ended"
	ProblemWrongStage          Slug = "wrong-stage"
	ProblemBusy                Slug = "busy"
	ProblemTermsOutdated       Slug = "terms-outdated"
	ProblemAlreadyPaid         Slug = "already-paid"
	ProblemTooLarge            Slug = "body-too-large"
	ProblemTooSlow             Slug = "body-too-slow"
	ProblemTooMany             Slug = "too-many-requests"
	ProblemTooManyOpen         Slug = "too-many-open-orders"
	ProblemMalformed           Slug = "malformed"
	ProblemValidation          Slug = "validation"
	ProblemMediaType           Slug = "media-type"
	ProblemRequestRejected     Slug = "request-rejected"
	ProblemNotManager          Slug = "not-manager"
	ProblemNotInForce          Slug = "certificate-not-in-force"
	ProblemNotBegun            Slug = "certificate-not-begun"
	ProblemNotForSigning       Slug = "certificate-not-for-signing"
	ProblemOtherPerson         Slug = "certificate-of-another-person"
	ProblemIDCard              Slug = "id-card"
	ProblemRepresentative      Slug = "representative"
	ProblemNotResident         Slug = "not-resident"
	ProblemOrderEmployee       Slug = "order-6.0.01"
	ProblemOrderIndividual     Slug = "order-6.0.00"
	ProblemOrganisationMissing Slug = "organisation-missing"
	ProblemRegistersSilent     Slug = "registers-silent"
	ProblemNothingToConfirm    Slug = "nothing-to-confirm"
	ProblemListOutdated        Slug = "list-outdated"
	ProblemSignatureRejected   Slug = "signature-rejected"
	ProblemPaymentMethod       Slug = "payment-method-not-allowed"
	ProblemNothingToPay        Slug = "nothing-to-pay"
	ProblemNoCredentials       Slug = "credentials-missing"
	ProblemKeyConflict         Slug = "idempotency-conflict"
	ProblemKeyInProgress       Slug = "idempotency-in-progress"
	ProblemNotUnapplied        Slug = "payment-not-unapplied"
	ProblemNotMatching         Slug = "payment-not-matching"
	ProblemStatement           Slug = "statement-unreadable"
	ProblemEventsForgotten     Slug = "events-forgotten"
	ProblemWebhookExists       Slug = "webhook-exists"
	ProblemTooManyWebhooks     Slug = "too-many-webhooks"
	ProblemWebhookDisabled     Slug = "webhook-disabled"
	ProblemContainer           Slug = "container-rejected"
	ProblemInformation         Slug = "request-information"
	ProblemTermsMissing        Slug = "terms-missing"
	ProblemProcess             Slug = "process-not-offered"
	ProblemWork                Slug = "proof-of-work"
	ProblemDate                Slug = "date-off"
	ProblemCardUnready         Slug = "card-not-ready"
	ProblemCardUnreadable      Slug = "card-unreadable"
	ProblemCardOfManager       Slug = "card-of-manager"
	ProblemUnavailable         Slug = "unavailable"
	ProblemInternal            Slug = "internal"
)

// statuses maps every problem to its HTTP status: the one place that does.
var statuses = map[Slug]int{
	ProblemUnauthenticated: http.StatusUnauthorized, ProblemToken: http.StatusUnauthorized,
	ProblemIssuerUnavailable: http.StatusServiceUnavailable, ProblemForbidden: http.StatusForbidden,
	ProblemNotFound: http.StatusNotFound, ProblemMethod: http.StatusMethodNotAllowed, ProblemUnknownNumber: http.StatusNotFound,
	ProblemOrderEnded: http.StatusGone, ProblemWrongStage: http.StatusConflict, ProblemBusy: http.StatusConflict,
	ProblemTermsOutdated: http.StatusConflict, ProblemAlreadyPaid: http.StatusConflict,
	ProblemTooLarge: http.StatusRequestEntityTooLarge, ProblemTooSlow: http.StatusRequestTimeout,
	ProblemTooMany: http.StatusTooManyRequests, ProblemTooManyOpen: http.StatusConflict,
	ProblemMalformed: http.StatusBadRequest, ProblemValidation: http.StatusUnprocessableEntity,
	ProblemMediaType:       http.StatusUnsupportedMediaType,
	ProblemRequestRejected: http.StatusUnprocessableEntity, ProblemNotManager: http.StatusForbidden,
	ProblemNotInForce: http.StatusForbidden, ProblemNotBegun: http.StatusForbidden, ProblemNotForSigning: http.StatusForbidden, ProblemOtherPerson: http.StatusForbidden,
	ProblemIDCard: http.StatusForbidden, ProblemRepresentative: http.StatusForbidden, ProblemNotResident: http.StatusForbidden,
	ProblemOrderEmployee: http.StatusForbidden, ProblemOrderIndividual: http.StatusForbidden,
	ProblemOrganisationMissing: http.StatusForbidden, ProblemRegistersSilent: http.StatusServiceUnavailable,
	ProblemCardUnready: http.StatusConflict, ProblemCardUnreadable: http.StatusUnprocessableEntity, ProblemCardOfManager: http.StatusForbidden,
	ProblemListOutdated: http.StatusConflict, ProblemNothingToConfirm: http.StatusConflict, ProblemSignatureRejected: http.StatusUnprocessableEntity,
	ProblemPaymentMethod: http.StatusUnprocessableEntity, ProblemNothingToPay: http.StatusConflict,
	ProblemNoCredentials: http.StatusConflict, ProblemKeyConflict: http.StatusUnprocessableEntity,
	ProblemKeyInProgress: http.StatusConflict, ProblemNotUnapplied: http.StatusConflict,
	ProblemNotMatching: http.StatusConflict, ProblemStatement: http.StatusUnprocessableEntity,
	ProblemEventsForgotten: http.StatusGone, ProblemWebhookExists: http.StatusConflict,
	ProblemTooManyWebhooks: http.StatusConflict, ProblemWebhookDisabled: http.StatusConflict,
	ProblemContainer: http.StatusBadRequest, ProblemInformation: http.StatusUnprocessableEntity,
	ProblemTermsMissing: http.StatusConflict, ProblemProcess: http.StatusForbidden,
	ProblemWork: http.StatusPreconditionRequired, ProblemDate: http.StatusRequestTimeout,
	ProblemUnavailable: http.StatusServiceUnavailable, ProblemInternal: http.StatusInternalServerError,
}

// Status is the HTTP status of the problem.
func (s Slug) Status() int { return statuses[s] }

// TypeOf is the type URI of a problem, which opens its page: below the API's own address, or relative to it when there is none.
func TypeOf(base string, s Slug) string {
	return strings.TrimRight(base, "/") + ProblemsPath + "/" + string(s)
}

// Problem is an error with everything the answer says about it.
type Problem struct { //nolint:errname // RFC 9457 calls it a problem
	Slug Slug
	// Cause goes to the log only.
	Cause error
	// Order and the three after it say where an order stands.
	Order  order.ID
	Stage  order.Stage
	End    order.End
	Reason order.EndReason
	Checks order.Report
	// Fields are those of the request that are wrong.
	Fields []string
	// RetryAfter tells when to try again; zero says the usual for the status.
	RetryAfter time.Duration
}

// Error is the slug with the cause.
func (p *Problem) Error() string {
	if p.Cause != nil {
		return string(p.Slug) + ": " + p.Cause.Error()
	}
	return string(p.Slug)
}

// Unwrap is the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// Refuse is a problem with its cause, which may be nil.
func Refuse(s Slug, cause error) *Problem { return &Problem{Slug: s, Cause: cause} }

// Invalid names the fields of a request that are wrong.
func Invalid(fields ...string) *Problem { return &Problem{Slug: ProblemValidation, Fields: fields} }

// Failed is a problem with the checks that failed.
func Failed(s Slug, checks order.Report) *Problem { return &Problem{Slug: s, Checks: checks.Failed()} }

// Standing is a problem with where the order stands.
func Standing(s Slug, r order.Record, cause error) *Problem {
	return &Problem{Slug: s, Cause: cause, Order: r.ID, Stage: r.Stage, End: r.End, Reason: r.Reason}
}

// At adds to a refusal where the order stands.
func At(r order.Record, err error) error {
	p := Translate(err)
	p.Order, p.Stage, p.End, p.Reason = r.ID, r.Stage, r.End, r.Reason
	return p
}
