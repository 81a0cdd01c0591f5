package manager_test

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
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/portal/assets"
	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/client"
	"github.com/remote-issuance/remote-issuance/portal/keys"
	"github.com/remote-issuance/remote-issuance/portal/manager"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
	"github.com/remote-issuance/remote-issuance/portal/web"
)

// store compresses megabytes: once for all tests.
var store = sync.OnceValues(func() (*assets.Store, error) { return assets.Load(keys.Assets()) })

// bench is the journey over a made-up organisation, with a browser.
type bench struct {
	t       *testing.T
	api     *portaltest.Organisation
	site    *httptest.Server
	browser *http.Client
	texts   catalogue.Texts
}

func setup(t *testing.T, scope string) *bench {
	t.Helper()
	b := &bench{t: t, api: portaltest.NewOrganisation(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))}
	issuer, err := portaltest.NewIssuer()
	require.NoError(t, err)
	issuer.Scope = scope
	api := httptest.NewServer(held(t, b.api))
	texts, err := catalogue.Load()
	require.NoError(t, err)
	b.texts = texts.Pick("ru", "")
	files, err := store()
	require.NoError(t, err)
	var cookies config.MasterKeys
	require.NoError(t, cookies.UnmarshalText([]byte("k1:"+base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("k1"), 16)))))
	b.site = httptest.NewUnstartedServer(nil)
	b.site.Start()
	site, err := web.New(web.Options{
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), API: client.New(api.URL, api.Client()), Assets: files, Catalogue: texts,
		Pages:  map[string]fs.FS{"manager": manager.Pages(), "keys": keys.Pages()},
		Issuer: web.Issuer{URL: issuer.URL, ClientID: "portal", PublicURL: b.site.URL, HTTP: http.DefaultClient}, Keys: cookies.Keyring(),
	})
	require.NoError(t, err)
	routes := site.Routes()
	addresses := keys.AddressesOf(files.Address)
	keys.Route(routes, keys.Options{Addresses: addresses, MakeRequests: true, Policy: order.DefaultPolicy()})
	manager.Route(routes, manager.Options{Keys: addresses})
	b.site.Config.Handler = routes
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b.browser = &http.Client{Jar: jar, Timeout: 40 * time.Second}
	t.Cleanup(func() { b.site.Close(); api.Close(); issuer.Close() })
	if scope != "" {
		b.get("/sign-in?to=/signed-out").is(http.StatusOK)
	}
	return b
}

// held holds every answer that is made up to the contract.
func held(t *testing.T, h http.Handler) http.Handler {
	t.Helper()
	text, err := os.ReadFile("../../api/openapi.yaml")
	require.NoError(t, err)
	c, err := contract.Load(text)
	require.NoError(t, err)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		recorded := httptest.NewRecorder()
		h.ServeHTTP(recorded, r)
		r.Body = io.NopCloser(bytes.NewReader(body))
		if err := c.Check(r, recorded.Result(), recorded.Body.Bytes()); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
		}
		for name, values := range recorded.Header() {
			w.Header()[name] = values
		}
		w.WriteHeader(recorded.Code)
		_, _ = w.Write(recorded.Body.Bytes())
	})
}

// reply is a page as it came; path is where the browser ended up.
type reply struct {
	t            *testing.T
	status       int
	header       http.Header
	body, path   string
	textsOfPages catalogue.Texts
}

func (b *bench) do(method, path, kind string, body []byte, headers ...string) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.site.URL+path, bytes.NewReader(body))
	require.NoError(b.t, err)
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.browser.Do(r)
	require.NoError(b.t, err)
	defer answer.Body.Close()
	content, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return reply{b.t, answer.StatusCode, answer.Header, string(content), answer.Request.URL.RequestURI(), b.texts}
}

func (b *bench) get(path string, headers ...string) reply {
	b.t.Helper()
	return b.do(http.MethodGet, path, "", nil, headers...)
}

var tokenInPage = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (b *bench) post(path string, values url.Values) reply {
	b.t.Helper()
	values.Set("csrf", b.token())
	return b.do(http.MethodPost, path, "application/x-www-form-urlencoded", []byte(values.Encode()))
}

func (b *bench) token() string {
	b.t.Helper()
	found := tokenInPage.FindStringSubmatch(b.get("/signed-out").body)
	if found == nil {
		return ""
	}
	return found[1]
}

func (b *bench) upload(path, field string, file []byte) reply {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	require.NoError(b.t, form.WriteField("csrf", b.token()))
	part, err := form.CreateFormFile(field, "file")
	require.NoError(b.t, err)
	_, err = part.Write(file)
	require.NoError(b.t, err)
	require.NoError(b.t, form.Close())
	return b.do(http.MethodPost, path, form.FormDataContentType(), body.Bytes())
}

func (r reply) is(status int) reply {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.body)
	return r
}

func (r reply) at(path string) reply {
	r.t.Helper()
	require.Equal(r.t, path, r.path, r.body)
	return r
}

// says wants texts of the catalogue by key.
func (r reply) says(all ...string) reply {
	r.t.Helper()
	for _, key := range all {
		require.True(r.t, r.textsOfPages.Has(key), key)
		require.Contains(r.t, html.UnescapeString(r.body), r.textsOfPages.T(key))
	}
	return r
}

func (r reply) has(all ...string) reply {
	r.t.Helper()
	for _, text := range all {
		require.Contains(r.t, r.body, text)
	}
	return r
}

func (r reply) lacks(all ...string) reply {
	r.t.Helper()
	for _, text := range all {
		require.NotContains(r.t, r.body, text)
	}
	return r
}

func orderID(i string) string { return portaltest.IDOf("organisation-" + i).String() }

func once(page string) string {
	found := regexp.MustCompile(`name="once" value="([^"]+)"`).FindStringSubmatch(page)
	return strings.Join(found[1:], "")
}
