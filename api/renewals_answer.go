package api

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
)

// asked is what a response answers: the request and, of a repeated one, its nonce.
type asked struct {
	id    bpki.RequestID
	nonce []byte
}

// respond signs a response as the CA's agent.
func (r *renewals) respond(c *gin.Context, status int, response bpki.Response) error {
	body, err := bpki.SealResponse(response, r.Agent, r.now())
	if err != nil {
		return err
	}
	c.Data(status, mediaTypeCMS, body)
	return nil
}

// refuse answers an error as a rejection. What says nothing of the request — the
// service fails, is asked too often, works on it already — stays a problem
// document: a rejection would be final.
func (r *renewals) refuse(c *gin.Context, q asked, err error) error {
	p := renewalProblem(err)
	if p.Slug.Status() >= http.StatusInternalServerError || p.Slug == web.ProblemTooMany || p.Slug == web.ProblemKeyInProgress {
		return p
	}
	r.log.InfoContext(c.Request.Context(), "request to renew refused", "problem", p.Slug, "status", p.Slug.Status(), "route", c.FullPath(), "cause", p.Cause)
	return r.respond(c, p.Slug.Status(), bpki.Response{
		Status: bpki.StatusRejection, Failure: failureOf(p.Slug, err), Comments: comments(r.Texts(c), p), RequestID: q.id, Nonce: q.nonce,
	})
}

// renewalProblem is the problem of what package renewal refuses.
func renewalProblem(err error) *web.Problem {
	var contacts *renewal.ContactsError
	var rejected *renewal.RejectedError
	switch {
	case errors.As(err, &contacts):
		return web.Invalid(contacts.Fields...)
	case errors.As(err, &rejected):
		return web.Failed(web.ProblemRequestRejected, rejected.Report)
	case errors.Is(err, renewal.ErrTerms):
		return web.Refuse(web.ProblemTermsMissing, nil)
	case errors.Is(err, renewal.ErrStatement), errors.Is(err, renewal.ErrPayment):
		return web.Refuse(web.ProblemInformation, err)
	case slices.ContainsFunc(containerErrors, func(target error) bool { return errors.Is(err, target) }):
		return web.Refuse(web.ProblemContainer, err)
	default:
		return web.Translate(refusal(err))
	}
}

// containerErrors are those of a container that cannot be worked on.
var containerErrors = []error{
	bpki.ErrMalformed, bpki.ErrTooLarge, bpki.ErrAlgorithm, bpki.ErrKey, bpki.ErrRecipient, bpki.ErrSignature, bpki.ErrMismatch,
}

// failureOf is the reason that stands for a problem in PKIFailureInfo (RFC 3161, 2.4.2).
func failureOf(slug web.Slug, err error) bpki.Failure {
	switch {
	case errors.Is(err, bpki.ErrAlgorithm):
		return bpki.FailureBadAlgorithm
	case errors.Is(err, bpki.ErrMalformed), errors.Is(err, bpki.ErrTooLarge):
		return bpki.FailureBadDataFormat
	case slug == web.ProblemTermsMissing, slug == web.ProblemTermsOutdated:
		return bpki.FailureUnacceptedPolicy
	case slug == web.ProblemInformation, slug == web.ProblemValidation:
		return bpki.FailureAddInfoNotAvailable
	default:
		return bpki.FailureBadRequest
	}
}

// maxShown is how many checks and fields the comments name; a response has eight.
const maxShown = 7

// comments say in the caller's language what is wrong and what to do. Responses are
// signed and not encrypted: checks are named, the values that differ are not.
func comments(t *web.Texts, p *web.Problem) []string {
	title, detail := t.Problems[p.Slug][0], t.Problems[p.Slug][1]
	out := []string{title + ". " + detail}
	if p.Slug == web.ProblemOrderEnded {
		out = append(out, t.Ended(p.End, p.Reason))
	}
	for _, f := range p.Fields {
		out = append(out, f+": "+t.Fields[f])
	}
	for _, check := range p.Checks {
		out = append(out, checkComment(t, check))
	}
	out = slices.DeleteFunc(out, func(s string) bool { return s == "" })
	return out[:min(len(out), maxShown)]
}

func checkComment(t *web.Texts, check order.Check) string {
	var facts []string
	for _, fact := range []string{string(check.Code), string(check.Field), check.Cause} {
		if fact != "" {
			facts = append(facts, fact)
		}
	}
	return t.CheckTitle(check) + " (" + strings.Join(facts, ", ") + ")"
}
