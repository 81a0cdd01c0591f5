package testca

import (
	"crypto"
	"crypto/x509"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// IssueAgent makes the certificate of an agent of the CA, who speaks STB 34.101.78
// for it: a registration authority by its policy, for signatures and key transport.
func (ca *CA) IssueAgent(pub crypto.PublicKey, from, to time.Time) (*pki.Certificate, error) {
	name, err := pki.NewName(der.UTF8String,
		pki.NameAttribute{Type: pki.OIDOrganisation, Value: "Тестовый оператор"},
		pki.NameAttribute{Type: pki.OIDCommonName, Value: "Агент удостоверяющего центра (тест)"},
		pki.NameAttribute{Type: pki.OIDCountry, Value: "BY"})
	if err != nil {
		return nil, err
	}
	id, err := alg.SubjectKeyID(pub)
	if err != nil {
		return nil, err
	}
	return ca.options.sign(pki.Template{
		Subject: name, PublicKey: pub, NotBefore: from, NotAfter: to, Extensions: []pki.Extension{
			pki.SubjectKeyIDExtension(id), pki.AuthorityKeyIDExtension(ca.Issuing.Certificate.SubjectKeyID),
			pki.KeyUsageExtension(x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment),
			pki.PoliciesExtension(pki.OIDPolicyRegistration), pki.CRLDistributionExtension(ca.options.URL + "/issuing.crl"),
		},
	}, ca.Issuing.Certificate.SubjectName, ca.Issuing.Key)
}
