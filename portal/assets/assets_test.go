package assets

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func TestForeignFilesAreAsTheyWerePublished(t *testing.T) {
	sums, err := os.Open("SHA256SUMS")
	require.NoError(t, err)
	defer sums.Close()
	n := 0
	for lines := bufio.NewScanner(sums); lines.Scan(); n++ {
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		require.True(t, ok)
		content, err := os.ReadFile("files/" + name)
		require.NoError(t, err)
		got := sha256.Sum256(content)
		require.Equal(t, sum, hex.EncodeToString(got[:]), name)
	}
	require.Equal(t, 2, n)
}

func TestNeitherTypefaceNorCrestIsServed(t *testing.T) {
	s, err := Load()
	require.NoError(t, err)
	for _, name := range s.Names() {
		content := string(s.byName[name].plain)
		for _, bad := range []string{"GDS Transport", "@font-face", "woff", "crest", "crown.svg", "sourceMappingURL"} {
			require.NotContains(t, content, bad, name)
		}
	}
	require.Equal(t, []string{"favicon.svg", "govuk-frontend.min.css", "govuk-frontend.min.js", "portal.css", "portal.js"}, s.Names())
}

func TestAssetsAreKeptForEverUnderTheirHash(t *testing.T) {
	s, err := Load()
	require.NoError(t, err)
	for _, name := range s.Names() {
		r := httptest.NewRequest(http.MethodGet, s.Address(name), nil)
		plain := httptest.NewRecorder()
		s.ServeHTTP(plain, r)
		require.Equal(t, http.StatusOK, plain.Code)
		require.Contains(t, plain.Header().Get("Cache-Control"), "immutable")
		r.Header.Set("Accept-Encoding", "gzip, br")
		packed := httptest.NewRecorder()
		s.ServeHTTP(packed, r)
		require.Equal(t, s.Weight(name), packed.Body.Len())
		z, err := gzip.NewReader(bytes.NewReader(packed.Body.Bytes()))
		require.NoError(t, err)
		content, err := io.ReadAll(z)
		require.NoError(t, err)
		require.Equal(t, plain.Body.Bytes(), content)
	}
	for _, path := range []string{"/assets/", "/assets/x/portal.css", "/assets/../assets.go"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		require.Equal(t, http.StatusNotFound, w.Code)
	}
	require.Empty(t, s.Address("nothing"))
	require.Zero(t, s.Weight("nothing"))
}

func TestTwoFilesOfOneNameAreAnError(t *testing.T) {
	_, err := Load(fstest.MapFS{"portal.css": {Data: []byte("a{}")}})
	require.ErrorContains(t, err, "there twice")
}
