package site

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestACopyIsWhatWouldBeCommitted(t *testing.T) {
	from, to := t.TempDir(), filepath.Join(t.TempDir(), "copy")
	write := func(name, text string, mode os.FileMode) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(from, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(from, name), []byte(text), mode))
	}
	write(".gitignore", "/secret\n", 0o644)
	write("secret", "x", 0o600)
	write("a/script.sh", "y", 0o755)
	write("gone", "z", 0o644)
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		require.NoError(t, exec.Command("git", append([]string{"-C", from}, args...)...).Run())
	}
	require.NoError(t, os.Remove(filepath.Join(from, "gone")))
	require.NoError(t, copyCheckout(t.Context(), from, to))
	require.NoFileExists(t, filepath.Join(to, "secret"))
	require.NoFileExists(t, filepath.Join(to, "gone"))
	info, err := os.Stat(filepath.Join(to, "a/script.sh"))
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o755), info.Mode())
}

func TestTheOperatorFillsInWhatTheSamplesHave(t *testing.T) {
	s := &Site{Dir: t.TempDir()}
	for from, to := range map[string]string{"env.example": ".env", "issuance.env.example": "deploy/issuance.env"} {
		raw, err := os.ReadFile(filepath.Join("../../../deploy", from))
		require.NoError(t, err)
		require.NoError(t, s.put(to, raw))
	}
	require.NoError(t, s.FillIn())
	filled, err := os.ReadFile(filepath.Join(s.Dir, "deploy/issuance.env"))
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(filled), "\nERIP_SERVICE_NO=90100001\n"))
	require.Contains(t, string(filled), "\nTRUSTED_PROXIES="+Subnet+"\n", "the sample knows the composition's subnet")
	require.ErrorContains(t, s.set(".env", map[string]string{"UNKNOWN": "1"}), "lacks variables")
}

func TestTheRootOfTheSiteIsKnownToNobody(t *testing.T) {
	root, certificate, err := newTLS(APIHost, MailHost)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(root))
	leaf, err := x509.ParseCertificate(certificate.Certificate[0])
	require.NoError(t, err)
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: MailHost})
	require.NoError(t, err)
	_, err = leaf.Verify(x509.VerifyOptions{DNSName: MailHost})
	require.Error(t, err)
}

// answers gives its answers one after the other.
type answers struct {
	left   []int
	bodies []string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body := make([]byte, 10)
	n, _ := r.Body.Read(body)
	a.bodies = append(a.bodies, string(body[:n]))
	status := a.left[0]
	a.left = a.left[1:]
	if status == 0 {
		return nil, errors.New("refused")
	}
	w := httptest.NewRecorder()
	w.WriteHeader(status)
	return w.Result(), nil
}

func TestAPatientCallerAsksAgainWithTheSameBody(t *testing.T) {
	a := &answers{left: []int{502, 0, 200}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/", strings.NewReader("body"))
	require.NoError(t, err)
	response, err := patient{a}.RoundTrip(r)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	require.Equal(t, []string{"body", "body", "body"}, a.bodies)
}
