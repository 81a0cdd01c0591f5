package path

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// checkPath checks a path whose names and signatures fit, from the first
// certificate to the root: dates at one instant, revocation at another.
func (v *Validator) checkPath(path []*pki.Certificate, dates, now time.Time) error {
	if path[0].KeyErr != nil {
		return path[0].KeyErr
	}
	for _, c := range path {
		if err := inForce(c.NotBefore, c.NotAfter, dates); err != nil {
			return err
		}
	}
	for i, c := range path {
		if err := v.checkCritical(c); err != nil {
			return err
		}
		if err := checkPathLength(c, path[:i]); err != nil {
			return err
		}
	}
	if err := v.checkLeaf(path[0]); err != nil {
		return err
	}
	for i := range len(path) - 1 {
		if err := v.checkRevocation(path[i], path[i+1], i == 0, now); err != nil {
			return err
		}
	}
	return nil
}

// inForce checks a validity period, both ends included (RFC 5280, 4.1.2.5).
func inForce(from, to, at time.Time) error {
	at = at.Truncate(time.Second)
	if at.Before(from) {
		return fault.New(fault.NotYetValid, "valid from %s", from.UTC().Format(time.RFC3339))
	}
	if at.After(to) {
		return fault.New(fault.Expired, "valid until %s", to.UTC().Format(time.RFC3339))
	}
	return nil
}

func (v *Validator) checkCritical(c *pki.Certificate) error {
	known := append([]der.OID{
		pki.OIDKeyUsage, pki.OIDExtKeyUsage, pki.OIDBasicConstraints, pki.OIDSubjectAltName, pki.OIDSubjectKeyID,
		pki.OIDAuthorityKeyID, pki.OIDPolicies, pki.OIDCRLDistribution, pki.OIDAuthorityInfo, pki.OIDPrivateKeyUsagePeriod,
	}, v.options.Critical...)
	for _, e := range c.Extensions {
		if e.Critical && !der.ContainsOID(known, e.OID) {
			return fault.New(fault.CriticalExtension, "extension %s", e.OID)
		}
	}
	return nil
}

// checkPathLength counts the CA certificates between an issuer and the first
// certificate; self-issued ones do not count (RFC 5280, 6.1.4).
func checkPathLength(issuer *pki.Certificate, below []*pki.Certificate) error {
	if issuer.BasicConstraints.MaxPath < 0 || len(below) == 0 {
		return nil
	}
	n := 0
	for _, c := range below[1:] {
		if !c.SelfIssued() {
			n++
		}
	}
	if n > issuer.BasicConstraints.MaxPath {
		return fault.New(fault.PathTooLong, "an issuer allows %d CA certificates below it", issuer.BasicConstraints.MaxPath)
	}
	return nil
}

func (v *Validator) checkLeaf(c *pki.Certificate) error {
	if v.options.KeyUsage != 0 && c.HasKeyUsage && c.KeyUsage&v.options.KeyUsage == 0 {
		return fault.New(fault.KeyUsage, "the key may not be used for this")
	}
	if len(v.options.Policies) == 0 {
		return nil
	}
	for _, p := range c.Policies {
		if der.ContainsOID(v.options.Policies, p) || p.Equal(pki.OIDAnyPolicy) {
			return nil
		}
	}
	return fault.New(fault.Policy, "none of the policies required")
}

// ValidateAttribute checks an attribute certificate at an instant: that the
// holder is the one given, its dates, its signature by an authority with a
// good path, and that the authority's list does not name it, if there is a list.
func (v *Validator) ValidateAttribute(a *pki.AttributeCertificate, holder *pki.Certificate, at time.Time) error {
	if !a.HeldBy(holder) {
		return fault.New(fault.Holder, "attribute certificate of another holder")
	}
	if err := inForce(a.NotBefore, a.NotAfter, at); err != nil {
		return err
	}
	for _, e := range a.Extensions {
		if e.Critical {
			return fault.New(fault.CriticalExtension, "extension %s", e.OID)
		}
	}
	var broken error
	for _, issuer := range append(append([]*pki.Certificate{}, v.trust.Intermediates...), v.trust.Roots...) {
		if !issuer.SubjectName.Equal(a.IssuerName) {
			continue
		}
		if broken = a.CheckSignatureFrom(issuer); broken != nil {
			continue
		}
		return v.checkAuthority(a, issuer, at)
	}
	if broken != nil {
		return broken
	}
	return fault.New(fault.UnknownIssuer, "no trusted attribute authority of this name")
}

func (v *Validator) checkAuthority(a *pki.AttributeCertificate, issuer *pki.Certificate, at time.Time) error {
	path := Validator{
		trust: v.trust, options: Options{Revocation: v.options.Revocation, Critical: v.options.Critical}, authority: true, byIssuer: v.byIssuer, lists: v.lists,
	}
	if _, err := path.Validate(issuer, at); err != nil {
		return err
	}
	if v.options.Revocation == RevocationOff {
		return nil
	}
	covers := func(s pki.Scope) bool { return s.CoversAttributes(a) }
	return v.revoked(issuer, a.SerialNumber, covers, false, at)
}
