package path

import (
	"crypto/x509"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

var (
	oidAnyPurpose      = der.OID{2, 5, 29, 37, 0}
	oidDocumentSigning = der.OID{1, 3, 6, 1, 5, 5, 7, 3, 36}
)

// MaySignDocuments tells whether a certificate's key is one for signing
// documents at an instant: digitalSignature or nonRepudiation where the key
// usage is told, no critical extended key usage for other purposes only, and
// within the period of the private key. fault.KeyUsage otherwise.
func MaySignDocuments(c *pki.Certificate, at time.Time) error {
	const usage = x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment
	return mayBeUsed(c, at, usage, pki.OIDEmailProtection, pki.OIDClientAuth, oidDocumentSigning)
}

// MaySignList tells whether a manager may sign a list with a certificate (M6):
// as a document, and never with a CA's.
func MaySignList(c *pki.Certificate, at time.Time) error {
	if err := notCA(c); err != nil {
		return err
	}
	return MaySignDocuments(c, at)
}

// MaySignIn tells whether a certificate is one to sign in with (A1): its key is
// for digital signatures, and it is no CA's and not for servers, code or time
// stamps only (RFC 5280, 4.2.1.12: whether that is critical or not).
func MaySignIn(c *pki.Certificate, at time.Time) error {
	if err := notCA(c); err != nil {
		return err
	}
	purposes := []der.OID{pki.OIDClientAuth, pki.OIDEmailProtection}
	if err := mayBeUsed(c, at, x509.KeyUsageDigitalSignature, purposes...); err != nil {
		return err
	}
	if len(c.ExtKeyUsage) > 0 && !anyOf(c.ExtKeyUsage, append(purposes, oidAnyPurpose)) && !slices.ContainsFunc(c.ExtKeyUsage, ofTheState) {
		return fault.New(fault.KeyUsage, "a certificate for other purposes only")
	}
	return nil
}

// ofTheState tells whether a purpose is none of RFC 5280's: the state profile
// has purposes of its own, which are a person's.
func ofTheState(purpose der.OID) bool {
	const others = "1.3.6.1.5.5.7.3."
	return !strings.HasPrefix(purpose.String(), others)
}

func notCA(c *pki.Certificate) error {
	const signs = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	if c.BasicConstraints.CA || c.HasKeyUsage && c.KeyUsage&signs != 0 {
		return fault.New(fault.KeyUsage, "the certificate of a certification authority")
	}
	return nil
}

func mayBeUsed(c *pki.Certificate, at time.Time, usage x509.KeyUsage, purposes ...der.OID) error {
	if c.HasKeyUsage && c.KeyUsage&usage == 0 {
		return fault.New(fault.KeyUsage, "the key may not be used for this")
	}
	for _, e := range c.Extensions {
		switch {
		case e.OID.Equal(pki.OIDExtKeyUsage):
			if e.Critical && !anyOf(c.ExtKeyUsage, append(purposes, oidAnyPurpose)) {
				return fault.New(fault.KeyUsage, "a certificate for other purposes only")
			}
		case e.OID.Equal(pki.OIDPrivateKeyUsagePeriod):
			if err := withinPeriod(e.Value, at); err != nil {
				return err
			}
		}
	}
	return nil
}

func anyOf(list, wanted []der.OID) bool {
	for _, o := range list {
		if der.ContainsOID(wanted, o) {
			return true
		}
	}
	return false
}

// withinPeriod reads PrivateKeyUsagePeriod, of which either end may be missing.
func withinPeriod(value []byte, at time.Time) error {
	s, body := cryptobyte.String(value), cryptobyte.String(nil)
	bad := fault.New(fault.Malformed, "extension %s", pki.OIDPrivateKeyUsagePeriod)
	if !s.ReadASN1(&body, 0x30) || !s.Empty() {
		return bad
	}
	for n := range uint8(2) {
		var end cryptobyte.String
		var present bool
		if !body.ReadOptionalASN1(&end, &present, der.ContextTag(n)) {
			return bad
		}
		if !present {
			continue
		}
		limit, err := time.Parse("20060102150405Z", string(end))
		if err != nil {
			return bad
		}
		if n == 0 && at.Before(limit) || n == 1 && at.Truncate(time.Second).After(limit) {
			return fault.New(fault.KeyUsage, "outside of the period in which the key may sign")
		}
	}
	return nil
}
