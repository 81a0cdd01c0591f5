package keys_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
	"github.com/remote-issuance/remote-issuance/portal/assets"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/keys"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// store compresses megabytes: once for all tests.
var store = sync.OnceValues(func() (*assets.Store, error) { return assets.Load(keys.Assets()) })

// bench is the journey with a browser, which signs in at /sign-in.
type bench struct {
	t       *testing.T
	site    *httptest.Server
	browser *http.Client
	texts   catalogue.Texts
}

func setup(t *testing.T, api http.Handler, offer bool) *bench {
	t.Helper()
	issuer, err := portaltest.NewIssuer()
	require.NoError(t, err)
	service := httptest.NewServer(api)
	texts, err := catalogue.Load()
	require.NoError(t, err)
	files, err := store()
	require.NoError(t, err)
	var cookies config.MasterKeys
	require.NoError(t, cookies.UnmarshalText([]byte("k1:"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k1"), 16)))))
	b := &bench{t: t, site: httptest.NewServer(nil), texts: texts.Pick("ru", "")}
	site, err := web.New(web.Options{
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), API: client.New(service.URL, service.Client()), Assets: files, Catalogue: texts,
		Pages:  map[string]fs.FS{"keys": keys.Pages()},
		Issuer: web.Issuer{URL: issuer.URL, ClientID: "portal", PublicURL: b.site.URL, HTTP: http.DefaultClient}, Keys: cookies.Keyring(),
	})
	require.NoError(t, err)
	routes := site.Routes()
	keys.Route(routes, keys.Options{Addresses: keys.AddressesOf(files.Address), MakeRequests: offer, Policy: order.DefaultPolicy()})
	b.site.Config.Handler = routes
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b.browser = &http.Client{Jar: jar, Timeout: 40 * time.Second}
	t.Cleanup(func() { b.site.Close(); service.Close(); issuer.Close() })
	return b
}

func (b *bench) do(r *http.Request) (int, http.Header, string) {
	b.t.Helper()
	answer, err := b.browser.Do(r)
	require.NoError(b.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return answer.StatusCode, answer.Header, html.UnescapeString(string(body))
}

func (b *bench) get(path string) (int, http.Header, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.site.URL+path, nil)
	require.NoError(b.t, err)
	return b.do(r)
}

func (b *bench) diagnose(file []byte) (int, string) {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_, _, page := b.get("/diagnosis")
	if _, token, ok := strings.Cut(page, `name="csrf" value="`); ok {
		token, _, _ = strings.Cut(token, `"`)
		require.NoError(b.t, form.WriteField("csrf", token))
	}
	part, err := form.CreateFormFile("certificate", "a.cer")
	require.NoError(b.t, err)
	_, err = part.Write(file)
	require.NoError(b.t, err)
	require.NoError(b.t, form.Close())
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.site.URL+"/diagnosis", &body)
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	status, _, page := b.do(r)
	return status, page
}

func certificate(t *testing.T, p testca.Profile, from, to time.Time) []byte {
	t.Helper()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyBign256, From: from.AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	s := testca.SampleEmployee()
	if p == testca.ProfileIndividual {
		s = testca.SampleIndividual()
	}
	c, err := ca.Issue(p, s, key.Public(), from, to)
	require.NoError(t, err)
	return c.Raw
}

func TestDiagnosisBeforeAnOrder(t *testing.T) {
	at := time.Now()
	b := setup(t, portaltest.NewOrganisation(at), false)
	for name, c := range map[string]struct {
		profile  testca.Profile
		from, to time.Time
		says     []string
	}{
		"employee in time":  {testca.ProfileExtensions, at.AddDate(-1, 0, 0), at.AddDate(0, 2, 0), []string{"keys.finding.kind.employee", "keys.finding.manager.unknown", "keys.finding.registers.unknown"}},
		"employee too late": {testca.ProfileExtensions, at.AddDate(-1, 0, 0), at.AddDate(0, 0, 3), []string{"keys.finding.doubt"}},
		"individual":        {testca.ProfileIndividual, at.AddDate(-1, 0, 0), at.AddDate(0, 0, 3), []string{"keys.finding.kind.individual"}},
		"expired":           {testca.ProfileExtensions, at.AddDate(-2, 0, 0), at.AddDate(0, 0, -1), []string{"keys.finding.expired.text", "keys.finding.bad"}},
		"not yet":           {testca.ProfileExtensions, at.AddDate(0, 0, 1), at.AddDate(1, 0, 0), []string{"keys.finding.not-yet.text"}},
	} {
		status, page := b.diagnose(certificate(t, c.profile, c.from, c.to))
		require.Equal(t, http.StatusOK, status, name)
		require.NotContains(t, page, "[keys.", name)
		for _, key := range c.says {
			require.Contains(t, page, b.texts.T(key), name)
		}
		able := !strings.Contains(page, "govuk-tag--red")
		require.Equal(t, able, strings.Contains(page, `href="/new-order"`), "%s: an order is offered to whom it can go through", name)
	}
	for problem, file := range map[string][]byte{
		"missing-certificate": nil, "certificate": []byte("no certificate \x00"),
	} {
		status, page := b.diagnose(file)
		require.Equal(t, http.StatusUnprocessableEntity, status)
		require.Contains(t, page, b.texts.T("keys.problem."+problem))
	}
	status, _ := b.diagnose(make([]byte, 10<<20))
	require.Equal(t, http.StatusUnprocessableEntity, status)
}

// own is what the page says of the certificate that somebody is signed in with.
func (b *bench) own() (int, string) {
	b.t.Helper()
	_, _, page := b.get("/diagnosis")
	_, token, _ := strings.Cut(page, `name="csrf" value="`)
	token, _, _ = strings.Cut(token, `"`)
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.site.URL+"/diagnosis", strings.NewReader(url.Values{"csrf": {token}, "own": {"1"}}.Encode()))
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	status, _, page := b.do(r)
	return status, page
}

