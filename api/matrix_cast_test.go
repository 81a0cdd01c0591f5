package api

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/auth"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

// cast makes the certificates that only the matrix needs.
type cast struct {
	*maker
	t      *testing.T
	people people
	// foreign is an authority that nobody trusts.
	foreign *testca.CA
}

func newCast(t *testing.T) *cast {
	t.Helper()
	p, now := theirs(t), time.Now()
	foreign, err := testca.New(testca.Options{From: now.AddDate(-2, 0, 0)})
	require.NoError(t, err)
	return &cast{maker: &maker{ca: p.ca, now: now, keys: map[string]crypto.Signer{}}, t: t, people: p, foreign: foreign}
}

// is is one of the people of the other tests, with scopes of the matrix.
func (c *cast) is(token string, scopes ...auth.Scope) auth.Caller {
	caller := c.people.tokens[token]
	if len(scopes) > 0 {
		caller.Scopes = scopes
	}
	return caller
}

// holding is the caller with another certificate.
func (c *cast) holding(caller auth.Caller, certificate []byte) auth.Caller {
	caller.Certificate = certificate
	return caller
}

// elsewhere is the caller signed in to the account of another organisation.
func (c *cast) elsewhere(caller auth.Caller, organisation order.UNP) auth.Caller {
	caller.UNP = organisation
	return caller
}

// representing is the caller acting for somebody else.
func (c *cast) representing(caller auth.Caller) auth.Caller {
	caller.Representative = true
	return caller
}

// certificate is one of our authority for a year from a day on.
func (c *cast) certificate(p testca.Profile, s order.Subject, from time.Time) []byte {
	c.t.Helper()
	issued := c.issue(p, s, from, from.AddDate(1, 0, 0))
	require.NoError(c.t, c.err)
	return issued.Raw
}

// The certificates by their time.
func (c *cast) renewed(s order.Subject) []byte {
	return c.certificate(testca.ProfileExtensions, s, c.now.AddDate(0, 0, -1))
}

func (c *cast) expired(s order.Subject) []byte {
	return c.certificate(testca.ProfileExtensions, s, c.now.AddDate(-1, 0, -1))
}

func (c *cast) early(s order.Subject) []byte {
	return c.certificate(testca.ProfileExtensions, s, c.now.AddDate(0, 0, 1))
}

// natural is what an ID card says of a person: a prefix, and no organisation.
func natural(s order.Subject) order.Subject {
	return order.Subject{
		CommonName: s.CommonName, Surname: s.Surname, GivenName: s.GivenName, Patronymic: s.Patronymic, Country: s.Country,
		PersonalNumber: "IDCBY-" + s.PersonalNumber,
	}
}

func (c *cast) card(s order.Subject) []byte {
	return c.certificate(testca.ProfileIndividual, s, c.now.AddDate(0, -1, 0))
}

// of is a certificate that somebody signs, in force, for the usage and purposes.
func (c *cast) of(s order.Subject, issuer pki.Name, signer crypto.Signer, usage x509.KeyUsage, purposes ...pki.OID) []byte {
	c.t.Helper()
	key, err := alg.GenerateKey(alg.KeyBign256, rand.Reader)
	require.NoError(c.t, err)
	return c.over(key, s, issuer, signer, usage, purposes...)
}

func (c *cast) over(key crypto.Signer, s order.Subject, issuer pki.Name, signer crypto.Signer, usage x509.KeyUsage, purposes ...pki.OID) []byte {
	c.t.Helper()
	name, err := testca.ProfileExtensions.Name(s)
	require.NoError(c.t, err)
	extensions, err := testca.ProfileExtensions.Extensions(s)
	require.NoError(c.t, err)
	serial, err := pki.NewSerial()
	require.NoError(c.t, err)
	if extensions = append(extensions, pki.KeyUsageExtension(usage)); len(purposes) > 0 {
		extensions = append(extensions, pki.ExtKeyUsageExtension(purposes...))
	}
	if issuer.Raw == nil {
		issuer, signer = name, key
	}
	made, err := pki.BuildCertificate(pki.Template{
		SerialNumber: serial, Subject: name, NotBefore: c.now.AddDate(0, -1, 0), NotAfter: c.now.AddDate(1, 0, 0), PublicKey: key.Public(),
		Extensions: extensions,
	}, issuer, signer)
	require.NoError(c.t, err)
	return made.Raw
}

// untrusted is of another authority, selfSigned of the person, underLeaf of
// somebody whose own certificate is good but no authority's.
func (c *cast) untrusted(s order.Subject) []byte {
	return c.of(s, c.foreign.Issuing.Certificate.SubjectName, c.foreign.Issuing.Key, x509.KeyUsageDigitalSignature)
}

func (c *cast) selfSigned(s order.Subject) []byte {
	return c.of(s, pki.Name{}, nil, x509.KeyUsageDigitalSignature)
}

func (c *cast) underLeaf(s order.Subject) []byte {
	c.t.Helper()
	leaf, err := pki.ParseCertificate(c.people.tokens[asColleague].Certificate)
	require.NoError(c.t, err)
	return c.of(s, leaf.SubjectName, c.people.keys[string(leaf.Raw)], x509.KeyUsageDigitalSignature)
}

// forged has the name of our authority over a signature of another one.
func (c *cast) forged(s order.Subject) []byte {
	return c.of(s, c.people.ca.Issuing.Certificate.SubjectName, c.foreign.Issuing.Key, x509.KeyUsageDigitalSignature)
}

// forEncryption may not sign, forServers is not a person's.
func (c *cast) forEncryption(s order.Subject) []byte {
	ours := c.people.ca.Issuing
	return c.of(s, ours.Certificate.SubjectName, ours.Key, x509.KeyUsageKeyEncipherment|x509.KeyUsageKeyAgreement)
}

func (c *cast) forTLS(s order.Subject) []byte {
	ours := c.people.ca.Issuing
	return c.of(s, ours.Certificate.SubjectName, ours.Key, x509.KeyUsageDigitalSignature, pki.OID{1, 3, 6, 1, 5, 5, 7, 3, 1})
}

func (c *cast) ofAuthority() []byte { return c.people.ca.Issuing.Certificate.Raw }
