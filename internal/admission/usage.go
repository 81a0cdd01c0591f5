package admission

import (
	"crypto/x509"
	"slices"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Causes of a certificate that nobody signs in with.
const (
	CauseAuthority = "ca-certificate"
	CauseKeyUsage  = "key-usage"
)

// signingIn are the extended key usages of which one has to be there where a
// certificate has any: clientAuth, emailProtection, any (RFC 5280, 4.2.1.12).
var signingIn = []string{"1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4", "2.5.29.37.0"}

// otherPurposes begins the purposes of RFC 5280 that are not a person's.
const otherPurposes = "1.3.6.1.5.5.7.3."

// Usage checks that the certificate is a person's, for signing in and signing:
// no authority's, with digitalSignature, and not for another purpose only. A
// purpose that the state profile has of its own is not another one.
func Usage(cert *pki.Certificate) order.Check {
	c := order.Check{Code: order.CheckCertificate, Verdict: order.VerdictPassed}
	switch {
	case cert.BasicConstraints.CA:
		c.Verdict, c.Cause = order.VerdictFailed, CauseAuthority
	case cert.HasKeyUsage && cert.KeyUsage&x509.KeyUsageDigitalSignature == 0, !forPersons(cert):
		c.Verdict, c.Cause = order.VerdictFailed, CauseKeyUsage
	}
	return c
}

func forPersons(cert *pki.Certificate) bool {
	return len(cert.ExtKeyUsage) == 0 || slices.ContainsFunc(cert.ExtKeyUsage, func(purpose pki.OID) bool {
		text := purpose.String()
		return slices.Contains(signingIn, text) || len(text) < len(otherPurposes) || text[:len(otherPurposes)] != otherPurposes
	})
}