func TestS7_DiagnosisAsksTheRegistersAboutTheCertificateSignedInWith(t *testing.T) {
	at := time.Now()
	api := portaltest.NewAPI(at)
	b := setup(t, api, false)
	_, _, page := b.get("/diagnosis")
	require.Contains(t, page, `href="/sign-in?to=/diagnosis"`)
	require.NotContains(t, page, `name="own"`)
	_, page = b.own()
	require.Zero(t, api.Calls(http.MethodGet, "/v1/diagnosis"), "nobody is asked about for nobody")
	require.NotContains(t, page, "govuk-tag")

	b.get("/sign-in?to=/diagnosis")
	file := certificate(t, testca.ProfileExtensions, at.AddDate(-1, 0, 0), at.AddDate(0, 2, 0))
	_, page = b.diagnose(file)
	require.Contains(t, page, b.texts.T("keys.finding.registers.other"))
	api.Diagnose(contract.Diagnosis{
		Certificate: file, Service: order.ServiceEmployee, Manager: contract.ManagerRecorded, Registers: []contract.RegisterDiagnosis{
			{Register: contract.Population, State: order.RegisterDiffers, Checks: []contract.Check{{
				Code: string(order.CheckPerson), Verdict: order.VerdictFailed, Field: "surname", Found: "Образцова", Expected: "<b>Новая", Cause: "differs",
			}}},
			{Register: contract.Egr, State: order.RegisterSilent, Checks: []contract.Check{}},
			{Register: contract.Taxpayers, State: order.RegisterAgrees, Checks: []contract.Check{}},
		},
	})
	for name, ask := range map[string]func() (int, string){
		"own": b.own, "file": func() (int, string) { return b.diagnose(file) },
	} {
		status, page := ask()
		require.Equal(t, http.StatusOK, status, name)
		require.NotContains(t, page, "[", name)
		for _, text := range []string{
			b.texts.T("checks.register.population"), b.texts.T("checks.register.egr"), b.texts.T("keys.finding.register.silent"),
			b.texts.T("keys.finding.register.agrees"), b.texts.T("keys.finding.manager.recorded"), b.texts.T("checks.todo.other"),
			b.texts.T("keys.finding.register.pair", "field", b.texts.T("checks.field.surname"), "found", "Образцова", "expected", "<b>Новая"),
		} {
			require.Contains(t, page, text, name)
		}
		require.NotContains(t, page, `href="/new-order"`, "a register differs")
	}
}

