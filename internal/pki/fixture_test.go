package pki

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The files of testdata/openssl were made once with OpenSSL 3.0 and req.cnf beside them.

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "openssl", name))
	require.NoError(t, err)
	return data
}

func TestS3_RequestsOfOpenSSL(t *testing.T) {
	for name, want := range map[string]Code{
		"p256.req": "", "p384.req": "", "rsa.req": "", "rsa-pss.req": "",
		"rsa1024.req": CodeWeakKey, "rsa-sha1.req": CodeUnknownAlgorithm,
		"p256-explicit.req": CodeBadParameters, "p256-compressed.req": CodeBadKey,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ParseRequestFile(fixture(t, name))
			require.NoError(t, err)
			require.Equal(t, want, CodeOf(r.CheckSignature()))
			s := r.Subject()
			require.Equal(t, "Образцова", s.Surname)
			require.Equal(t, "Вера", s.GivenName)
			require.Equal(t, "Петровна", s.Patronymic)
			require.Equal(t, "4010190A002PB9", s.PersonalNumber)
			require.Equal(t, "190000018", s.UNP)
			require.Equal(t, "Бухгалтер", s.Position)
			v, err := r.RequestedValidity()
			require.NoError(t, err)
			require.Equal(t, OIDPrivateKeyUsagePeriod, v.Source)
			require.Equal(t, 2027, v.NotAfter.Year())
		})
	}
}

func TestM6_MessagesOfOpenSSL(t *testing.T) {
	content := fixture(t, "content")
	for name, want := range map[string]Code{
		"p256.p7s": "", "p256-stream.p7m": "", "rsa.p7s": "", "two.p7s": CodeSeveralSigners,
	} {
		sd, err := ReadSignedData(fixture(t, name))
		require.NoError(t, err, name)
		got, err := sd.Verify(content)
		require.Equal(t, want, CodeOf(err), name)
		if want == "" {
			require.Contains(t, [][]byte{fixture(t, "p256.cer"), fixture(t, "rsa.cer")}, got.Signer.Raw)
		}
	}
}
