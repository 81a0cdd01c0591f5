package deploy_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// What deploy/temporal-tls.sh makes is good for both sides of mTLS, under the
// name by which the composition calls the server.
func TestTheCertificatesOfTemporalServe(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("sh", "temporal-tls.sh", dir).CombinedOutput()
	require.NoError(t, err, string(out))
	pem, err := os.ReadFile(filepath.Join(dir, "temporal_ca"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(pem))
	for name, usage := range map[string]x509.ExtKeyUsage{"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth} {
		pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "temporal_"+name+"_cert"), filepath.Join(dir, "temporal_"+name+"_key"))
		require.NoError(t, err)
		_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: "temporal", KeyUsages: []x509.ExtKeyUsage{usage, x509.ExtKeyUsageClientAuth}})
		require.NoError(t, err)
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, files, 5, "the CA's key is not kept")
	require.Error(t, exec.Command("sh", "temporal-tls.sh", dir).Run(), "a second run breaks nothing")
}