func TestDiagnosisSaysWhyTheServiceGivesNoAnswer(t *testing.T) {
	at := time.Now()
	api := portaltest.NewAPI(at)
	b := setup(t, api, false)
	b.get("/sign-in?to=/diagnosis")
	file := certificate(t, testca.ProfileExtensions, at.AddDate(-1, 0, 0), at.AddDate(0, 2, 0))
	api.Fail(http.MethodGet, "/v1/diagnosis", portaltest.Problem(http.StatusTooManyRequests, "too-many-requests"))
	status, page := b.own()
	require.Equal(t, http.StatusTooManyRequests, status)
	require.Contains(t, page, b.texts.T("problems.too-many-requests.title"))
	status, page = b.diagnose(file)
	require.Equal(t, http.StatusOK, status, "what the file says is said all the same")
	require.Contains(t, page, b.texts.T("problems.too-many-requests.text"))
	api.Fail(http.MethodGet, "/v1/diagnosis", portaltest.Problem(http.StatusServiceUnavailable, "never-heard-of"))
	_, page = b.diagnose(file)
	require.Contains(t, page, b.texts.T("keys.finding.registers.silent"))
}

func TestA1_DiagnosisNamesTheObstacle(t *testing.T) {
	at := time.Now()
	api := portaltest.NewAPI(at)
	b := setup(t, api, false)
	b.get("/sign-in?to=/diagnosis")
	refused, strange := portaltest.Problem(http.StatusForbidden, "certificate-not-in-force"), portaltest.Problem(http.StatusForbidden, "never-heard-of")
	file := certificate(t, testca.ProfileExtensions, at.AddDate(-1, 0, 0), at.AddDate(0, 2, 0))
	api.Diagnose(contract.Diagnosis{Certificate: file, Obstacle: &refused})
	_, page := b.own()
	require.Contains(t, page, b.texts.T("problems.certificate-not-in-force.title"))
	require.Contains(t, page, "govuk-tag--red")
	require.NotContains(t, page, `href="/new-order"`)
	// Without a certificate of one's own there is nothing else to say.
	api.Diagnose(contract.Diagnosis{Obstacle: &strange})
	status, page := b.own()
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, page, "detail of never-heard-of")
	require.NotContains(t, page, `href="/new-order"`)
}

func TestMakingKeysInThePageIsOfferedWhereItIsSwitchedOn(t *testing.T) {
	path := keys.NewKeyPath(portaltest.IDOf("request"))
	off := setup(t, portaltest.NewAPI(time.Now()), false)
	off.get("/sign-in?to=/diagnosis")
	status, _, _ := off.get(path)
	require.Equal(t, http.StatusNotFound, status)

	on := setup(t, portaltest.NewAPI(time.Now()), true)
	status, _, _ = on.get(path)
	require.Equal(t, http.StatusUnauthorized, status)
	on.get("/sign-in?to=/diagnosis")
	status, header, page := on.get(path)
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, header.Get("Content-Security-Policy"), "script-src 'self' 'wasm-unsafe-eval'")
	require.NotContains(t, page, "[keys.")
	require.Contains(t, page, `"startAfterDays":10`)
	require.Contains(t, page, `action="/orders/`+portaltest.IDOf("request").String()+`/request"`)
	for _, id := range []string{"certificate", "password", "password-again", "position"} {
		_, field, ok := strings.Cut(page, `id="`+id+`" name="`)
		require.True(t, ok, id)
		require.Equal(t, byte('"'), field[0], "%s has no name: it is never sent", id)
	}
	status, _, _ = on.get(keys.NewKeyPath(order.ID{}))
	require.Equal(t, http.StatusNotFound, status)
}
