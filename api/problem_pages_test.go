package api

import (
	"html"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/web"
	"github.com/remote-issuance/remote-issuance/internal/sourcetest"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

// problemPage opens an address below the API and requires what every page of problems has.
func problemPage(t *testing.T, h http.Handler, address, acceptLanguage string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, address, nil)
	r.Header.Set("Accept-Language", acceptLanguage)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"), address)
	policy := w.Header().Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'")
	require.NotContains(t, policy, "unsafe")
	require.NotContains(t, policy, "script-src")
	require.NotContains(t, strings.ToLower(w.Body.String()), "<script")
	require.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	return w
}

// allSlugs are the problems of the API and of the storage.
func allSlugs(t *testing.T) []string {
	t.Helper()
	slugs := sourcetest.Constants(t, "web/problem.go", "Slug")
	others, err := storage.Problems()
	require.NoError(t, err)
	require.Len(t, others, 5)
	for slug := range others {
		slugs = append(slugs, slug)
	}
	return slugs
}

func TestEveryProblemHasAPageInThreeLanguages(t *testing.T) {
	h := setup(t).server.Handler()
	catalogue, err := web.LoadCatalogue()
	require.NoError(t, err)
	for _, slug := range allSlugs(t) {
		bodies := map[string]bool{}
		for _, language := range []string{"ru", "be", "en"} {
			asked := problemPage(t, h, "/problems/"+slug+"?lang="+language, "en")
			negotiated := problemPage(t, h, "/problems/"+slug, language+"-BY, fr;q=0.5")
			require.Equal(t, http.StatusOK, asked.Code, slug)
			require.Equal(t, asked.Body.String(), negotiated.Body.String(), "%s in %s", slug, language)
			require.Equal(t, language, asked.Header().Get("Content-Language"))
			require.Contains(t, asked.Body.String(), `<html lang="`+language+`">`)
			require.NotContains(t, asked.Body.String(), "<h1></h1>", slug)
			require.NotContains(t, asked.Body.String(), "<p></p>", slug)
			if texts, own := catalogue.Pick(language).Problems[web.Slug(slug)]; own {
				for _, text := range texts {
					require.Contains(t, html.UnescapeString(asked.Body.String()), text, "the words of the problem itself")
				}
			}
			bodies[asked.Body.String()] = true
		}
		require.Len(t, bodies, 3, "three languages of %s", slug)
	}
}

func TestTheListOfProblemsLeadsToEach(t *testing.T) {
	h := setup(t).server.Handler()
	list := problemPage(t, h, "/problems", "be")
	require.Equal(t, http.StatusOK, list.Code)
	for _, slug := range allSlugs(t) {
		require.Contains(t, list.Body.String(), `href="problems/`+slug+`?lang=be"`)
	}
}

func TestAnUnknownProblemIsNotFound(t *testing.T) {
	h := setup(t).server.Handler()
	for _, slug := range []string{"nothing", "storage-", "storage-nothing", "NOT-FOUND", "%3Cscript%3E", strings.Repeat("x", 4000)} {
		w := problemPage(t, h, "/problems/"+slug+"?lang=xx", "xx")
		require.Equal(t, http.StatusNotFound, w.Code, slug)
		require.Equal(t, "ru", w.Header().Get("Content-Language"))
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/problems/%00", nil))
	require.Equal(t, http.StatusUnprocessableEntity, w.Code, "what nobody can read passes no gate")
	require.Contains(t, w.Body.String(), `"field":"slug"`)
}

// A type that a caller was answered with opens as it stands.
func TestTheTypeOfAnAnswerOpens(t *testing.T) {
	h := setup(t).server.Handler()
	require.Equal(t, "https://api.example.by/problems/not-found", web.TypeOf("https://api.example.by/", web.ProblemNotFound))
	require.Equal(t, "https://example.by/issuance/problems/not-found", web.TypeOf("https://example.by/issuance", web.ProblemNotFound))
	for _, address := range []string{"/nowhere", "/v1/orders", "/v1/payments?state=x"} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
		_, kind, _ := strings.Cut(w.Body.String(), `"type":"`)
		kind, _, _ = strings.Cut(kind, `"`)
		require.Equal(t, http.StatusOK, problemPage(t, h, kind, "en").Code, "%s: %s", address, w.Body)
	}
}
