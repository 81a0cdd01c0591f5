package portal_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/portal/keys"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

type page struct {
	status int
	header http.Header
	body   string
	path   string
}

func start(t *testing.T, o portaltest.Options) *portaltest.Stack {
	t.Helper()
	o.Log = t.Output()
	s, err := portaltest.Start(o)
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// browser follows redirects, as far as follow says.
func browser(t *testing.T, follow bool) *http.Client {
	t.Helper()
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b := &http.Client{Jar: jar, Timeout: 20 * time.Second}
	if !follow {
		b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	}
	return b
}

func ask(t *testing.T, b *http.Client, method, address string, values url.Values, headers ...string) page {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(values.Encode()))
	require.NoError(t, err)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return page{answer.StatusCode, answer.Header, string(body), answer.Request.URL.Path}
}

func TestSigningInIsBegunAndEndedInOneBrowserOnce(t *testing.T) {
	s := start(t, portaltest.Options{})
	mine, other := browser(t, false), browser(t, false)
	// leave goes to the issuer and gives the address it sends back to.
	leave := func() string {
		there := ask(t, mine, http.MethodGet, s.URL+"/sign-in?to=/new-order", nil)
		require.Equal(t, http.StatusSeeOther, there.status)
		query, err := url.Parse(there.header.Get("Location"))
		require.NoError(t, err)
		require.Equal(t, "S256", query.Query().Get("code_challenge_method"))
		require.NotEmpty(t, query.Query().Get("nonce"))
		back := ask(t, mine, http.MethodGet, there.header.Get("Location"), nil)
		require.Equal(t, http.StatusFound, back.status)
		return back.header.Get("Location")
	}
	first, second := leave(), leave()
	require.Equal(t, http.StatusBadRequest, ask(t, other, http.MethodGet, first, nil).status, "another browser has not begun it")
	refused := ask(t, mine, http.MethodGet, strings.Replace(first, "state=", "state=x", 1), nil)
	require.Equal(t, http.StatusBadRequest, refused.status)
	require.Contains(t, refused.body, "Войти не удалось")
	// The other browser has not spent the code: it never reached the issuer. Two tabs do not disturb each other.
	for _, address := range []string{second, first} {
		in := ask(t, mine, http.MethodGet, address, nil)
		require.Equal(t, http.StatusSeeOther, in.status)
		require.Equal(t, "/new-order", in.header.Get("Location"))
	}
	require.Equal(t, http.StatusBadRequest, ask(t, mine, http.MethodGet, first, nil).status, "an answer is taken once")
	require.Equal(t, http.StatusOK, ask(t, mine, http.MethodGet, s.URL+"/orders", nil).status)

	s.Issuer.Nonce = "of another sign-in"
	require.Equal(t, http.StatusBadRequest, ask(t, mine, http.MethodGet, leave(), nil).status)
	given := ask(t, mine, http.MethodGet, s.URL+"/sign-in/callback?error=access_denied&state=nothing", nil)
	require.Equal(t, http.StatusBadRequest, given.status)
}

func TestSignInsThatAreNotEndedDoNotPileUp(t *testing.T) {
	s := start(t, portaltest.Options{})
	b := browser(t, false)
	here, err := url.Parse(s.URL)
	require.NoError(t, err)
	for range 40 {
		require.Equal(t, http.StatusSeeOther, ask(t, b, http.MethodGet, s.URL+"/sign-in", nil).status)
		require.LessOrEqual(t, len(b.Jar.Cookies(here)), 5)
	}
}

func TestTheSignInIsReportedToTheService(t *testing.T) {
	s := start(t, portaltest.Options{})
	b := browser(t, true)
	require.Equal(t, "/orders", ask(t, b, http.MethodGet, s.URL+"/sign-in?to=//evil.example", nil).path)
	require.Equal(t, 1, s.API.Calls(http.MethodPost, "/v1/activations"))
	s.API.Fail(http.MethodPost, "/v1/activations", portaltest.Problem(http.StatusServiceUnavailable, "unavailable"))
	require.Equal(t, http.StatusOK, ask(t, b, http.MethodGet, s.URL+"/sign-in", nil).status, "a failure keeps nobody out")
}

func TestTheIssuerAwayIsTold(t *testing.T) {
	s := start(t, portaltest.Options{})
	s.Issuer.Close()
	b := browser(t, true)
	away := ask(t, b, http.MethodGet, s.URL+"/sign-in", nil)
	require.Equal(t, http.StatusServiceUnavailable, away.status)
	require.Contains(t, away.body, "Вход сейчас не работает")
	require.Equal(t, http.StatusOK, ask(t, b, http.MethodGet, s.URL+"/", nil).status)
}

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func TestFormsAreTakenFromThisSessionOnly(t *testing.T) {
	s := start(t, portaltest.Options{})
	b := browser(t, true)
	ask(t, b, http.MethodGet, s.URL+"/sign-in", nil)
	token := formToken.FindStringSubmatch(ask(t, b, http.MethodGet, s.URL+"/new-order/6.0.01", nil).body)[1]
	order := url.Values{"service": {"6.0.01"}, "key": {"k"}, "csrf": {token}}
	for name, c := range map[string]struct {
		values  url.Values
		headers []string
	}{
		"no token":         {url.Values{"service": {"6.0.01"}}, nil},
		"a wrong token":    {url.Values{"service": {"6.0.01"}, "csrf": {strings.Repeat("A", 86)}}, nil},
		"another site":     {order, []string{"Sec-Fetch-Site", "cross-site"}},
		"another origin":   {order, []string{"Origin", "https://evil.example"}},
		"a null origin":    {order, []string{"Origin", "null"}},
		"a sister address": {order, []string{"Sec-Fetch-Site", "same-site"}},
	} {
		require.Equal(t, http.StatusForbidden, ask(t, b, http.MethodPost, s.URL+"/orders", c.values, c.headers...).status, name)
	}
	require.Zero(t, s.API.Calls(http.MethodPost, "/v1/orders"))
	require.Equal(t, http.StatusOK, ask(t, b, http.MethodPost, s.URL+"/orders", order, "Sec-Fetch-Site", "same-origin").status)
	require.Equal(t, 1, s.API.Calls(http.MethodPost, "/v1/orders"))

	// The issuer's page would let a forged sign-in through; the session's forms do not.
	stranger := browser(t, true)
	ask(t, stranger, http.MethodGet, s.URL+"/sign-in", nil)
	require.Equal(t, http.StatusForbidden, ask(t, stranger, http.MethodPost, s.URL+"/orders", order).status)
}

