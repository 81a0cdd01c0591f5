package keys_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/portal/catalogue"
	"github.com/remote-issuance/remote-issuance/portal/keys"
	"github.com/remote-issuance/remote-issuance/portal/keys/operation"
)

// TestFieldsOfKeysAreNeverSent: a field without a name is not part of a form.
func TestFieldsOfKeysAreNeverSent(t *testing.T) {
	script, err := os.ReadFile("files/keys.js")
	require.NoError(t, err)
	for _, forbidden := range []string{"localStorage", "sessionStorage", "indexedDB", "XMLHttpRequest", "eval(", "innerHTML", "console."} {
		require.NotContains(t, string(script), forbidden)
	}
	require.Equal(t, 1, strings.Count(string(script), "fetch("), "the document, and nothing else, is asked for")
}

// TestScriptHasATextForEachProblem holds the script, the operations and the texts together.
func TestScriptHasATextForEachProblem(t *testing.T) {
	script, err := os.ReadFile("files/keys.js")
	require.NoError(t, err)
	all, err := catalogue.Load()
	require.NoError(t, err)
	var wanted []string
	for _, m := range regexp.MustCompile(`new Refused\('([a-z-]+)'|tell\('([a-z-]+)'`).FindAllStringSubmatch(string(script), -1) {
		wanted = append(wanted, m[1]+m[2])
	}
	require.Greater(t, len(wanted), 5)
	for _, code := range append(wanted, operation.Codes()...) {
		for _, language := range catalogue.Languages() {
			require.True(t, slices.Contains(all.Keys(language), "keys.problem."+code), "%s in %s", code, language)
		}
	}
}

func TestAssetsAreServed(t *testing.T) {
	store, err := store()
	require.NoError(t, err)
	a := keys.AddressesOf(store.Address)
	for _, address := range []string{a.Script, a.Worker, a.Runtime, a.Module} {
		require.NotEmpty(t, address)
		recorded := httptest.NewRecorder()
		store.ServeHTTP(recorded, httptest.NewRequestWithContext(t.Context(), http.MethodGet, address, nil))
		require.Equal(t, http.StatusOK, recorded.Code)
		require.Equal(t, "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'", recorded.Header().Get("Content-Security-Policy"))
	}
}
