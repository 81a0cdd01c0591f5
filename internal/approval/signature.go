package approval

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Validator finds certification paths and knows the certificates it trusts.
type Validator interface {
	Validate(cert *pki.Certificate, at time.Time, candidates ...*pki.Certificate) ([]*pki.Certificate, error)
	Trust() pki.Trust
}

// Verify checks a CMS signature over the canonical bytes: the bytes, the
// signature, the signer's certification path and revocation at the instant
// (M6). The subject is the signer as the certificate names them, with the
// organisation of a valid attribute certificate where the message holds one:
// that is how the owner of an ID card signs for an organisation.
func Verify(v Validator, canonical, signature []byte, at time.Time, candidates ...*pki.Certificate) (order.Report, order.Subject) {
	message, err := pki.ReadSignedData(signature)
	if err != nil {
		return failed(order.CheckSignature, err), order.Subject{}
	}
	signed, err := message.Verify(canonical, candidates...)
	if err != nil {
		return failed(order.CheckSignature, err), order.Subject{}
	}
	report := order.Report{{Code: order.CheckSignature, Verdict: order.VerdictPassed}}
	chain, err := v.Validate(signed.Signer, at, message.Certificates...)
	if err != nil {
		return append(report, failed(order.CheckCertificate, err)...), order.Subject{}
	}
	report = append(report, order.Check{Code: order.CheckCertificate, Verdict: order.VerdictPassed})
	subject := signed.Signer.Subject()
	for _, a := range signed.AttributeCertificates {
		if attributeInForce(v, a, chain, at) {
			named := a.Subject()
			subject.UNP = orElse(named.UNP, subject.UNP)
			subject.Organisation = orElse(named.Organisation, subject.Organisation)
			subject.Position = orElse(named.Position, subject.Position)
		}
	}
	return report, subject
}

// attributeInForce tells whether an attribute certificate is signed by an
// authority that is trusted, and valid at the instant.
func attributeInForce(v Validator, a *pki.AttributeCertificate, chain []*pki.Certificate, at time.Time) bool {
	if at.Before(a.NotBefore) || at.After(a.NotAfter) {
		return false
	}
	trust := v.Trust()
	authorities := append(append([]*pki.Certificate{}, chain[1:]...), trust.Intermediates...)
	for _, authority := range append(authorities, trust.Roots...) {
		if a.CheckSignatureFrom(authority) != nil {
			continue
		}
		if _, err := v.Validate(authority, at); err == nil {
			return true
		}
	}
	return false
}

func failed(code order.CheckCode, err error) order.Report {
	return order.Report{{Code: code, Verdict: order.VerdictFailed, Cause: string(pki.CodeOf(err))}}
}

func orElse(value, other string) string {
	if value != "" {
		return value
	}
	return other
}
