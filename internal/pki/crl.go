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
	// OnlyUsers and OnlyCAs narrow what a partitioned CRL speaks of.
	OnlyUsers, OnlyCAs bool
	bySerial           map[string]int
}

// ParseCRL reads one CRL from DER. Indirect, delta and otherwise partitioned
// lists are refused, as their critical extensions demand.
func ParseCRL(encoded []byte) (*CRL, error) {
	o, err := openSigned(encoded, "crl")
	if err != nil {
		return nil, err
	}
	c := &CRL{Raw: o.raw, RawTBS: o.tbs, Algorithm: o.algorithm, Signature: o.signature, bySerial: map[string]int{}}
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
		var r Revoked
		if !list.ReadASN1(&one, asn1.SEQUENCE) || !ReadSerial(&one, &r.SerialNumber) || !der.ReadTime(&one, &r.At) {
			return der.Malformed("crl: entry")
		}
		if !one.Empty() {
			if err := r.readReason(&one); err != nil {
				return err
			}
		}
		c.bySerial[string(r.SerialNumber.Bytes())] = len(c.Entries)
		c.Entries = append(c.Entries, r)
	}
	return nil
}

func (r *Revoked) readReason(s *cryptobyte.String) error {
	list, err := readExtensions(s)
	if err != nil {
		return err
	}
	for _, e := range list {
		if !e.OID.Equal(OIDReasonCode) {
			if e.Critical {
				return fault.New(fault.CriticalExtension, "crl entry: extension %s", e.OID)
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

func (c *CRL) readCRLExtensions(s *cryptobyte.String) error {
	if s.Empty() {
		return nil
	}
	var tagged cryptobyte.String
	if !s.ReadASN1(&tagged, der.ExplicitTag(0)) || !s.Empty() {
		return der.Malformed("crl: extensions")
	}
	var err error
	if c.Extensions, err = readExtensions(&tagged); err != nil {
		return err
	}
	for _, e := range c.Extensions {
		if err := c.readCRLExtension(e); err != nil {
			return err
		}
	}
	return nil
}

func (c *CRL) readCRLExtension(e Extension) error {
	ok := true
	v := cryptobyte.String(e.Value)
	switch {
	case e.OID.Equal(OIDAuthorityKeyID):
		c.AuthorityKeyID, ok = parseAuthorityKeyID(e.Value)
	case e.OID.Equal(OIDCRLNumber):
		c.Number = new(big.Int)
		ok = v.ReadASN1Integer(c.Number) && v.Empty()
	case e.OID.Equal(OIDIssuingDistribution):
		return c.readDistribution(v)
	case e.Critical:
		return fault.New(fault.CriticalExtension, "crl: extension %s", e.OID)
	}
	if !ok {
		return fault.New(fault.Malformed, "crl: extension %s", e.OID)
	}
	return nil
}

// readDistribution reads IssuingDistributionPoint (RFC 5280, 5.2.5).
func (c *CRL) readDistribution(s cryptobyte.String) error {
	var body cryptobyte.String
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() || !body.SkipOptionalASN1(der.ExplicitTag(0)) ||
		!readFlag(&body, 1, &c.OnlyUsers) || !readFlag(&body, 2, &c.OnlyCAs) {
		return der.Malformed("crl: issuing distribution point")
	}
	if !body.Empty() {
		return fault.New(fault.CriticalExtension, "crl: speaks of some reasons, other issuers or attribute certificates only")
	}
	return nil
}

// readFlag reads an implicitly tagged BOOLEAN DEFAULT FALSE.
func readFlag(s *cryptobyte.String, tag uint8, out *bool) bool {
	var v cryptobyte.String
	var present bool
	if !s.ReadOptionalASN1(&v, &present, der.ContextTag(tag)) || present && len(v) != 1 {
		return false
	}
	*out = present && v[0] != 0
	return true
}

// Find gives the entry of a serial number.
func (c *CRL) Find(serial *big.Int) (Revoked, bool) {
	i, ok := c.bySerial[string(serial.Bytes())]
	if !ok {
		return Revoked{}, false
	}
	return c.Entries[i], true
}

// CheckSignatureFrom verifies the list's signature with its issuer's certificate.
func (c *CRL) CheckSignatureFrom(issuer *Certificate) error {
	if issuer.KeyErr != nil {
		return issuer.KeyErr
	}
	return alg.Verify(c.Algorithm, issuer.PublicKey, c.RawTBS, c.Signature)
}
