package ca

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

var issueTime = time.Date(2026, 3, 2, 9, 30, 15, 500, time.UTC)

func oids(list ...pki.OID) []OID {
	out := make([]OID, len(list))
	for i, o := range list {
		out[i] = OID{o}
	}
	return out
}

// gosProfile is the published profile of GosSUOK for natural persons and for
// representatives of legal entities, with invented policies (STB 34.101.78).
func gosProfile(keys ...alg.KeyAlgorithm) Profile {
	person := oids(pki.OIDCommonName, pki.OIDSurname, pki.OIDName, pki.OIDGivenName, pki.OIDSerialNumber,
		pki.OIDCountry, pki.OIDEmail)
	staff := oids(pki.OIDSurname, pki.OIDName, pki.OIDCountry, pki.OIDState, pki.OIDLocality, pki.OIDStreet,
		pki.OIDOrganisation, pki.OIDCommonName, pki.OIDEmail)
	purposes := oids(pki.OIDClientAuth, pki.OIDEmailProtection)
	individual := KindProfile{
		SubjectAttributes: person, RequiredAttributes: oids(pki.OIDCommonName, pki.OIDSurname, pki.OIDSerialNumber),
		KeyUsage: []string{"digitalSignature", "nonRepudiation", "keyEncipherment"}, ExtendedKeyUsage: purposes,
		Policies: oids(pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 4}), BasicConstraints: true,
		SubjectExtensions: oids(pki.OIDSubjectAltName),
	}
	return Profile{
		SubjectKeys: keys, SerialOctets: 12, Text: TextUTF8, CRLHours: 24,
		CRLAddresses:  []string{"http://pki.example.by/issuing.crl"},
		IssuerAddress: "http://pki.example.by/issuing.cer", OCSPAddress: "http://pki.example.by/ocsp",
		Kinds: map[order.Kind]KindProfile{
			order.KindIndividual: individual, order.KindSoleProprietor: individual,
			order.KindEmployee: {
				SubjectAttributes: staff, RequiredAttributes: oids(pki.OIDSurname, pki.OIDOrganisation),
				KeyUsage: []string{"digitalSignature", "keyEncipherment", "dataEncipherment", "keyAgreement"}, ExtendedKeyUsage: purposes,
				Policies:          oids(pki.OID{1, 2, 112, 1, 2, 1, 1, 1, 3, 3}),
				SubjectExtensions: oids(pki.OIDPersonalNumber, pki.OIDUNP, pki.OIDPosition, pki.OIDGosUnit),
			},
		},
	}
}

func newKey(t require.TestingT, kind alg.KeyAlgorithm) crypto.Signer {
	key, err := alg.GenerateKey(kind, rand.Reader)
	require.NoError(t, err)
	return key
}

// newRoot makes a self-signed CA certificate.
func newRoot(t require.TestingT, key crypto.Signer, change ...func(*pki.Template)) *pki.Certificate {
	name, err := pki.NewName(der.UTF8String,
		pki.NameAttribute{Type: pki.OIDCountry, Value: "BY"},
		pki.NameAttribute{Type: pki.OIDOrganisation, Value: "Учебный центр"},
		pki.NameAttribute{Type: pki.OIDCommonName, Value: "Учебный удостоверяющий центр"})
	require.NoError(t, err)
	serial, err := pki.NewSerial()
	require.NoError(t, err)
	id, err := alg.SubjectKeyID(key.Public())
	require.NoError(t, err)
	template := pki.Template{
		SerialNumber: serial, Subject: name, PublicKey: key.Public(),
		NotBefore: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2040, 1, 1, 20, 59, 59, 0, time.UTC),
		Extensions: []pki.Extension{
			pki.SubjectKeyIDExtension(id), pki.BasicConstraintsExtension(true, 0),
			pki.KeyUsageExtension(x509.KeyUsageCertSign | x509.KeyUsageCRLSign),
		},
	}
	for _, f := range change {
		f(&template)
	}
	c, err := pki.BuildCertificate(template, name, key)
	require.NoError(t, err)
	return c
}

func newAuthority(t require.TestingT, name string, kind alg.KeyAlgorithm, serves ...alg.KeyAlgorithm) *Authority {
	key := newKey(t, kind)
	a, err := NewAuthority(name, []*pki.Certificate{newRoot(t, key)}, key, gosProfile(serves...), rand.Reader)
	require.NoError(t, err)
	return a
}

func individualName() []pki.NameAttribute {
	return []pki.NameAttribute{
		{Type: pki.OIDCommonName, Value: "IVAN TESTOV 3010190A001PB9"},
		{Type: pki.OIDSurname, Value: "Тестов"}, {Type: pki.OIDName, Value: "Иван"},
		{Type: pki.OIDSerialNumber, Value: "3010190A001PB9"}, {Type: pki.OIDCountry, Value: "BY"},
		{Type: pki.OIDEmail, Value: "ivan@example.by"},
	}
}

func newRequest(t require.TestingT, key crypto.Signer, text der.StringType, attributes []pki.NameAttribute, extensions ...pki.Extension) *pki.Request {
	name, err := pki.NewName(text, attributes...)
	require.NoError(t, err)
	r, err := pki.BuildRequest(pki.RequestTemplate{Subject: name, Extensions: extensions}, key)
	require.NoError(t, err)
	return r
}

// of is the application for a request whose subject was compared and found the same.
func (a Application) of(r *pki.Request) Application {
	a.Request, a.Subject = r, r.Subject()
	return a
}

// individual is an application of 6.0.00.
func individual(t require.TestingT, kind alg.KeyAlgorithm) Application {
	return Application{
		OrderID: "order-1", Service: order.ServiceIndividual, Kind: order.KindIndividual, Years: 2, Now: issueTime,
	}.of(newRequest(t, newKey(t, kind), der.BMPString, individualName()))
}

// employee is an application of 6.0.01 with the extensions of real requests.
func employee(t require.TestingT, kind alg.KeyAlgorithm) Application {
	texts := make([]pki.Extension, 0, 3)
	for oid, value := range map[string]string{"number": "4010190A002PB9", "unp": "190000018", "position": "Специалист"} {
		at := map[string]pki.OID{"number": pki.OIDPersonalNumber, "unp": pki.OIDUNP, "position": pki.OIDPosition}[oid]
		e, err := pki.TextExtension(at, der.BMPString, value)
		require.NoError(t, err)
		texts = append(texts, e)
	}
	request := newRequest(t, newKey(t, kind), der.BMPString, []pki.NameAttribute{
		{Type: pki.OIDOrganisation, Value: "ООО «Пример»"}, {Type: pki.OIDCommonName, Value: "ООО «Пример»"},
		{Type: pki.OIDCountry, Value: "BY"}, {Type: pki.OIDSurname, Value: "Петрова"},
		{Type: pki.OIDName, Value: "Анна Петровна"},
	}, texts...)
	return Application{
		OrderID: "order-2", Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, Now: issueTime,
		RequestedStart: issueTime.AddDate(0, 0, 10),
	}.of(request)
}

func profileJSON(t require.TestingT, p Profile) []byte {
	raw, err := json.Marshal(p)
	require.NoError(t, err)
	return raw
}
