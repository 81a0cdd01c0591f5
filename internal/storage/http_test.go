package storage

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden pages anew")

func handler(t *testing.T, b bundleOf) *Handler {
	t.Helper()
	h, err := NewHandler(b.service, nil, "https://api.example.by/problems", slog.New(slog.NewTextHandler(io.Discard, nil)))
	require.NoError(t, err)
	return h
}

func send(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func formPost(fields ...string) *http.Request {
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, CertificatePath, strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func jsonPost(t *testing.T, login, password, format string) *http.Request {
	t.Helper()
	body, err := json.Marshal(map[string]string{"login": login, "password": password, "format": format})
	require.NoError(t, err)
	r := httptest.NewRequest(http.MethodPost, CertificatePath, strings.NewReader(string(body)))
	r.Header.Set("Content-Type", "application/json; charset=utf-8")
	return r
}

func TestPageInEveryLanguage(t *testing.T) {
	t.Parallel()
	h := handler(t, setup(t))
	for _, lang := range languages() {
		w := send(h, httptest.NewRequest(http.MethodGet, PagePath+"?lang="+string(lang), nil))
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, string(lang), w.Header().Get("Content-Language"))
		golden := filepath.Join("testdata", "page."+string(lang)+".html")
		if *update {
			require.NoError(t, os.WriteFile(golden, w.Body.Bytes(), 0o644))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		require.Equal(t, string(want), w.Body.String())
	}
}

func TestEveryLanguageHasEveryText(t *testing.T) {
	t.Parallel()
	p, err := newPage()
	require.NoError(t, err)
	for _, lang := range languages() {
		texts := p.texts[lang]
		require.Len(t, texts.Steps, 5)
		for _, s := range append(texts.Steps, texts.Title, texts.Lead, texts.Languages, texts.Login, texts.Password,
			texts.GetChain, texts.GetCertificate, texts.Instructions, texts.Help) {
			require.NotEmpty(t, s, lang)
		}
		for _, what := range []problem{problemDenied, problemLimited, problemExpired, problemInvalid, problemUnavailable} {
			require.NotEmpty(t, texts.Problems[what], "%s %s", lang, what)
		}
	}
}

func TestPageRunsNothingAndIsNotKept(t *testing.T) {
	t.Parallel()
	w := send(handler(t, setup(t)), httptest.NewRequest(http.MethodGet, PagePath, nil))
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(w.Body.String())
	require.Len(t, style, 2)
	sum := sha256.Sum256([]byte(style[1]))
	policy := w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, w.Body.String(), "<script")
	require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
}

func TestI5_FormAndJSONGiveTheFile(t *testing.T) {
	t.Parallel()
	b := setup(t)
	h := handler(t, b)
	login, password := b.provide(t, "order-1")
	for _, r := range []*http.Request{
		formPost("login", login, "password", password, "format", "cer"), jsonPost(t, login, password, "cer"),
	} {
		w := send(h, r)
		require.Equal(t, http.StatusOK, w.Code)
		require.Equal(t, b.store.issued.Certificate, w.Body.Bytes())
		require.Equal(t, "application/pkix-cert", w.Header().Get("Content-Type"))
		require.Equal(t, `attachment; filename="certificate.cer"`, w.Header().Get("Content-Disposition"))
	}
	w := send(h, formPost("login", login, "password", password, "format", "p7b"))
	require.Equal(t, "application/x-pkcs7-certificates", w.Header().Get("Content-Type"))
	require.Contains(t, w.Body.String(), string(b.store.issued.Chain[0]))
}

func TestProblemsAsPageAndAsJSON(t *testing.T) {
	t.Parallel()
	b := setup(t)
	h := handler(t, b)
	login, password := b.provide(t, "order-1")

	w := send(h, formPost("login", login, "password", "<b>", "format", "cer", "lang", "en"))
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Contains(t, w.Body.String(), "The login or the password is wrong")
	require.NotContains(t, w.Body.String(), "&lt;b&gt;", "what was typed is not shown again")

	w = send(h, jsonPost(t, login, "x", "cer"))
	require.Equal(t, http.StatusForbidden, w.Code)
	require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	require.Contains(t, w.Body.String(), "storage-denied")

	for range 12 {
		w = send(h, jsonPost(t, login, "x", "cer"))
	}
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	require.Equal(t, "840", w.Header().Get("Retry-After"))

	*b.clock = b.clock.Add(DefaultTerm)
	require.Equal(t, http.StatusGone, send(h, jsonPost(t, login, password, "cer")).Code)
	b.attempts.fail = errors.New("connection lost")
	require.Equal(t, http.StatusServiceUnavailable, send(h, jsonPost(t, login, password, "cer")).Code)
}

func TestRequestsThatAreNoForm(t *testing.T) {
	t.Parallel()
	h := handler(t, setup(t))
	big := formPost("login", strings.Repeat("x", maxBody), "password", "x", "format", "cer")
	text := formPost("login", "x", "password", "x", "format", "cer")
	text.Header.Set("Content-Type", "text/plain")
	none := formPost()
	none.Header.Del("Content-Type")
	for _, r := range []*http.Request{big, text, none, formPost("login", "x", "password", "x", "format", "exe"), jsonPost(t, "x", "x", "")} {
		require.Equal(t, http.StatusBadRequest, send(h, r).Code)
	}
	require.Equal(t, http.StatusMethodNotAllowed, send(h, httptest.NewRequest(http.MethodGet, CertificatePath, nil)).Code)
}

func TestLanguageIsChosen(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		wish, accept string
		want         language
	}{
		{"be", "en", langBelarusian}, {"", "de, be-BY;q=0.8, ru", langBelarusian}, {"fr", "en-GB,ru", langEnglish},
		{"", "", langRussian}, {"", "fr", langRussian},
	} {
		require.Equal(t, c.want, chooseLanguage(c.wish, c.accept))
	}
}

func TestAddressOfAConnection(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest(http.MethodGet, PagePath, nil)
	require.Equal(t, "192.0.2.1", remoteAddress(r).String())
	r.RemoteAddr = "@"
	require.False(t, remoteAddress(r).IsValid())
	_, err := NewHandler(nil, nil, "", nil)
	require.Error(t, err)
}
