// Package testca makes certification authorities and persons for trying the
// service out: a root, an issuing CA and certificates in the profiles of
// GosSUOK, with keys of any algorithm of the registry. The keys lie open;
// nothing made here is for use outside of tests and the local stack.
package testca

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Authority is a CA with its key.
type Authority struct {
	Certificate *pki.Certificate
	Key         crypto.Signer
}

// CA is a root and the issuing CA below it.
type CA struct {
	Root, Issuing Authority
	options       Options
}

// Options say what CA is made.
type Options struct {
	// Algorithm is the kind of the CA's keys; empty means bign on the curve of 256 bits.
	Algorithm alg.KeyAlgorithm
	// From is when the CA begins; it lasts for fifteen years.
	From time.Time
	// URL is the beginning of the addresses of lists and certificates; empty means http://pki.example.by.
	URL string
	// Text is the string type of names; 0 means BMPString, as GosSUOK's CAs have.
	Text der.StringType
}

const caYears = 15

// New makes a root and an issuing CA.
func New(o Options) (*CA, error) {
	if o.Algorithm == "" {
		o.Algorithm = alg.KeyBign256
	}
	if o.URL == "" {
		o.URL = "http://pki.example.by"
	}
	if o.Text == 0 {
		o.Text = der.BMPString
	}
	ca := &CA{options: o}
	var err error
	if ca.Root, err = o.authority("Корневой удостоверяющий центр (тест)", nil, pki.OIDPolicyRoot, "root"); err != nil {
		return nil, err
	}
	ca.Issuing, err = o.authority("Республиканский удостоверяющий центр (тест)", &ca.Root, pki.OIDPolicyIssuing, "root")
	return ca, err
}

// authority makes a CA signed by its parent, or by itself without one.
func (o Options) authority(name string, parent *Authority, policy pki.OID, crl string) (Authority, error) {
	key, err := alg.GenerateKey(o.Algorithm, rand.Reader)
	if err != nil {
		return Authority{}, err
	}
	subject, err := pki.NewName(o.Text,
		pki.NameAttribute{Type: pki.OIDOrganisation, Value: "Тестовый оператор"},
		pki.NameAttribute{Type: pki.OIDCommonName, Value: name},
		pki.NameAttribute{Type: pki.OIDCountry, Value: "BY"})
	if err != nil {
		return Authority{}, err
	}
	id, err := alg.SubjectKeyID(key.Public())
	if err != nil {
		return Authority{}, err
	}
	extensions := []pki.Extension{
		pki.SubjectKeyIDExtension(id), pki.BasicConstraintsExtension(true, -1),
		pki.KeyUsageExtension(x509.KeyUsageCertSign | x509.KeyUsageCRLSign), pki.PoliciesExtension(policy),
	}
	issuer, signer := subject, key
	if parent != nil {
		issuer, signer = parent.Certificate.SubjectName, parent.Key
		extensions = append(extensions, pki.AuthorityKeyIDExtension(parent.Certificate.SubjectKeyID),
			pki.CRLDistributionExtension(o.URL+"/"+crl+".crl"))
	}
	cert, err := o.sign(pki.Template{
		Subject: subject, PublicKey: key.Public(), NotBefore: o.From, NotAfter: o.From.AddDate(caYears, 0, 0), Extensions: extensions,
	}, issuer, signer)
	return Authority{Certificate: cert, Key: key}, err
}

func (o Options) sign(t pki.Template, issuer pki.Name, signer crypto.Signer) (*pki.Certificate, error) {
	if t.SerialNumber == nil {
		serial, err := pki.NewSerial()
		if err != nil {
			return nil, err
		}
		t.SerialNumber = serial
	}
	return pki.BuildCertificate(t, issuer, signer)
}

// Trust is what a validator needs to trust the CA, without revocation lists.
func (ca *CA) Trust() path.Trust {
	return path.Trust{Roots: []*pki.Certificate{ca.Root.Certificate}, Intermediates: []*pki.Certificate{ca.Issuing.Certificate}}
}

// Chain is the issuing CA and the root, as they are delivered with a certificate.
func (ca *CA) Chain() []*pki.Certificate {
	return []*pki.Certificate{ca.Issuing.Certificate, ca.Root.Certificate}
}

// listDays is how long the revocation lists made here are fresh.
const listDays = 30

// CRL makes the issuing CA's revocation list, fresh for thirty days. The
// number is taken from the time, so that later lists have greater ones.
func (ca *CA) CRL(at time.Time, revoked ...pki.Revoked) (*pki.CRL, error) {
	return list(ca.Issuing, at, revoked)
}

// RootCRL makes the root's revocation list.
func (ca *CA) RootCRL(at time.Time, revoked ...pki.Revoked) (*pki.CRL, error) {
	return list(ca.Root, at, revoked)
}

func list(a Authority, at time.Time, revoked []pki.Revoked) (*pki.CRL, error) {
	return pki.BuildCRL(pki.CRLTemplate{
		Number: big.NewInt(at.Unix()), ThisUpdate: at, NextUpdate: at.AddDate(0, 0, listDays), Entries: revoked,
	}, a.Certificate, a.Key)
}
