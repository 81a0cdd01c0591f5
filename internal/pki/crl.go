package pki

import (
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Revoked is one entry of a CRL.
type Revoked struct {
	SerialNumber *big.Int
	At           time.Time
	Reason       Reason
}

// CRL is a parsed certificate revocation list (RFC 5280, 5).
type CRL struct {
	Raw, RawTBS            []byte
	Algorithm              alg.Identifier
	Signature              []byte
	IssuerName             Name
	ThisUpdate, NextUpdate time.Time
	Entries                []Revoked
	Extensions             []Extension
	AuthorityKeyID         []byte
	Number                 *big.Int
	Scope                  Scope
	// unusable is why the list proves nothing, although it can be read.
	unusable error
	// bySerial finds the first entry of a serial number, again the further ones.
	bySerial map[string]int
	again    map[string][]int
}

// ParseCRL reads one CRL from DER. Lists that can be read but not be used, such
// as delta lists, are told by Usable.
func ParseCRL(encoded []byte) (*CRL, error) {
	o, err := openSigned(encoded, "crl")
	if err != nil {
		return nil, err
	}
	c := &CRL{
		Raw: o.raw, RawTBS: o.tbs, Algorithm: o.algorithm, Signature: o.signature,
		bySerial: map[string]int{}, again: map[string][]int{},
	}
	s := o.body
	var version int
	if s.PeekASN1Tag(asn1.INTEGER) && (!s.ReadASN1Integer(&version) || version != 1) {
		return nil, der.Malformed("crl: version")
	}
	var inner alg.Identifier
	if !alg.ReadIdentifier(&s, &inner) || !inner.Equal(c.Algorithm) {
		return nil, fault.New(fault.BadParameters, "crl: two different signature algorithms")
	}
	if !ReadName(&s, &c.IssuerName) || !der.ReadTime(&s, &c.ThisUpdate) {
		return nil, der.Malformed("crl: issuer and dates")
	}
	if s.PeekASN1Tag(asn1.UTCTime) || s.PeekASN1Tag(asn1.GeneralizedTime) {
		if !der.ReadTime(&s, &c.NextUpdate) {
			return nil, der.Malformed("crl: next update")
		}
	}
	if err := c.readEntries(&s); err != nil {
		return nil, err
	}
	return c, c.readCRLExtensions(&s)
}

// ParseCRLFile reads a CRL from DER or PEM "X509 CRL".
func ParseCRLFile(file []byte) (*CRL, error) {
	if IsDER(file) {
		return ParseCRL(file)
	}
	blocks, err := Unarmor(file)
	switch {
	case err != nil:
		return nil, err
	case len(blocks) == 0 || blocks[0].Type != "X509 CRL":
		return nil, fault.New(fault.Malformed, "no CRL in the file")
	case len(blocks) > 1:
		return nil, fault.New(fault.Trailing, "something follows the CRL")
	}
	return ParseCRL(blocks[0].Bytes)
}

func (c *CRL) readEntries(s *cryptobyte.String) error {
	var list cryptobyte.String
	if !s.PeekASN1Tag(asn1.SEQUENCE) {
		return nil
	}
	if !s.ReadASN1(&list, asn1.SEQUENCE) {
		return der.Malformed("crl: entries")
	}
	for !list.Empty() {
		var one cryptobyte.String
		r := Revoked{SerialNumber: new(big.Int)}
		if !list.ReadASN1(&one, asn1.SEQUENCE) || !one.ReadASN1Integer(r.SerialNumber) || !der.ReadTime(&one, &r.At) {
			return der.Malformed("crl: entry")
		}
		if !one.Empty() {
			if err := c.readEntryExtensions(&r, &one); err != nil {
				return err
			}
		}
		key := serialKey(r.SerialNumber)
		if _, twice := c.bySerial[key]; twice {
			c.again[key] = append(c.again[key], len(c.Entries))
		} else {
			c.bySerial[key] = len(c.Entries)
		}
		c.Entries = append(c.Entries, r)
	}
	return nil
}

// serialKey tells numbers apart, and their signs.
func serialKey(n *big.Int) string {
	if n.Sign() < 0 {
		return "-" + string(n.Bytes())
	}
	return "+" + string(n.Bytes())
}

func (c *CRL) readEntryExtensions(r *Revoked, s *cryptobyte.String) error {
	list, err := readExtensions(s)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.OID.Equal(OIDReasonCode) {
			// An entry that says something nobody understands may be about another
			// issuer's certificate (RFC 5280, 5.3.3).
			if e.Critical || e.OID.Equal(oidCertificateIssuer) {
				c.refuse("crl entry: extension %s", e.OID)
			}
			continue
		}
		v, n := cryptobyte.String(e.Value), 0
		if !v.ReadASN1Enum(&n) || !v.Empty() {
			return der.Malformed("crl: reason")
		}
		r.Reason = Reason(n)
	}
	return nil
}

// Find gives the first entry of a serial number, whatever it says.
func (c *CRL) Find(serial *big.Int) (Revoked, bool) {
	i, ok := c.bySerial[serialKey(serial)]
	if !ok {
		return Revoked{}, false
	}
	return c.Entries[i], true
}

// Revokes gives the entry by which a serial number is revoked at an instant
// (RFC 5280, 6.3.3): of several the first that revokes, unless it is a hold that a later
// one removes. Entries of later than the instant do not count yet.
func (c *CRL) Revokes(serial *big.Int, at time.Time) (Revoked, bool) {
	key := serialKey(serial)
	first, ok := c.bySerial[key]
	if !ok {
		return Revoked{}, false
	}
	var found *Revoked
	var removed time.Time
	for _, i := range append([]int{first}, c.again[key]...) {
		e := &c.Entries[i]
		switch {
		case e.At.After(at):
		case e.Reason == ReasonRemoveFromCRL:
			if e.At.After(removed) {
				removed = e.At
			}
		case found == nil || stronger(*e, *found):
			found = e
		}
	}
	if found == nil || found.Reason == ReasonCertificateHold && !removed.Before(found.At) {
		return Revoked{}, false
	}
	return *found, true
}

// stronger prefers what cannot be taken back, then what came first.
func stronger(a, b Revoked) bool {
	if hold := a.Reason == ReasonCertificateHold; hold != (b.Reason == ReasonCertificateHold) {
		return !hold
	}
	if a.Reason == ReasonCertificateHold {
		return a.At.After(b.At)
	}
	return a.At.Before(b.At)
}

// CheckSignatureFrom verifies the list's signature with its issuer's certificate.
func (c *CRL) CheckSignatureFrom(issuer *Certificate) error {
	if issuer.KeyErr != nil {
		return issuer.KeyErr
	}
	return alg.Verify(c.Algorithm, issuer.PublicKey, c.RawTBS, c.Signature)
}
