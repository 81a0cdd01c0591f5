package cli

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/api/contract"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/stb/bign"
)

// employed writes the certificate file of an employee that is in force between two instants.
func employed(t *testing.T, from, to time.Time) string {
	t.Helper()
	ca, err := testca.New(testca.Options{Algorithm: alg.KeyBign256, From: from})
	require.NoError(t, err)
	key, err := bign.GenerateKey(bign.Curve256v1(), nil)
	require.NoError(t, err)
	c, err := ca.Issue(testca.ProfileExtensions, testca.SampleEmployee(), key.Public(), from, to)
	require.NoError(t, err)
	name := filepath.Join(t.TempDir(), "certificate.cer")
	require.NoError(t, os.WriteFile(name, c.Raw, 0o600))
	return name
}

func diagnosed(t *testing.T, args ...string) (int, string) {
	t.Helper()
	var out, errOut bytes.Buffer
	code := run(t.Context(), append([]string{"diagnose"}, args...), &out, &errOut)
	return code, out.String() + errOut.String()
}

func TestS5_DiagnosisOfTheCommandLine(t *testing.T) {
	now := time.Now()
	good := employed(t, now.AddDate(-1, 0, 0), now.AddDate(0, 6, 0))
	code, out := diagnosed(t, good, "--lang", "en")
	require.Zero(t, code, out)
	for _, part := range []string{testca.SampleEmployee().PersonalNumber, "good ", "unknown "} {
		require.Contains(t, out, part)
	}
	code, out = diagnosed(t, employed(t, now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1)))
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "bad ")
	code, out = diagnosed(t, employed(t, now.AddDate(-1, 0, 0), now.AddDate(0, 0, 5)))
	require.Zero(t, code, "days without a certificate are no obstacle: %s", out)
	require.Contains(t, out, "doubt ")
}

func TestS7_DiagnosisAsksTheServiceForTheRegisters(t *testing.T) {
	now := time.Now()
	good, token := employed(t, now.AddDate(-1, 0, 0), now.AddDate(0, 6, 0)), filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(token, []byte("the-token\n"), 0o600))
	raw, err := os.ReadFile(good)
	require.NoError(t, err)
	status, said := http.StatusOK, any(contract.Diagnosis{
		Certificate: raw, Manager: contract.ManagerRecorded, Registers: []contract.RegisterDiagnosis{{Register: contract.Egr, State: order.RegisterAgrees}},
	})
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.Equal(t, "Bearer the-token", r.Header.Get("Authorization"))
		require.Equal(t, "/v1/diagnosis", r.URL.Path)
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(said)
	}))
	t.Cleanup(api.Close)
	service := []string{"--api", api.URL, "--token-file", token}
	withFile := append([]string{good}, service...)
	for _, args := range [][]string{withFile, service} {
		code, out := diagnosed(t, args...)
		require.Zero(t, code, out)
		require.NotContains(t, out, "unknown ")
		require.Contains(t, out, testca.SampleEmployee().PersonalNumber)
	}
	said = contract.Diagnosis{Certificate: raw, Registers: []contract.RegisterDiagnosis{{Register: contract.Egr, State: order.RegisterDiffers}}}
	code, out := diagnosed(t, service...)
	require.Equal(t, 1, code, out)
	require.Contains(t, out, "bad ")
	status, said = http.StatusTooManyRequests, contract.Problem{Type: "https://api.example.by/problems/too-many-requests", Status: http.StatusTooManyRequests}
	code, out = diagnosed(t, service...)
	require.Equal(t, 2, code, out)
	code, out = diagnosed(t, withFile...)
	require.Zero(t, code, "what the service does not say is not known: %s", out)
	require.Contains(t, out, "unknown ")
	said = "no problem document"
	code, out = diagnosed(t, service...)
	require.Equal(t, 2, code, out)
}

func TestDiagnosisOfWhatIsNoCertificate(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string][]byte{"empty": {}, "text": []byte("hello"), "large": make([]byte, maxCertificate+1)} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		code, out := diagnosed(t, file)
		require.Equal(t, 2, code, name)
		require.NotContains(t, out, "[keys.")
	}
	code, _ := diagnosed(t, filepath.Join(dir, "missing"))
	require.Equal(t, 2, code)
	code, _ = diagnosed(t, filepath.Join(dir, "text"), "--api", "http://127.0.0.1:1")
	require.Equal(t, 2, code)
	code, out := diagnosed(t)
	require.Equal(t, 2, code)
	require.Contains(t, out, "--token-file")
}
