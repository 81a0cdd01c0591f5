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

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
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
		want  slug
	}{
		{"", problemUnauthenticated}, {"Bearer unknown", problemToken}, {"Basic dTpw", problemToken},
		{"Bearer nobody-to-ask", problemIssuerUnavailable}, {asGateway, problemForbidden}, {asOperator, problemForbidden},
	} {
		r := b.get("/v1/terms", tc.token)
		r.problem(tc.want)
		require.Equal(t, r.Status == http.StatusUnauthorized, r.Header.Get("WWW-Authenticate") == "Bearer")
		require.Equal(t, r.Status == http.StatusServiceUnavailable, r.Header.Get("Retry-After") != "")
	}
}

func TestEveryRouteAsksForItsScope(t *testing.T) {
	b := setup(t)
	id := newID()
	for scope, routes := range map[auth.Scope][]string{
		auth.ScopeApplicant: {
			"GET /v1/terms", "POST /v1/orders", "GET /v1/orders", "GET /v1/orders/" + id, "POST /v1/orders/" + id + "/terms",
			"POST /v1/orders/" + id + "/request", "POST /v1/orders/" + id + "/withdrawal", "GET /v1/orders/" + id + "/payment",
			"POST /v1/orders/" + id + "/payment", "GET /v1/orders/" + id + "/credentials", "POST /v1/activations",
		},
		auth.ScopeManager: {
			"GET /v1/organisation/orders", "POST /v1/organisation/orders/" + id + "/rejection", "POST /v1/confirmations",
			"GET /v1/confirmations", "GET /v1/confirmations/" + id, "GET /v1/confirmations/" + id + "/list",
			"POST /v1/confirmations/" + id + "/signature", "GET /v1/confirmations/" + id + "/payment",
			"POST /v1/confirmations/" + id + "/payment", "GET /v1/confirmations/" + id + "/invoice",
		},
		auth.ScopeGateway: {"POST /v1/payments/notifications"},
		auth.ScopeOperator: {
			"POST /v1/payments/statements", "GET /v1/payments", "POST /v1/payments/" + id + "/assignment", "POST /v1/payments/" + id + "/return",
		},
	} {
		for _, route := range routes {
			method, path, _ := strings.Cut(route, " ")
			for _, token := range []string{asEmployee, asManager, asGateway, asOperator} {
				if theirs(t).tokens[token].Has(scope) {
					continue
				}
				b.ask(method, path, token, "", "").problem(problemForbidden)
			}
			b.ask(method, path, "", "", "").problem(problemUnauthenticated)
		}
	}
}

func TestUnknownAddressesAndMethods(t *testing.T) {
	b := setup(t)
	b.get("/v1/nothing", asEmployee).problem(problemNotFound)
	b.get("/", "").problem(problemNotFound)
	for _, route := range []string{"DELETE /v1/orders", "PUT /v1/terms", "GET /v1/payments/notifications", "POST /healthz"} {
		method, path, _ := strings.Cut(route, " ")
		r := b.ask(method, path, asEmployee, "", "")
		r.problem(problemMethod)
		require.NotEmpty(t, r.Header.Get("Allow"), route)
	}
}

func TestProblemsSpeakTheReadersLanguage(t *testing.T) {
	b := setup(t)
	for accept, want := range map[string]string{
		"": "ru", "ru": "ru", "be": "be", "be-BY,ru;q=0.5": "be", "en-GB, ru;q=0.1": "en", "ja": "ru", "ja, en;q=0.5": "en",
		"en;q=0.1, be;q=0.9": "be", ";;;": "ru", "*": "ru",
	} {
		r := b.get("/v1/nothing", "", "Accept-Language", accept)
		p := r.problem(problemNotFound)
		require.Equal(t, want, r.Header.Get("Content-Language"), accept)
		texts := b.server.catalogue.pick(want)
		require.Equal(t, texts.Problems[problemNotFound], [2]string{p.Title, p.Detail}, accept)
	}
}

func TestLanguageOfAnOrderIsTheReaders(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	seen := map[string]bool{}
	for _, language := range languages {
		v := b.get(s.path(), asIndividual, "Accept-Language", language).order(http.StatusOK)
		seen[v.Next.Text] = true
	}
	require.Len(t, seen, 3)
}

