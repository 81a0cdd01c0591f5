package operator_test

import (
	"flag"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/payments"
	"github.com/remote-issuance/remote-issuance/internal/status"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// day is when the page is opened.
var day = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

type visitor struct {
	t       *testing.T
	stack   *portaltest.Stack
	browser *http.Client
}

// visit is somebody with a scope before the portal.
func visit(t *testing.T, scope string) visitor {
	t.Helper()
	s, err := portaltest.Start(portaltest.Options{Now: day, Log: t.Output()})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	s.Issuer.Scope = scope
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return visitor{t, s, &http.Client{Jar: jar, Timeout: 20 * time.Second}}
}

func (v visitor) get(path string) (int, string, *url.URL) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.stack.URL+path, nil)
	require.NoError(v.t, err)
	answer, err := v.browser.Do(r)
	require.NoError(v.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(v.t, err)
	return answer.StatusCode, string(body), answer.Request.URL
}

// golden holds the main part of a page to a file.
func (v visitor) golden(name, page string) {
	v.t.Helper()
	_, main, ok := strings.Cut(page, `<main class="govuk-main-wrapper"`)
	require.True(v.t, ok)
	main, _, ok = strings.Cut(main, "</main>")
	require.True(v.t, ok)
	portaltest.Golden(v.t, *update, name, main+"\n")
}

func TestOperatorSeesWhatNeedsThem(t *testing.T) {
	v := visit(t, "openid profile operator")
	v.get("/sign-in?to=/operator")
	for _, language := range catalogue.Languages() {
		v.get("/language/" + language + "?to=/operator")
		code, page, _ := v.get("/operator")
		require.Equal(t, http.StatusOK, code)
		v.golden("status-"+language, page)
		require.NotContains(t, page, "[operator.")
		require.NotContains(t, page, `href="/orders"`, "an operator has no orders")
		for _, c := range status.Codes() {
			require.Contains(t, page, `<section id="`+string(c)+`"`, "an alert leads there")
		}
		for _, link := range regexp.MustCompile(`href="(https://temporal[^"]+)"`).FindAllStringSubmatch(page, -1) {
			require.Regexp(t, `^https://temporal.example.by/namespaces/remote-issuance/workflows/92239-order-[0-9a-f-]{36}$`, link[1])
		}
	}
}

func TestAllClearTellsTheTime(t *testing.T) {
	v := visit(t, "openid profile operator")
	v.stack.API.Status = contract.OperatorStatus{At: day, Clear: true, Concerns: []contract.OperatorConcern{}, Unseen: []string{}}
	v.get("/sign-in?to=/operator")
	_, page, _ := v.get("/operator")
	v.golden("clear", page)
	require.Contains(t, page, "23.11.2026 12:00")
}

// A citizen's token never has an operator's rights: they are asked for only on
// the way to the operator's page.
func TestScopesFollowThePage(t *testing.T) {
	v := visit(t, "openid profile applicant manager")
	asked := func(to string) string {
		v.browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		defer func() { v.browser.CheckRedirect = nil }()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, v.stack.URL+"/sign-in?to="+url.QueryEscape(to), nil)
		require.NoError(t, err)
		answer, err := v.browser.Do(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		there, err := answer.Location()
		require.NoError(t, err)
		return there.Query().Get("scope")
	}
	for to, want := range map[string]string{
		"/operator": "openid profile operator", "/operator?x=1": "openid profile operator", "/orders": "openid profile applicant manager",
		"": "openid profile applicant manager", "/operators": "openid profile applicant manager", "//evil.example/operator": "openid profile applicant manager",
		"https://evil.example/operator": "openid profile applicant manager",
	} {
		require.Equal(t, want, asked(to), to)
	}
	v.get("/sign-in?to=/orders")
	code, page, _ := v.get("/operator")
	require.Equal(t, http.StatusForbidden, code)
	v.golden("account", page)
	require.Contains(t, page, `href="/sign-in?to=%2Foperator"`)
	require.Zero(t, v.stack.API.Calls(http.MethodGet, "/v1/operator/status"))
}

func TestTheAPIDecidesWhoIsAnOperator(t *testing.T) {
	v := visit(t, "openid profile operator")
	v.stack.API.Fail(http.MethodGet, "/v1/operator/status", portaltest.Problem(http.StatusForbidden, "forbidden"))
	v.get("/sign-in?to=/operator")
	code, page, _ := v.get("/operator")
	require.Equal(t, http.StatusForbidden, code)
	require.NotContains(t, page, "92239")
}

// TestEveryTextIsThereInEveryLanguage: a missing one would be shown as its key.
func TestEveryTextIsThereInEveryLanguage(t *testing.T) {
	all, err := catalogue.Load()
	require.NoError(t, err)
	for _, language := range catalogue.Languages() {
		texts := all.Pick(language, "")
		for _, c := range status.Codes() {
			require.True(t, texts.Has("operator.concern."+string(c)+".title"), "%s %s", language, c)
			require.True(t, texts.Has("operator.concern."+string(c)+".next"), "%s %s", language, c)
		}
		for _, reason := range payments.Reasons() {
			require.True(t, texts.Has("operator.reason."+string(reason)), "%s %s", language, reason)
		}
		for _, u := range []status.Unseen{status.UnseenWorkflows, status.UnseenMoreWorkflows, status.UnseenLists} {
			require.True(t, texts.Has("operator.unseen."+string(u)), "%s %s", language, u)
		}
	}
}
