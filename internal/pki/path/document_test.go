package path_test

import (
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
	"github.com/remote-issuance/remote-issuance/internal/pki/pkitest"
)

func TestM6_DocumentNamesWhomTheSignerSpeaksFor(t *testing.T) {
	v := path.NewValidator(sampleTrust(t), path.Options{Revocation: path.RevocationAll, KeyUsage: x509.KeyUsageDigitalSignature})
	d, err := v.VerifyDocument(pkitest.Sample(t, "cms/list.withattrcert.p7s"), pkitest.Sample(t, "cms/list.json"), reference)
	require.NoError(t, err)
	require.Len(t, d.Organisations, 1)
	require.Empty(t, d.AttributeErrors)
	require.Equal(t, "190000018", d.Subject().UNP)
	require.True(t, d.SpeaksFor("190000018"))
	require.False(t, d.SpeaksFor("100000001"))
	require.False(t, d.SpeaksFor(""))
	require.Len(t, d.Chain, 3)

	later := reference.Add(5 * 365 * 24 * time.Hour)
	_, err = v.VerifyDocument(pkitest.Sample(t, "cms/list.json.p7s"), pkitest.Sample(t, "cms/list.json"), later)
	require.Equal(t, fault.Expired, fault.CodeOf(err))
	_, err = v.VerifyDocument([]byte("no message"), nil, reference)
	require.Equal(t, fault.Malformed, fault.CodeOf(err))
}
