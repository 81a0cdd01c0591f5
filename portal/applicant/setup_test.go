package applicant_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/contract"
	"github.com/remote-issuance/remote-issuance/portal/portaltest"
)

// bench is a portal with its API and a browser that is signed in.
type bench struct {
	t       *testing.T
	stack   *portaltest.Stack
	browser *http.Client
}

// reply is a page as it came.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   string
	// path is where the browser ended up.
	path string
}

func setup(t *testing.T) *bench {
	t.Helper()
	return setupAt(t, time.Time{})
}

// setupAt has orders as they stand at a time.
func setupAt(t *testing.T, now time.Time) *bench {
	t.Helper()
	b := &bench{t: t}
	var err error
	b.stack, err = portaltest.Start(portaltest.Options{Wrap: held(t), Log: t.Output(), Now: now})
	require.NoError(t, err)
	t.Cleanup(b.stack.Close)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	b.browser = &http.Client{Jar: jar, Timeout: 40 * time.Second}
	r := b.get("/sign-in")
	require.Equal(t, http.StatusOK, r.status)
	require.Equal(t, "/orders", r.path)
	return b
}

// with is the bench in a subtest.
func (b *bench) with(t *testing.T) *bench {
	t.Helper()
	inner := *b
	inner.t = t
	return &inner
}

// held holds every answer of the API that is made up to the contract.
func held(t *testing.T) func(http.Handler) http.Handler {
	t.Helper()
	text, err := os.ReadFile("../../api/openapi.yaml")
	require.NoError(t, err)
	c, err := contract.Load(text)
	require.NoError(t, err)
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Content-Type") == "application/json" {
				raw, err := io.ReadAll(r.Body)
				require.NoError(t, err)
				r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(raw)), nil }
				r.Body, _ = r.GetBody()
			}
			recorded := httptest.NewRecorder()
			h.ServeHTTP(recorded, r)
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
}

func (b *bench) do(r *http.Request) reply {
	b.t.Helper()
	answer, err := b.browser.Do(r)
	require.NoError(b.t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(b.t, err)
	return reply{b.t, answer.StatusCode, answer.Header, string(body), answer.Request.URL.RequestURI()}
}

func (b *bench) get(path string, headers ...string) reply {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.stack.URL+path, nil)
	require.NoError(b.t, err)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.do(r)
}

var tokenInPage = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (b *bench) token() string {
	b.t.Helper()
	found := tokenInPage.FindStringSubmatch(b.get("/new-order/6.0.01").body)
	require.NotNil(b.t, found)
	return found[1]
}

func (b *bench) post(path string, values url.Values) reply {
	b.t.Helper()
	if !values.Has("csrf") {
		values.Set("csrf", b.token())
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.stack.URL+path, strings.NewReader(values.Encode()))
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// upload sends the form of S2.
func (b *bench) upload(state string, file []byte, values url.Values) reply {
	b.t.Helper()
	if !values.Has("csrf") {
		values.Set("csrf", b.token())
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name := range values {
		require.NoError(b.t, form.WriteField(name, values.Get(name)))
	}
	name := "a.req"
	if file == nil {
		name = ""
	}
	part, err := form.CreateFormFile("file", name)
	require.NoError(b.t, err)
	_, err = part.Write(file)
	require.NoError(b.t, err)
	require.NoError(b.t, form.Close())
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.stack.URL+pathOf(state)+"/request", &body)
	require.NoError(b.t, err)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.do(r)
}

func pathOf(state string) string { return "/orders/" + portaltest.IDOf(state).String() }

func (r reply) at(path string) reply {
	r.t.Helper()
	require.Equal(r.t, path, r.path, r.body)
	return r
}

func (r reply) is(status int) reply {
	r.t.Helper()
	require.Equal(r.t, status, r.status, r.body)
	return r
}

func (r reply) has(texts ...string) reply {
	r.t.Helper()
	for _, text := range texts {
		require.Contains(r.t, r.body, text)
	}
	return r
}

func contacts() url.Values {
	return url.Values{"email": {"vera@example.by"}, "phone": {"+375 29 000-00-02"}}
}
