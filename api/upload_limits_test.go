package api

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

func TestABodyThatSaysItIsTooLargeIsNotRead(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	limits := b.deps.Limits
	for path, tc := range map[string]struct {
		token string
		size  int64
	}{
		s.path("request"):            {asIndividual, limits.File + multipartOverhead + 1},
		"/v1/orders":                 {asIndividual, limits.Body + 1},
		"/v1/payments/notifications": {asGateway, limits.Body + 1},
		"/v1/payments/statements":    {asOperator, limits.Statement + 1},
		"/v1/confirmations":          {asManager, 1 << 40},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, io.NopCloser(untouchable{t}))
		require.NoError(t, err)
		r.ContentLength = tc.size
		r.Header.Set("Authorization", tc.token)
		r.Header.Set("Content-Type", "application/json")
		answer := b.send(r)
		answer.problem(web.ProblemTooLarge)
		require.Equal(t, "close", answer.Header.Get("Connection"))
	}
}

// endless counts what is read of a body without an end.
type endless struct {
	start string
	read  int64
}

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	if e.read < int64(len(e.start)) {
		n := copy(p, e.start[e.read:])
		e.read += int64(n)
		return n, nil
	}
	e.read += int64(len(p))
	return len(p), nil
}

func TestABodyWithoutALengthIsReadUpToTheLimit(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageRequest, asIndividual)
	limits := b.deps.Limits
	const part = "--x\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n"
	for path, tc := range map[string]struct {
		token, mediaType, start string
		limit                   int64
	}{
		s.path("request"):            {asIndividual, "multipart/form-data; boundary=x", part, limits.File + multipartOverhead},
		"/v1/orders":                 {asIndividual, "application/json", "", limits.Body},
		"/v1/payments/notifications": {asGateway, "application/json", `{"source":"`, limits.Body},
	} {
		body := &endless{start: tc.start}
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, path, io.NopCloser(body))
		require.NoError(t, err)
		r.ContentLength = -1
		r.Header.Set("Authorization", tc.token)
		r.Header.Set("Content-Type", tc.mediaType)
		b.send(r).problem(web.ProblemTooLarge)
		require.LessOrEqual(t, body.read, tc.limit+64<<10, "read on after the limit: %s", path)
	}
}

func TestBodiesThatAreNotWhatTheContractSays(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	for name, tc := range map[string]struct {
		mediaType, body string
		want            web.Slug
	}{
		"cut off":        {"application/json", `{"service":`, web.ProblemMalformed},
		"no JSON":        {"application/json", `service=6.0.00`, web.ProblemMalformed},
		"two values":     {"application/json", `{"service":"6.0.00"}{}`, web.ProblemMalformed},
		"unknown field":  {"application/json", `{"service":"6.0.00","oleg.primerov@example.by":1}`, web.ProblemMalformed},
		"wrong type":     {"application/json", `{"service":600}`, web.ProblemMalformed},
		"a list":         {"application/json", `[]`, web.ProblemMalformed},
		"null":           {"application/json", `null`, web.ProblemValidation},
		"form":           {"application/x-www-form-urlencoded", `service=6.0.00`, web.ProblemMediaType},
		"text":           {"text/plain", `{"service":"6.0.00"}`, web.ProblemMediaType},
		"no media type":  {"", `{"service":"6.0.00"}`, web.ProblemMediaType},
		"bad media type": {";", `{"service":"6.0.00"}`, web.ProblemMediaType},
		"nothing":        {"", ``, web.ProblemValidation},
	} {
		t.Run(name, func(t *testing.T) {
			b.ask(http.MethodPost, "/v1/orders", asIndividual, tc.mediaType, tc.body).problem(tc.want)
		})
	}
	b.ask(http.MethodPost, s.path("terms"), asIndividual, "application/json", strings.Repeat("[", 100_000)).problem(web.ProblemMalformed)
}
