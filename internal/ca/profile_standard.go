package ca

import (
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// Policies of end entities are not published; these are invented.
var (
	policyRepresentative = pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 3}
	policyIndividual     = pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 4}
)

// StandardProfile is the profile that is delivered with the service and that
// rehearsals go by: what STB 34.101.78 publishes for natural persons and for
// representatives of legal entities, with their numbers and positions as
// extensions, as the certificates of GosSUOK carry them. It certifies every
// kind of key.
func StandardProfile() Profile {
	place := list(pki.OIDCountry, pki.OIDState, pki.OIDLocality, pki.OIDStreet, pki.OIDEmail)
	person := append(list(pki.OIDCommonName, pki.OIDSurname, pki.OIDName, pki.OIDGivenName, pki.OIDSerialNumber), place...)
	organisation := list(pki.OIDOrganisation, pki.OIDUnit, pki.OIDTitle)
	purposes := list(pki.OIDClientAuth, pki.OIDEmailProtection)
	usage := []string{"digitalSignature", "nonRepudiation", "keyEncipherment"}
	individual := KindProfile{
		SubjectAttributes: person, RequiredAttributes: list(pki.OIDCommonName, pki.OIDSurname), KeyUsage: usage,
		ExtendedKeyUsage: purposes, Policies: list(policyIndividual), BasicConstraints: false,
		SubjectExtensions: list(pki.OIDSubjectAltName),
	}
	proprietor := individual
	proprietor.SubjectAttributes = append(organisation, person...)
	proprietor.SubjectExtensions = list(pki.OIDUNP, pki.OIDPosition, pki.OIDSubjectAltName)
	employee := proprietor
	employee.RequiredAttributes, employee.Policies = list(pki.OIDSurname, pki.OIDOrganisation), list(policyRepresentative)
	employee.SubjectExtensions = list(pki.OIDPersonalNumber, pki.OIDUNP, pki.OIDPosition, pki.OIDGosUnit, pki.OIDSubjectAltName)
	return Profile{
		SubjectKeys: alg.KeyAlgorithms(), SerialOctets: 12, Text: TextUTF8, CRLHours: 72, LintsOff: nil,
		CRLAddresses: []string{"http://pki.example.by/issuing.crl"}, IssuerAddress: "http://pki.example.by/issuing.cer",
		OCSPAddress: "http://pki.example.by/ocsp",
		Kinds: map[order.Kind]KindProfile{
			order.KindIndividual: individual, order.KindSoleProprietor: proprietor, order.KindEmployee: employee,
		},
	}
}

func list(oids ...pki.OID) []OID {
	out := make([]OID, 0, len(oids))
	for _, o := range oids {
		out = append(out, OID{o})
	}
	return out
}
