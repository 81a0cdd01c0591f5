package requestcli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
)

func TestKeysEncryptMakesWhatTheWorkerOpens(t *testing.T) {
	for _, algorithm := range alg.KeyAlgorithms() {
		// The derivation of the key is slow on purpose: one algorithm of each family.
		if algorithm != alg.KeyBign256 && !strings.HasSuffix(string(algorithm), "p256") {
			continue
		}
		t.Run(string(algorithm), func(t *testing.T) {
			dir := t.TempDir()
			clear, sealed, password := filepath.Join(dir, "clear.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "password")
			require.NoError(t, os.WriteFile(password, []byte("correct horse\n"), 0o600))
			must(t, "keys", "new", "--algorithm", string(algorithm), "--out", clear)
			must(t, "keys", "encrypt", clear, "--password-file", password, "--out", sealed)

			plain, err := os.ReadFile(clear)
			require.NoError(t, err)
			want, err := alg.ParsePrivateKey(plain)
			require.NoError(t, err)
			file, err := os.ReadFile(sealed)
			require.NoError(t, err)
			got, err := ca.DecryptKey(file, []byte("correct horse"))
			require.NoError(t, err)
			wanted, err := alg.KeyID(want.Public())
			require.NoError(t, err)
			id, err := alg.KeyID(got.Public())
			require.NoError(t, err)
			require.Equal(t, wanted, id)
			info, err := os.Stat(sealed)
			require.NoError(t, err)
			require.Equal(t, os.FileMode(0o600), info.Mode())
			_, err = ca.DecryptKey(file, []byte("correct horse\n"))
			require.ErrorIs(t, err, ca.ErrPassphrase, "the end of the line is not part of it")

			_, err = run(t, "keys", "encrypt", clear, "--password-file", password, "--out", sealed)
			require.ErrorContains(t, err, sealed, "nothing is overwritten")
		})
	}
}

func TestKeysEncryptWantsAPasswordAndAKey(t *testing.T) {
	dir := t.TempDir()
	clear := filepath.Join(dir, "clear.pem")
	must(t, "keys", "new", "--out", clear)
	for content, want := range map[string]string{"": "one line", "\n": "one line", "  \n": "one line", "a\nb\n": "one line", "a\x00b": "one line"} {
		password := filepath.Join(dir, "password")
		require.NoError(t, os.WriteFile(password, []byte(content), 0o600))
		_, err := run(t, "keys", "encrypt", clear, "--password-file", password, "--out", filepath.Join(dir, "out"))
		require.ErrorContains(t, err, want)
		require.NoFileExists(t, filepath.Join(dir, "out"))
	}
	_, err := run(t, "keys", "encrypt", filepath.Join(dir, "password"), "--password-file", clear, "--out", filepath.Join(dir, "out"))
	require.Error(t, err)
}

func TestKeysContainerMakesWhatRenewOpens(t *testing.T) {
	dir := t.TempDir()
	clear, sealed, password := filepath.Join(dir, "clear.pem"), filepath.Join(dir, "present.key"), filepath.Join(dir, "password")
	require.NoError(t, os.WriteFile(password, []byte("correct horse\n"), 0o600))
	must(t, "keys", "new", "--algorithm", string(alg.KeyBign256), "--out", clear)
	must(t, "keys", "container", clear, "--password-file", password, "--out", sealed)
	plain, err := os.ReadFile(clear)
	require.NoError(t, err)
	want, err := alg.ParsePrivateKey(plain)
	require.NoError(t, err)
	file, err := os.ReadFile(sealed)
	require.NoError(t, err)
	got, err := bpki.OpenKey(file, []byte("correct horse"))
	require.NoError(t, err)
	wanted, err := alg.KeyID(want.Public())
	require.NoError(t, err)
	id, err := alg.KeyID(got.Public())
	require.NoError(t, err)
	require.Equal(t, wanted, id)
	_, err = run(t, "keys", "container", clear, "--password-file", password, "--out", sealed)
	require.Error(t, err, "nothing is written over")
	other := filepath.Join(dir, "ecdsa.pem")
	must(t, "keys", "new", "--algorithm", string(alg.KeyECDSAP256), "--out", other)
	_, err = run(t, "keys", "container", other, "--password-file", password, "--out", filepath.Join(dir, "x"))
	require.ErrorContains(t, err, "bign")
}
