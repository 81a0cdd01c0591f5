package testca

import (
	"crypto"
	"crypto/x509"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Profile is where a certificate carries what it says of a person.
type Profile int

// The profiles seen in GosSUOK.
const (
	// ProfileExtensions has BMPString names, with personal number, UNP and position as extensions.
	ProfileExtensions Profile = iota
	// ProfileName has UTF8String names with personal number and unit in them, UNP as an extension.
	ProfileName
	// ProfileIndividual has the names of a natural person, the Belarusian one as alternative name.
	ProfileIndividual
)

// Policies of end entities; the real numbers are not published, these are invented.
var (
	policyRepresentative = pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 3}
	policyIndividual     = pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 4}
)

// Name is the distinguished name of a person in the profile.
func (p Profile) Name(s order.Subject) (pki.Name, error) {
	given := s.GivenName
	if s.Patronymic != "" {
		given += " " + s.Patronymic
	}
	a := func(t pki.OID, v string) pki.NameAttribute { return pki.NameAttribute{Type: t, Value: v} }
	switch p {
	case ProfileExtensions:
		return pki.NewName(der.BMPString,
			a(pki.OIDOrganisation, s.Organisation), a(pki.OIDCommonName, s.CommonName), a(pki.OIDCountry, s.Country),
			a(pki.OIDState, s.Region), a(pki.OIDLocality, s.Locality), a(pki.OIDStreet, s.Street),
			a(pki.OIDSurname, s.Surname), a(pki.OIDName, given), a(pki.OIDUnit, s.Unit), a(pki.OIDEmail, s.Email))
	case ProfileName:
		return pki.NewName(der.UTF8String,
			a(pki.OIDCommonName, s.CommonName), a(pki.OIDSurname, s.Surname), a(pki.OIDName, given),
			a(pki.OIDPersonalNumber, s.PersonalNumber), a(pki.OIDCountry, s.Country), a(pki.OIDLocality, s.Locality),
			a(pki.OIDState, s.Region), a(pki.OIDStreet, s.Street), a(pki.OIDOrganisation, s.Organisation),
			a(pki.OIDGosUnit, s.Unit), a(pki.OIDTitle, s.Position), a(pki.OIDEmail, s.Email))
	case ProfileIndividual:
		return pki.NewName(der.UTF8String,
			a(pki.OIDCommonName, s.CommonName), a(pki.OIDSurname, s.Surname), a(pki.OIDName, s.GivenName),
			a(pki.OIDGivenName, s.Patronymic), a(pki.OIDSerialNumber, s.PersonalNumber), a(pki.OIDCountry, s.Country),
			a(pki.OIDEmail, s.Email))
	default:
		return pki.Name{}, &fault.Error{Code: fault.Malformed, Detail: "unknown profile"}
	}
}

// Extensions are those that a request in the profile asks for: what the name
// does not carry.
func (p Profile) Extensions(s order.Subject) ([]pki.Extension, error) {
	var texts []pki.NameAttribute
	switch p {
	case ProfileExtensions:
		texts = []pki.NameAttribute{
			{Type: pki.OIDPersonalNumber, Value: s.PersonalNumber}, {Type: pki.OIDUNP, Value: s.UNP}, {Type: pki.OIDPosition, Value: s.Position},
		}
	case ProfileName, ProfileIndividual:
		// Of natural persons only sole proprietors have one.
		texts = []pki.NameAttribute{{Type: pki.OIDUNP, Value: s.UNP}}
	}
	var out []pki.Extension
	for _, t := range texts {
		if t.Value == "" {
			continue
		}
		e, err := pki.TextExtension(t.Type, der.BMPString, t.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// Issue makes a person's certificate.
func (ca *CA) Issue(p Profile, s order.Subject, pub crypto.PublicKey, from, to time.Time) (*pki.Certificate, error) {
	name, err := p.Name(s)
	if err != nil {
		return nil, err
	}
	id, err := alg.SubjectKeyID(pub)
	if err != nil {
		return nil, err
	}
	own, err := p.Extensions(s)
	if err != nil {
		return nil, err
	}
	extensions := []pki.Extension{pki.SubjectKeyIDExtension(id), pki.AuthorityKeyIDExtension(ca.Issuing.Certificate.SubjectKeyID)}
	usage := x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment | x509.KeyUsageKeyAgreement
	policy := policyRepresentative
	if p == ProfileIndividual {
		usage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment | x509.KeyUsageKeyEncipherment
		policy = policyIndividual
		extensions = append(extensions, pki.BasicConstraintsExtension(false, -1))
		if own, err = belarusian(own, s.BelarusianName); err != nil {
			return nil, err
		}
	}
	extensions = append(extensions, pki.KeyUsageExtension(usage),
		pki.ExtKeyUsageExtension(pki.OIDClientAuth, pki.OIDEmailProtection), pki.PoliciesExtension(policy),
		pki.CRLDistributionExtension(ca.options.URL+"/issuing.crl"),
		pki.AuthorityInfoExtension(ca.options.URL+"/issuing.cer", ""))
	return ca.options.sign(pki.Template{
		Subject: name, PublicKey: pub, NotBefore: from, NotAfter: to, Extensions: append(extensions, own...),
	}, ca.Issuing.Certificate.SubjectName, ca.Issuing.Key)
}

// belarusian adds the alternative name: surname, first name, patronymic.
func belarusian(list []pki.Extension, whole string) ([]pki.Extension, error) {
	parts := append(strings.SplitN(whole, " ", 3), "", "", "")
	if parts[0] == "" {
		return list, nil
	}
	n, err := pki.NewName(der.UTF8String,
		pki.NameAttribute{Type: pki.OIDSurname, Value: parts[0]},
		pki.NameAttribute{Type: pki.OIDName, Value: parts[1]},
		pki.NameAttribute{Type: pki.OIDGivenName, Value: parts[2]})
	if err != nil {
		return nil, err
	}
	return append(list, pki.DirectoryAltNameExtension(n)), nil
}

// IssueAttribute makes an attribute certificate that names an organisation for
// the holder of a certificate, signed by the issuing CA.
func (ca *CA) IssueAttribute(holder *pki.Certificate, s order.Subject, from, to time.Time) (*pki.AttributeCertificate, error) {
	serial, err := pki.NewSerial()
	if err != nil {
		return nil, err
	}
	var attributes []pki.NameAttribute
	for _, a := range []pki.NameAttribute{
		{Type: pki.OIDOrganisation, Value: s.Organisation}, {Type: pki.OIDUnit, Value: s.Unit},
		{Type: pki.OIDTitle, Value: s.Position}, {Type: pki.OIDUNP, Value: s.UNP},
	} {
		if a.Value != "" {
			attributes = append(attributes, a)
		}
	}
	return pki.BuildAttributeCertificate(pki.AttributeTemplate{
		SerialNumber: serial, Holder: holder, NotBefore: from, NotAfter: to, Attributes: attributes,
	}, ca.Issuing.Certificate.SubjectName, ca.Issuing.Key)
}

// Request makes a certification request of a person in the profile; without a
// validity none is asked for.
func (p Profile) Request(s order.Subject, key crypto.Signer, validity *pki.Validity) (*pki.Request, error) {
	name, err := p.Name(s)
	if err != nil {
		return nil, err
	}
	extensions, err := p.Extensions(s)
	if err != nil {
		return nil, err
	}
	return pki.BuildRequest(pki.RequestTemplate{Subject: name, Extensions: extensions, Validity: validity}, key)
}
