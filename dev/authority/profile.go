package authority

import (
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Policies of end entities are not published; these are invented.
var (
	policyRepresentative = pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 3}
	policyIndividual     = pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 4}
)

const (
	serialOctets = 12
	// crlHours outlasts the ten days between the issue of an employee's certificate and its first day (I2), as of which the sample is
	// verified.
	crlHours = 24 * 30
)

func oids(list ...pki.OID) []ca.OID {
	out := make([]ca.OID, 0, len(list))
	for _, o := range list {
		out = append(out, ca.OID{OID: o})
	}
	return out
}

// profileOf is the profile of an issuing CA: the names of both generations of GosSUOK certificates are accepted.
func profileOf(f Family) ca.Profile {
	text := ca.TextUTF8
	if f == Bign {
		text = ca.TextBMP
	}
	person := oids(pki.OIDCommonName, pki.OIDSurname, pki.OIDName, pki.OIDGivenName, pki.OIDSerialNumber, pki.OIDPersonalNumber,
		pki.OIDCountry, pki.OIDState, pki.OIDLocality, pki.OIDStreet, pki.OIDEmail)
	staff := append(oids(pki.OIDOrganisation, pki.OIDUnit, pki.OIDGosUnit, pki.OIDTitle, pki.OIDPosition, pki.OIDUNP), person...)
	copied := oids(pki.OIDPersonalNumber, pki.OIDUNP, pki.OIDPosition, pki.OIDGosUnit, pki.OIDSubjectAltName)
	purposes := oids(pki.OIDClientAuth, pki.OIDEmailProtection)
	usage := []string{"digitalSignature", "nonRepudiation", "keyEncipherment"}
	individual := ca.KindProfile{
		SubjectAttributes: person, RequiredAttributes: oids(pki.OIDCommonName, pki.OIDSurname), KeyUsage: usage,
		ExtendedKeyUsage: purposes, Policies: oids(policyIndividual), CopiedExtensions: copied,
	}
	proprietor := individual
	proprietor.SubjectAttributes = staff
	return ca.Profile{
		SubjectKeys: f.subjectKeys(), SerialOctets: serialOctets, Text: text, CRLHours: crlHours,
		CRLAddresses: []string{url + string(f) + ".crl"}, IssuerAddress: url + string(f) + ".cer",
		Kinds: map[order.Kind]ca.KindProfile{
			order.KindIndividual: individual, order.KindSoleProprietor: proprietor,
			order.KindEmployee: {
				SubjectAttributes: staff, RequiredAttributes: oids(pki.OIDSurname, pki.OIDOrganisation), KeyUsage: usage,
				ExtendedKeyUsage: purposes, Policies: oids(policyRepresentative), CopiedExtensions: copied,
			},
		},
	}
}