func TestAPanicIsAProblemWithoutDetails(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	b.engine.on("withdraw", func(message) (any, error) { panic("wires crossed") })
	r := b.post(s.path("withdrawal"), asIndividual, "")
	p := r.problem(problemInternal)
	require.NotContains(t, string(r.Body), "wires")
	require.NotContains(t, string(r.Body), ".go")
	require.Contains(t, b.logs.String(), p.Instance, "the instance finds the line in the log")
	b.get("/healthz", "").is(http.StatusOK)
}

func TestWhatEnginesAndDatabasesFailWith(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	for name, tc := range map[string]struct {
		err  error
		want slug
	}{
		"down":       {serviceerror.NewUnavailable("no hosts"), problemUnavailable},
		"too late":   {serviceerror.NewDeadlineExceeded("late"), problemUnavailable},
		"too much":   {serviceerror.NewResourceExhausted(0, "slow down"), problemUnavailable},
		"timed out":  {context.DeadlineExceeded, problemUnavailable},
		"just ended": {serviceerror.NewNotFound("workflow completed"), problemWrongStage},
		"refused":    {serviceerror.NewFailedPrecondition("closing"), problemWrongStage},
		"unknown":    {errors.New("something"), problemInternal},
		"stopping":   {&pgconn.PgError{Code: "57P01"}, problemUnavailable},
		"full":       {&pgconn.PgError{Code: "53300"}, problemUnavailable},
		"bad SQL":    {&pgconn.PgError{Code: "42601", Message: "syntax"}, problemInternal},
		"no row":     {activities.ErrNotFound, problemNotFound},
	} {
		b.engine.on("withdraw", func(message) (any, error) { return nil, tc.err })
		r := b.post(s.path("withdrawal"), asIndividual, "")
		r.problem(tc.want)
		require.NotContains(t, string(r.Body), tc.err.Error(), name)
	}
}

func TestOpeningWaitsForAWorkflowThatIsJustClosing(t *testing.T) {
	b := setup(t)
	tries := 0
	b.engine.on("open Order", func(m message) (any, error) {
		if tries++; tries == 1 {
			return nil, serviceerror.NewNotFound("completed")
		}
		return b.playOpenOrder(m)
	})
	b.post("/v1/orders", asIndividual, `{"service":"6.0.00"}`).order(http.StatusCreated)
	require.Equal(t, 2, tries)
}

func TestHealthAndReadiness(t *testing.T) {
	b := setup(t)
	var v healthView
	b.get("/healthz", "").is(http.StatusOK, &v)
	require.Equal(t, "ok", v.Status)
	b.get("/readyz", "").is(http.StatusOK, &v)
	require.Equal(t, map[string]string{"database": "ok", "temporal": "ok"}, v.Checks)

	b.engine.health = errors.New("connection refused")
	b.get("/readyz", "").is(http.StatusServiceUnavailable, &v)
	require.Equal(t, map[string]string{"database": "ok", "temporal": "unavailable"}, v.Checks)

	b.pool.Close()
	b.get("/readyz", "").is(http.StatusServiceUnavailable, &v)
	require.Equal(t, map[string]string{"database": "unavailable", "temporal": "unavailable"}, v.Checks)
	require.Equal(t, "unavailable", v.Status)
	b.get("/healthz", "").is(http.StatusOK)
}

func TestReadinessTellsThatNobodyCanSignIn(t *testing.T) {
	b := setup(t)
	cause := errors.New("certificate signed by unknown authority")
	b.server.Issuer = func(context.Context) error { return cause }
	var v healthView
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
	d := b.server.Dependencies
	d.Store.Orders = postgres.NewOrders(away)
	b.serve(d)
	r := b.get("/v1/orders", asEmployee)
	r.problem(problemUnavailable)
	require.Equal(t, "30", r.Header.Get("Retry-After"))
}

func TestContractIsServed(t *testing.T) {
	b := setup(t)
	r := b.get("/openapi.yaml", "").is(http.StatusOK)
	require.Equal(t, contract, r.Body)
}

func TestRequestsAreObservedByRoute(t *testing.T) {
	b := setup(t)
	s := b.at(order.StageTerms, asIndividual)
	b.get(s.path(), asIndividual)
	b.get("/nowhere", "")
	require.Equal(t, []string{"GET /v1/orders/:id", "GET none"}, b.observed)
}