func TestSignedOutIsSignedOut(t *testing.T) {
	s := start(t, portaltest.Options{})
	s.Issuer.Token = strings.Repeat("long.", 3000)
	b := browser(t, true)
	ask(t, b, http.MethodGet, s.URL+"/sign-in", nil)
	s.Issuer.Token = "access"
	in := ask(t, b, http.MethodGet, s.URL+"/sign-in", nil)
	require.Equal(t, http.StatusOK, in.status, "a short session takes the place of a long one")
	token := formToken.FindStringSubmatch(in.body)[1]
	out := ask(t, b, http.MethodPost, s.URL+"/sign-out", url.Values{"csrf": {token}})
	require.Equal(t, "/signed-out", out.path)
	require.Equal(t, http.StatusUnauthorized, ask(t, b, http.MethodGet, s.URL+"/orders", nil).status)
	require.Equal(t, http.StatusNotFound, ask(t, b, http.MethodGet, s.URL+"/sign-out", nil).status)
}

func TestEveryAnswerIsStrict(t *testing.T) {
	s := start(t, portaltest.Options{})
	b := browser(t, true)
	for _, path := range []string{"/", "/orders", "/nothing", "/sign-in", "/orders", "/signed-out", "/language/be?to=/orders"} {
		p := ask(t, b, http.MethodGet, s.URL+path, nil)
		policy := p.header.Get("Content-Security-Policy")
		require.Contains(t, policy, "default-src 'none'", path)
		require.Contains(t, policy, "script-src 'self'", path)
		require.Contains(t, policy, "frame-ancestors 'none'", path)
		require.Contains(t, policy, "base-uri 'none'", path)
		require.NotContains(t, policy, "unsafe", path)
		require.Equal(t, "nosniff", p.header.Get("X-Content-Type-Options"))
		require.Equal(t, "no-store", p.header.Get("Cache-Control"))
		require.NotRegexp(t, `<script[^>]*>[^<]`, p.body, "no script in the page itself")
		require.NotRegexp(t, ` (style|on[a-z]+)="`, p.body)
	}
	require.Equal(t, "ok\n", ask(t, b, http.MethodGet, s.URL+"/healthz", nil).body)
}

func TestLanguageAndKeysAreChosen(t *testing.T) {
	s := start(t, portaltest.Options{})
	b := browser(t, true)
	require.Contains(t, ask(t, b, http.MethodGet, s.URL+"/", nil).body, "Новый сертификат без визита")
	require.Contains(t, ask(t, b, http.MethodGet, s.URL+"/language/be?to=/", nil).body, "Новы сертыфікат без візіту")
	require.Contains(t, ask(t, b, http.MethodGet, s.URL+"/language/keys?to=/", nil).body, "[applicant.start.title]")
	require.NotContains(t, ask(t, b, http.MethodGet, s.URL+"/language/keys?to=/", nil).body, "[applicant.start.title]")
	live := start(t, portaltest.Options{Settings: map[string]string{"PORTAL_SHOW_KEYS": "false"}})
	require.Equal(t, http.StatusNotFound, ask(t, b, http.MethodGet, live.URL+"/language/keys?to=/", nil).status)
}

func TestTheJourneysLeadToEachOther(t *testing.T) {
	for offered, settings := range map[bool]map[string]string{true: {"PORTAL_KEYS_IN_PAGE": "true"}, false: nil} {
		s := start(t, portaltest.Options{Settings: settings})
		b := browser(t, true)
		require.Contains(t, ask(t, b, http.MethodGet, s.URL+"/", nil).body, `href="/diagnosis"`)
		require.Equal(t, http.StatusOK, ask(t, b, http.MethodGet, s.URL+"/diagnosis", nil).status)
		ask(t, b, http.MethodGet, s.URL+"/sign-in", nil)
		id := portaltest.IDOf("request")
		page := ask(t, b, http.MethodGet, s.URL+"/orders/"+id.String()+"/request", nil)
		require.Equal(t, http.StatusOK, page.status)
		require.Equal(t, offered, strings.Contains(page.body, `href="`+keys.NewKeyPath(id)+`"`))
		there := ask(t, b, http.MethodGet, s.URL+keys.NewKeyPath(id), nil)
		require.Equal(t, offered, there.status == http.StatusOK)
	}
}
