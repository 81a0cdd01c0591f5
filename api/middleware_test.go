package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/workflows"
)

func TestEveryAnswerHasTheSecurityHeaders(t *testing.T) {
	b := setup(t)
	for _, r := range []reply{
		b.get("/healthz", ""), b.get("/v1/terms", asEmployee), b.get("/nowhere", ""), b.get("/v1/terms", ""), b.get("/openapi.yaml", ""),
	} {
		require.Equal(t, "nosniff", r.Header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-referrer", r.Header.Get("Referrer-Policy"))
		require.Equal(t, "no-store", r.Header.Get("Cache-Control"))
	}
}

func TestWhoIsLetIn(t *testing.T) {
	b := setup(t)
	for _, tc := range []struct {
		token string
		want  web.Slug
	}{
		{"", web.ProblemUnauthenticated}, {"Bearer unknown", web.ProblemToken}, {"Basic dTpw", web.ProblemToken},
		{"Bearer nobody-to-ask", web.ProblemIssuerUnavailable}, {asGateway, web.ProblemForbidden}, {asOperator, web.ProblemForbidden},
	} {
		r := b.get("/v1/terms", tc.token)
		r.problem(tc.want)
		require.Equal(t, r.Status == http.StatusUnauthorized, r.Header.Get("WWW-Authenticate") == "Bearer")
		require.Equal(t, r.Status == http.StatusServiceUnavailable, r.Header.Get("Retry-After") != "")
	}
}

func TestEveryRouteAsksForItsScope(t *testing.T) {
	b := setup(t)
	id := order.NewID().String()
	for scope, routes := range map[auth.Scope][]string{
		auth.ScopeApplicant: {
			"GET /v1/terms", "POST /v1/orders", "GET /v1/orders", "GET /v1/orders/" + id, "POST /v1/orders/" + id + "/terms",
			"POST /v1/orders/" + id + "/request", "POST /v1/orders/" + id + "/withdrawal", "GET /v1/orders/" + id + "/payment",
			"POST /v1/orders/" + id + "/payment", "GET /v1/orders/" + id + "/credentials", "POST /v1/activations",
		},
		auth.ScopeManager: {
			"GET /v1/organisation/orders", "GET /v1/organisation/orders/" + id, "POST /v1/organisation/orders/" + id + "/rejection", "POST /v1/confirmations",
			"GET /v1/confirmations", "GET /v1/confirmations/" + id, "GET /v1/confirmations/" + id + "/list",
			"POST /v1/confirmations/" + id + "/signature", "GET /v1/confirmations/" + id + "/payment",
			"POST /v1/confirmations/" + id + "/payment", "GET /v1/confirmations/" + id + "/invoice",
		},
		auth.ScopeGateway: {"POST /v1/payments/notifications"},
		auth.ScopeEvents:  {"GET /v1/events"},
		auth.ScopeWebhooks: {
			"POST /v1/webhooks", "GET /v1/webhooks", "GET /v1/webhooks/" + id, "PATCH /v1/webhooks/" + id, "DELETE /v1/webhooks/" + id,
			"POST /v1/webhooks/" + id + "/secret", "POST /v1/webhooks/" + id + "/test", "POST /v1/webhooks/" + id + "/replay",
			"POST /v1/webhooks/" + id + "/events/evt_1_00000000/replay", "GET /v1/webhooks/" + id + "/deliveries",
		},
		auth.ScopeOperator: {
			"POST /v1/payments/statements", "GET /v1/payments", "POST /v1/payments/" + id + "/assignment", "POST /v1/payments/" + id + "/return",
		},
	} {
		for _, route := range routes {
			method, path, _ := strings.Cut(route, " ")
			for _, token := range []string{asEmployee, asManager, asGateway, asOperator, asClient} {
				if theirs(t).tokens[token].Has(scope) {
					continue
				}
				b.ask(method, path, token, "", "").problem(web.ProblemForbidden)
			}
			b.ask(method, path, "", "", "").problem(web.ProblemUnauthenticated)
		}
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	b := setup(t)
	b.get("/v1/nothing", asEmployee).problem(web.ProblemNotFound)
	b.get("/", "").problem(web.ProblemNotFound)
	for _, route := range []string{"DELETE /v1/orders", "PUT /v1/terms", "GET /v1/payments/notifications", "POST /healthz"} {
		method, path, _ := strings.Cut(route, " ")
		r := b.ask(method, path, asEmployee, "", "")
		r.problem(web.ProblemMethod)
		require.NotEmpty(t, r.Header.Get("Allow"), route)
	}
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	b := setup(t)
	catalogue, err := web.LoadCatalogue()
	require.NoError(t, err)
	for accept, want := range map[string]string{
		"": "ru", "ru": "ru", "be": "be", "be-BY,ru;q=0.5": "be", "en-GB, ru;q=0.1": "en", "ja": "ru", "ja, en;q=0.5": "en",
		"en;q=0.1, be;q=0.9": "be", ";;;": "ru", "*": "ru", "zh-Hant-TW": "ru", "xx": "ru", "de-DE, fr;q=0.9": "ru",
	} {
		r := b.get("/v1/nothing", "", "Accept-Language", accept)
		p := r.problem(web.ProblemNotFound)
		require.Equal(t, want, r.Header.Get("Content-Language"), accept)
		texts := catalogue.Pick(want)
		require.Equal(t, texts.Problems[web.ProblemNotFound], [2]string{p.Title, p.Detail}, accept)
	}
}

func TestLanguageOfAnOrderIsTheReaders(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	seen := map[string]bool{}
	for _, language := range []string{"ru", "be", "en"} {
		v := b.get(s.path(), asIndividual, "Accept-Language", language).order(http.StatusOK)
		seen[v.Next.Text] = true
	}
	require.Len(t, seen, 3)
}

func TestAPanicIsAProblemWithoutDetails(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	b.temporal.on(workflows.UpdateWithdraw, func(message) error { panic("wires crossed") })
	r := b.post(s.path("withdrawal"), asIndividual, "")
	p := r.problem(web.ProblemInternal)
	require.NotContains(t, string(r.Body), "wires")
	require.NotContains(t, string(r.Body), ".go")
	require.Contains(t, b.logs.String(), p.Instance, "the instance finds the line in the log")
	b.get("/healthz", "").is(http.StatusOK)
}

func TestWhatTemporalAndDatabasesFailWith(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	for name, tc := range map[string]struct {
		err  error
		want web.Slug
	}{
		"down":       {serviceerror.NewUnavailable("no hosts"), web.ProblemUnavailable},
		"too late":   {serviceerror.NewDeadlineExceeded("late"), web.ProblemUnavailable},
		"too much":   {serviceerror.NewResourceExhausted(0, "slow down"), web.ProblemUnavailable},
		"timed out":  {context.DeadlineExceeded, web.ProblemUnavailable},
		"just ended": {serviceerror.NewNotFound("workflow completed"), web.ProblemWrongStage},
		"refused":    {serviceerror.NewFailedPrecondition("closing"), web.ProblemWrongStage},
		"unknown":    {errors.New("something"), web.ProblemInternal},
		"stopping":   {&pgconn.PgError{Code: "57P01"}, web.ProblemUnavailable},
		"full":       {&pgconn.PgError{Code: "53300"}, web.ProblemUnavailable},
		"bad SQL":    {&pgconn.PgError{Code: "42601", Message: "syntax"}, web.ProblemInternal},
		"no row":     {order.ErrNotFound, web.ProblemNotFound},
	} {
		b.temporal.on(workflows.UpdateWithdraw, func(message) error { return tc.err })
		r := b.post(s.path("withdrawal"), asIndividual, "")
		r.problem(tc.want)
		require.NotContains(t, string(r.Body), tc.err.Error(), name)
	}
}

func TestAWithdrawalStartsTheWorkflowThatWasNotStarted(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageAwaitingPayment, asIndividual)
	played := b.temporal.scripts[workflows.UpdateWithdraw]
	b.temporal.on(workflows.UpdateWithdraw, func(m message) error {
		if len(b.starter.orders) == 0 {
			return serviceerror.NewNotFound("no such workflow")
		}
		return played(m)
	})
	require.Equal(t, order.EndWithdrawn, b.post(s.path("withdrawal"), asIndividual, "").order(http.StatusOK).End)
}

func TestHealthAndReadiness(t *testing.T) {
	b := setup(t)
	var v contract.Health
	b.get("/healthz", "").is(http.StatusOK, &v)
	require.Equal(t, contract.Ok, v.Status)
	b.get("/readyz", "").is(http.StatusOK, &v)
	require.Equal(t, map[string]string{"database": "ok", "temporal": "ok"}, v.Checks)

	b.temporal.health = errors.New("connection refused")
	b.get("/readyz", "").is(http.StatusServiceUnavailable, &v)
	require.Equal(t, map[string]string{"database": "ok", "temporal": "unavailable"}, v.Checks)

	b.pool.Close()
	b.get("/readyz", "").is(http.StatusServiceUnavailable, &v)
	require.Equal(t, map[string]string{"database": "unavailable", "temporal": "unavailable"}, v.Checks)
	require.Equal(t, contract.Unavailable, v.Status)
	b.get("/healthz", "").is(http.StatusOK)
}

func TestReadinessTellsThatNobodyCanSignIn(t *testing.T) {
	b := setup(t)
	cause := errors.New("certificate signed by unknown authority")
	b.server.health.issuer = func(context.Context) error { return cause }
	var v contract.Health
	b.get("/readyz", "").is(http.StatusServiceUnavailable, &v)
	require.Equal(t, map[string]string{"database": "ok", "temporal": "ok", "issuer": "has never answered"}, v.Checks)
	require.Contains(t, b.logs.String(), cause.Error(), "the cause is for the operator")
	cause = nil
	b.get("/readyz", "").is(http.StatusOK, &v)
	require.Equal(t, "ok", v.Checks["issuer"])
}

func TestADatabaseThatCannotBeReachedIsToldApart(t *testing.T) {
	b := setup(t)
	away, err := pgxpool.New(t.Context(), "host=/nowhere user=nobody dbname=nothing")
	require.NoError(t, err)
	t.Cleanup(away.Close)
	d := b.deps
	d.Orders = postgres.NewOrders(away, tariff(t))
	b.serve(d)
	r := b.get("/v1/orders", asEmployee)
	r.problem(web.ProblemUnavailable)
	require.Equal(t, "30", r.Header.Get("Retry-After"))
}

func TestContractIsServed(t *testing.T) {
	b := setup(t)
	r := b.get("/openapi.yaml", "").is(http.StatusOK)
	require.Equal(t, document, r.Body)
}

func TestRequestsAreObservedByRoute(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	b.get(s.path(), asIndividual)
	b.get("/nowhere", "")
	require.Equal(t, []string{"GET /v1/orders/:id", "GET none"}, b.observed)
}
