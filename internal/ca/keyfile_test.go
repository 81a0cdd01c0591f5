package ca

import (
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

func TestKeyFileOfEveryFamily(t *testing.T) {
	t.Parallel()
	for _, kind := range []alg.KeyAlgorithm{alg.KeyBign256, alg.KeyECDSAP256, alg.KeyRSA2048} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			key := newKey(t, kind)
			file, err := encryptKey(key, []byte("пароль"), minIterations)
			require.NoError(t, err)
			read, err := DecryptKey(file, []byte("пароль"))
			require.NoError(t, err)
			require.True(t, alg.SameKey(key.Public(), read.Public()))
			_, err = DecryptKey(file, []byte("other"))
			require.ErrorIs(t, err, ErrPassphrase)
		})
	}
	_, err := EncryptKey(newKey(t, alg.KeyECDSAP256), nil)
	require.ErrorIs(t, err, ErrPassphrase)
}

// Files go both ways between OpenSSL and us.
func TestKeyFileAndOpenSSL(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ours, theirs := filepath.Join(dir, "ours.pem"), filepath.Join(dir, "theirs.pem")
	key := newKey(t, alg.KeyECDSAP256)
	file, err := EncryptKey(key, []byte("secret"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(ours, file, 0o600))
	out, err := exec.Command("openssl", "pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA256",
		"-in", ours, "-passin", "pass:secret", "-passout", "pass:other", "-out", theirs).CombinedOutput()
	require.NoError(t, err, string(out))
	file, err = os.ReadFile(theirs)
	require.NoError(t, err)
	read, err := DecryptKey(file, []byte("other"))
	require.NoError(t, err)
	require.True(t, alg.SameKey(key.Public(), read.Public()))
}

func TestFilesThatAreNoKey(t *testing.T) {
	t.Parallel()
	key := newKey(t, alg.KeyECDSAP256)
	file, err := EncryptKey(key, []byte("secret"))
	require.NoError(t, err)
	block, _ := pem.Decode(file)
	plain, err := alg.MarshalPrivateKey(key)
	require.NoError(t, err)
	cut := func(der []byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: pemEncryptedKey, Bytes: der}) }
	for name, bad := range map[string][]byte{
		"empty": nil, "unencrypted": plain, "truncated": cut(block.Bytes[:40]), "trailing": cut(append(block.Bytes, 0)),
		// The identifier of PBES2 becomes another one.
		"scheme": cut([]byte(strings.Replace(string(block.Bytes), "\x01\x05\x0d", "\x01\x05\x0a", 1))),
		// 600000 iterations become more than eight million times as many.
		"iterations": cut([]byte(strings.Replace(string(block.Bytes), "\x02\x03\x09\x27\xc0", "\x02\x03\x7f\xff\xff"[:3]+"\x00\x00\x01", 1))),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := DecryptKey(bad, []byte("secret"))
			require.ErrorIs(t, err, ErrKeyFile)
		})
	}
}

func FuzzDecryptKey(f *testing.F) {
	file, err := encryptKey(newKey(f, alg.KeyECDSAP256), []byte("secret"), minIterations)
	require.NoError(f, err)
	block, _ := pem.Decode(file)
	f.Add(block.Bytes)
	f.Fuzz(func(t *testing.T, der []byte) {
		// Another passphrase: whatever the file says, no key may come out of it.
		_, err := DecryptKey(pem.EncodeToMemory(&pem.Block{Type: pemEncryptedKey, Bytes: der}), []byte("other"))
		require.Error(t, err)
	})
}
