//go:build pkcs11

package ca

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

const (
	tokenLabel = "issuing"
	tokenPIN   = "1234"
)

// softHSM makes a fresh token with an ECDSA key. The module reads the place of
// its tokens from the environment of the whole process, so these tests are
// steps of one and do not run side by side.
func softHSM(t *testing.T) string {
	t.Helper()
	var module string
	for _, path := range []string{
		os.Getenv("SOFTHSM2_MODULE"), "/usr/lib/softhsm/libsofthsm2.so",
		"/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so",
	} {
		if _, err := os.Stat(path); err == nil {
			module = path
			break
		}
	}
	require.NotEmpty(t, module, "SoftHSM2 is not installed; set SOFTHSM2_MODULE to its library")
	dir := t.TempDir()
	config := filepath.Join(dir, "softhsm2.conf")
	require.NoError(t, os.WriteFile(config, []byte("directories.tokendir = "+dir+"\nlog.level = ERROR\n"), 0o600))
	t.Setenv("SOFTHSM2_CONF", config)
	run(t, "softhsm2-util", "--init-token", "--free", "--label", tokenLabel, "--so-pin", "12345678", "--pin", tokenPIN)
	for id, label := range map[string]string{"01": "ca-p256", "02": "twice", "03": "twice"} {
		run(t, "pkcs11-tool", "--module", module, "--token-label", tokenLabel, "--login", "--pin", tokenPIN,
			"--keypairgen", "--key-type", "EC:prime256v1", "--id", id, "--label", label)
	}
	return module
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestI1_TokenIssues(t *testing.T) {
	module := softHSM(t)
	at := Token{Module: module, TokenLabel: tokenLabel, KeyLabel: "ca-p256"}
	key, err := OpenToken(at, []byte(tokenPIN))
	require.NoError(t, err)

	place, err := json.Marshal(at)
	require.NoError(t, err)
	files := fstest.MapFS{
		"hsm/" + FileCertificate: {Data: pki.EncodeCertificates(newRoot(t, key))},
		"hsm/" + FileToken:       {Data: place},
		"hsm/" + FileProfile:     {Data: profileJSON(t, gosProfile(alg.KeyECDSAP256, alg.KeyRSA2048))},
	}
	pin := func(_ context.Context, _ string) ([]byte, error) { return []byte(tokenPIN), nil }
	r, err := LoadDirectory(t.Context(), files, pin, rand.Reader)
	require.NoError(t, err)
	a := r.All()[0].(*Authority)
	issue(t, a, individual(t, alg.KeyECDSAP256))

	_, err = PublishCRL(t.Context(), a, &fakeRevocations{}, t.TempDir(), issueTime)
	require.NoError(t, err)

	// The token drops the session; the next signature opens another.
	dropped := a.signer.(*tokenKey)
	require.NoError(t, dropped.context.CloseSession(dropped.session))
	issue(t, a, individual(t, alg.KeyECDSAP256))

	for name, wrong := range map[string]Token{
		"module": {Module: "/nowhere.so", TokenLabel: tokenLabel, KeyLabel: "ca-p256"},
		"token":  {Module: module, TokenLabel: "other", KeyLabel: "ca-p256"},
		"key":    {Module: module, TokenLabel: tokenLabel, KeyLabel: "other"},
		"twice":  {Module: module, TokenLabel: tokenLabel, KeyLabel: "twice"},
	} {
		_, err := OpenToken(wrong, []byte(tokenPIN))
		require.ErrorIs(t, err, ErrToken, name)
	}
}
