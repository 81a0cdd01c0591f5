package admission_test

import (
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

func TestA1_OnlyAPersonsCertificateServesForSigningIn(t *testing.T) {
	clientAuth, email, server := pki.OID{1, 3, 6, 1, 5, 5, 7, 3, 2}, pki.OID{1, 3, 6, 1, 5, 5, 7, 3, 4}, pki.OID{1, 3, 6, 1, 5, 5, 7, 3, 1}
	ocsp, code, anyPurpose, national := pki.OID{1, 3, 6, 1, 5, 5, 7, 3, 9}, pki.OID{1, 3, 6, 1, 5, 5, 7, 3, 3}, pki.OID{2, 5, 29, 37, 0}, pki.OID{1, 2, 112, 1, 2, 1}
	for name, tc := range map[string]struct {
		certificate pki.Certificate
		cause       string
	}{
		"says nothing":                 {pki.Certificate{}, ""},
		"digital signature":            {pki.Certificate{HasKeyUsage: true, KeyUsage: x509.KeyUsageDigitalSignature}, ""},
		"with key agreement":           {pki.Certificate{HasKeyUsage: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyAgreement}, ""},
		"encipherment only":            {pki.Certificate{HasKeyUsage: true, KeyUsage: x509.KeyUsageKeyEncipherment}, admission.CauseKeyUsage},
		"non-repudiation only":         {pki.Certificate{HasKeyUsage: true, KeyUsage: x509.KeyUsageContentCommitment}, admission.CauseKeyUsage},
		"no usage at all":              {pki.Certificate{HasKeyUsage: true}, admission.CauseKeyUsage},
		"signs certificates":           {pki.Certificate{HasKeyUsage: true, KeyUsage: x509.KeyUsageCertSign}, admission.CauseKeyUsage},
		"an authority":                 {authorityWith(x509.KeyUsageDigitalSignature), admission.CauseAuthority},
		"for clients":                  {pki.Certificate{ExtKeyUsage: []pki.OID{clientAuth}}, ""},
		"for e-mail":                   {pki.Certificate{ExtKeyUsage: []pki.OID{email}}, ""},
		"for servers":                  {pki.Certificate{ExtKeyUsage: []pki.OID{server}}, admission.CauseKeyUsage},
		"for servers and clients":      {pki.Certificate{ExtKeyUsage: []pki.OID{server, clientAuth}}, ""},
		"for OCSP":                     {pki.Certificate{ExtKeyUsage: []pki.OID{ocsp}}, admission.CauseKeyUsage},
		"for code and OCSP":            {pki.Certificate{ExtKeyUsage: []pki.OID{code, ocsp}}, admission.CauseKeyUsage},
		"for anything":                 {pki.Certificate{ExtKeyUsage: []pki.OID{anyPurpose}}, ""},
		"for a purpose of the state's": {pki.Certificate{ExtKeyUsage: []pki.OID{national}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			check := admission.Usage(&tc.certificate)
			require.Equal(t, order.CheckCertificate, check.Code)
			require.Equal(t, tc.cause, check.Cause)
			require.Equal(t, tc.cause != "", check.Verdict == order.VerdictFailed)
		})
	}
}

func authorityWith(usage x509.KeyUsage) pki.Certificate {
	c := pki.Certificate{HasKeyUsage: true, KeyUsage: usage}
	c.BasicConstraints.CA = true
	return c
}
