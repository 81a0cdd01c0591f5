package audit_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
)

func TestKeyFilesSignAndVerifyCheckpoints(t *testing.T) {
	private, public, err := audit.GenerateKey()
	require.NoError(t, err)
	key, err := audit.ParseKey(private)
	require.NoError(t, err)
	signer, err := audit.NewSigner(key)
	require.NoError(t, err)
	checkpoint, err := audit.SignCheckpoint(signer, audit.Head{Sequence: 3, Hash: audit.Hash{1}}, time.Now())
	require.NoError(t, err)

	other, otherPublic, err := audit.GenerateKey()
	require.NoError(t, err)
	require.NotEqual(t, private, other)
	list, err := audit.ReadPublicKeys(fstest.MapFS{"a.pem": {Data: public}, "b.pem": {Data: otherPublic}, "notes.txt": {Data: []byte("x")}})
	require.NoError(t, err)
	require.Len(t, list, 2)
	keys, err := audit.NewKeys(list...)
	require.NoError(t, err)
	require.NoError(t, audit.VerifyCheckpoint(keys, checkpoint))
	foreign, err := audit.NewKeys(list[1])
	require.NoError(t, err)
	require.ErrorIs(t, audit.VerifyCheckpoint(foreign, checkpoint), audit.ErrCheckpoint)
}

func TestKeyFilesOfOtherKindsAreRefused(t *testing.T) {
	private, public, err := audit.GenerateKey()
	require.NoError(t, err)
	ec, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	ecDER, err := x509.MarshalPKCS8PrivateKey(ec)
	require.NoError(t, err)
	_, err = audit.ParseKey(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: ecDER}))
	require.NoError(t, err)

	long, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	longDER, err := x509.MarshalPKCS8PrivateKey(long)
	require.NoError(t, err)
	for name, file := range map[string][]byte{
		"nothing": nil, "public": public, "damaged": private[:60],
		"rsa":     pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: longDER}),
		"garbage": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}),
	} {
		_, err := audit.ParseKey(file)
		require.Error(t, err, name)
	}
	_, err = audit.ReadPublicKeys(fstest.MapFS{"a.pem": {Data: private}})
	require.ErrorIs(t, err, audit.ErrKeyFile)
}

func FuzzParseKey(f *testing.F) {
	private, public, err := audit.GenerateKey()
	require.NoError(f, err)
	f.Add(private)
	f.Add(public)
	f.Fuzz(func(t *testing.T, file []byte) {
		if key, err := audit.ParseKey(file); err == nil {
			_, err = audit.NewSigner(key)
			require.NoError(t, err)
		}
		_, _ = audit.ParsePublicKey(file)
	})
}
