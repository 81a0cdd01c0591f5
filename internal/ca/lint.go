package ca

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
)

// ErrLint is returned for to-be-signed bytes that depart from RFC 5280 or
// from the issuer's profile: a fault of ours or of the configuration, found
// before anything is signed.
var ErrLint = errors.New("the certificate to be signed is not what the profile says")

// lint reads the to-be-signed bytes back, as anybody who receives the
// certificate will, and compares them with the profile.
func (a *Authority) lint(tbs []byte, k KindProfile, app Application) error {
	// The signature does not exist yet; parsers want some octets in its place.
	der, err := pki.Assemble(tbs, a.algorithm, make([]byte, 64))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLint, err)
	}
	c, err := pki.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrLint, err)
	}
	return errors.Join(a.lintFrame(c), a.lintSubject(c, k, app.Subject), a.lintExtensions(c, k), a.profile.lintNIST(c))
}

func fault(found bool, what string) error {
	if !found {
		return nil
	}
	return fmt.Errorf("%w: %s", ErrLint, what)
}

func (a *Authority) lintFrame(c *pki.Certificate) error {
	minsk := c.NotAfter.Add(time.Second)
	return errors.Join(
		fault(c.Version != 3, "not version 3"),
		fault(c.SerialNumber.Sign() <= 0 || len(c.SerialNumber.Bytes()) != a.profile.SerialOctets, "serial number"),
		fault(!bytes.Equal(c.IssuerName.Raw, a.certificate.SubjectName.Raw), "issuer name"),
		fault(!c.Algorithm.Equal(a.algorithm), "signature algorithm"),
		fault(!c.NotBefore.Before(c.NotAfter), "ends before it begins"),
		fault(minsk.UTC().Hour() != 21 || minsk.Minute() != 0 || minsk.Second() != 0, "does not end with a day in Minsk"),
		fault(c.NotBefore.Before(a.certificate.NotBefore) || c.NotAfter.After(a.certificate.NotAfter),
			"outlasts its issuer"),
	)
}

func (a *Authority) lintSubject(c *pki.Certificate, k KindProfile, want order.Subject) error {
	if c.KeyErr != nil {
		return fmt.Errorf("%w: %w", ErrLint, c.KeyErr)
	}
	kind, err := alg.KeyAlgorithmOf(c.PublicKey)
	faults := []error{
		fault(err != nil || !slices.Contains(a.profile.SubjectKeys, kind), "kind of key"),
		fault(alg.SameSecret(c.PublicKey, a.certificate.PublicKey), "the issuer's own key"),
		fault(len(c.SubjectName.Attributes) == 0, "no subject"),
	}
	for _, required := range k.RequiredAttributes {
		if c.SubjectName.Get(required.OID) == "" {
			// The applicant can repair that with another request, so it is a refusal.
			field, _ := pki.FieldOf(required.OID)
			faults = append(faults, refuse(field, "no subject attribute "+required.String()))
		}
	}
	read := c.Read()
	if !read.Says(order.FieldBelarusianName) {
		want.BelarusianName = ""
	}
	faults = append(faults, fault(read.Subject != want || len(read.Faults) > 0, "not the subject that was compared"))
	return errors.Join(faults...)
}

func (a *Authority) lintExtensions(c *pki.Certificate, k KindProfile) error {
	id, err := alg.SubjectKeyID(c.PublicKey)
	usage, errUsage := k.usageOf(c.PublicKey)
	return errors.Join(err, errUsage,
		fault(!bytes.Equal(c.SubjectKeyID, id), "subject key identifier"),
		fault(!bytes.Equal(c.AuthorityKeyID, a.certificate.SubjectKeyID), "authority key identifier"),
		fault(!c.HasKeyUsage || c.KeyUsage != usage, "key usage"),
		fault(c.BasicConstraints.CA || c.BasicConstraints.Present != k.BasicConstraints, "basic constraints"),
		fault(!sameOIDs(c.ExtKeyUsage, k.ExtendedKeyUsage), "extended key usage"),
		fault(!sameOIDs(c.Policies, k.Policies), "policies"),
		fault(!slices.Equal(c.CRLURLs, a.profile.CRLAddresses), "addresses of the revocation list"),
		fault(!sameAddress(c.IssuerURLs, a.profile.IssuerAddress), "address of the issuer's certificate"),
		fault(!sameAddress(c.OCSP, a.profile.OCSPAddress), "address of the OCSP responder"),
	)
}

func sameOIDs(found []pki.OID, want []OID) bool {
	return slices.EqualFunc(found, want, func(a pki.OID, b OID) bool { return a.Equal(b.OID) })
}

func sameAddress(found []string, want string) bool {
	if want == "" {
		return len(found) == 0
	}
	return len(found) == 1 && found[0] == want
}
