package deploy_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
)

// made are the secrets of a new installation, by deploy/secrets.sh.
func made(t *testing.T) (secrets, public string) {
	t.Helper()
	secrets, public = filepath.Join(t.TempDir(), "secrets"), filepath.Join(t.TempDir(), "audit")
	out, err := exec.Command("sh", "secrets.sh", secrets, public).CombinedOutput()
	require.NoError(t, err, string(out))
	return secrets, public
}

func TestTheScriptMakesExactlyTheSecretsOfTheComposition(t *testing.T) {
	dir, _ := made(t)
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, f := range files {
		names = append(names, f.Name())
		info, err := f.Info()
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode(), f.Name())
	}
	var declared []string
	for name := range composed(t).Secrets {
		declared = append(declared, name)
	}
	require.ElementsMatch(t, declared, names)
	script, err := os.ReadFile("permissions.sh")
	require.NoError(t, err)
	for _, name := range names {
		require.Regexp(t, `(?m)[ \t]`+name+`( |$)`, string(script), "permissions.sh gives %s to nobody", name)
	}
}

func TestWhatIsThereStays(t *testing.T) {
	dir, public := made(t)
	before := contents(t, dir)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "smtp_password"), []byte("given\n"), 0o600))
	require.NoError(t, os.Remove(filepath.Join(dir, "id_hash_key")))
	out, err := exec.Command("sh", "secrets.sh", dir, public).CombinedOutput()
	require.NoError(t, err, string(out))
	after := contents(t, dir)
	require.Equal(t, "given\n", after["smtp_password"])
	require.NotEmpty(t, after["id_hash_key"])
	require.NotEqual(t, before["id_hash_key"], after["id_hash_key"])
	for name, content := range before {
		if name != "smtp_password" && name != "id_hash_key" {
			require.Equal(t, content, after[name], name)
		}
	}
	other, _ := made(t)
	for name, content := range contents(t, other) {
		if content != "" {
			require.NotEqual(t, content, before[name], "%s is the same in two installations", name)
		}
	}
}

func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range files {
		raw, err := os.ReadFile(filepath.Join(dir, f.Name()))
		require.NoError(t, err)
		out[f.Name()] = string(raw)
	}
	return out
}

// The certificates are good for both sides of both servers, under the names by which the composition calls them.
func TestTheCertificatesServe(t *testing.T) {
	dir, _ := made(t)
	for name, at := range map[string]struct{ ca, host string }{
		"postgres": {"database_ca", "postgres"}, "temporal_server": {"temporal_ca", "temporal"}, "temporal_client": {"temporal_ca", "temporal"},
	} {
		pem, err := os.ReadFile(filepath.Join(dir, at.ca))
		require.NoError(t, err)
		roots := x509.NewCertPool()
		require.True(t, roots.AppendCertsFromPEM(pem))
		pair, err := tls.LoadX509KeyPair(filepath.Join(dir, name+"_cert"), filepath.Join(dir, name+"_key"))
		require.NoError(t, err)
		for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
			_, err = pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: at.host, KeyUsages: []x509.ExtKeyUsage{usage}})
			require.NoError(t, err, name)
		}
	}
}

func TestTheAddressOfTheDatabaseHoldsThePassword(t *testing.T) {
	dir, _ := made(t)
	all := contents(t, dir)
	for file, role := range map[string]string{"database_url": "issuance service_password", "owner_database_url": "issuance_owner owner_password"} {
		u, err := url.Parse(strings.TrimSpace(all[file]))
		require.NoError(t, err)
		user, passwordFile, _ := strings.Cut(role, " ")
		password, _ := u.User.Password()
		require.Equal(t, user, u.User.Username())
		require.Equal(t, strings.TrimSpace(all[passwordFile]), password)
		require.Equal(t, "verify-full", u.Query().Get("sslmode"))
		require.Equal(t, "/run/secrets/database_ca", u.Query().Get("sslrootcert"))
	}
}

func TestTheAuditKeySealsAndItsPublicHalfIsKept(t *testing.T) {
	dir, public := made(t)
	raw, err := os.ReadFile(filepath.Join(dir, "audit_key"))
	require.NoError(t, err)
	key, err := audit.ParseKey(raw)
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(public, "*.pub.pem"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	out, err := exec.Command("openssl", "pkey", "-pubin", "-in", files[0], "-outform", "DER").Output()
	require.NoError(t, err)
	require.True(t, bytes.Equal(der, out))
}
