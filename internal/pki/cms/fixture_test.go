package cms

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

func TestS3_RequestsOfOpenSSL(t *testing.T) {
	for name, want := range map[string]fault.Code{
		"p256.req": "", "p384.req": "", "rsa.req": "", "rsa-pss.req": "",
		"rsa1024.req": fault.WeakKey, "rsa-sha1.req": fault.UnknownAlgorithm,
		"p256-explicit.req": fault.BadParameters, "p256-compressed.req": fault.BadKey,
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ParseRequestFile(pkitest.OpenSSL(t, name))
			require.NoError(t, err)
			require.Equal(t, want, fault.CodeOf(r.CheckSignature()))
			s := r.Subject()
			require.Equal(t, "Образцова", s.Surname)
			require.Equal(t, "Вера", s.GivenName)
			require.Equal(t, "Петровна", s.Patronymic)
			require.Equal(t, "4010190A002PB9", s.PersonalNumber)
			require.Equal(t, "190000018", s.UNP)
			require.Equal(t, "Бухгалтер", s.Position)
			v, err := r.RequestedValidity()
			require.NoError(t, err)
			require.Equal(t, pki.OIDPrivateKeyUsagePeriod, v.Source)
			require.Equal(t, 2027, v.NotAfter.Year())
		})
	}
}

func TestM6_MessagesOfOpenSSL(t *testing.T) {
	content := pkitest.OpenSSL(t, "content")
	for name, want := range map[string]fault.Code{
		"p256.p7s": "", "p256-stream.p7m": "", "rsa.p7s": "", "two.p7s": fault.SeveralSigners,
	} {
		sd, err := ReadSignedData(pkitest.OpenSSL(t, name))
		require.NoError(t, err, name)
		got, err := sd.Verify(content)
		require.Equal(t, want, fault.CodeOf(err), name)
		if want == "" {
			require.Contains(t, [][]byte{pkitest.OpenSSL(t, "p256.cer"), pkitest.OpenSSL(t, "rsa.cer")}, got.Signer.Raw)
		}
	}
}
