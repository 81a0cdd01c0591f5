package cms

import (
	"bytes"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// SignerInfo is one signature of signed data.
type SignerInfo struct {
	Version int
	// Issuer and Serial name the signer's certificate, or KeyID does.
	Issuer          pki.Name
	Serial          *big.Int
	KeyID           []byte
	DigestAlgorithm alg.Identifier
	Algorithm       alg.Identifier
	Signature       []byte
	// SignedAttributes are nil when the content is signed directly.
	SignedAttributes []pki.Attribute
	// rawSigned is the SET OF them as it is hashed, tag 31.
	rawSigned []byte
}

func readSigner(set *cryptobyte.String) (SignerInfo, error) {
	var s, id cryptobyte.String
	var si SignerInfo
	bad := der.Malformed("signer")
	if !set.ReadASN1(&s, asn1.SEQUENCE) || !s.ReadASN1Integer(&si.Version) {
		return si, bad
	}
	if s.PeekASN1Tag(der.ContextTag(0)) {
		if !s.ReadASN1(&id, der.ContextTag(0)) || len(id) == 0 {
			return si, bad
		}
		si.KeyID = id
	} else if !s.ReadASN1(&id, asn1.SEQUENCE) || !pki.ReadName(&id, &si.Issuer) || !pki.ReadSerial(&id, &si.Serial) || !id.Empty() {
		return si, bad
	}
	if !alg.ReadIdentifier(&s, &si.DigestAlgorithm) {
		return si, bad
	}
	if s.PeekASN1Tag(der.ExplicitTag(0)) {
		var raw, attributes cryptobyte.String
		if !s.ReadASN1Element(&raw, der.ExplicitTag(0)) {
			return si, bad
		}
		si.rawSigned = bytes.Clone(raw)
		si.rawSigned[0] = 0x31
		if !raw.ReadASN1(&attributes, der.ExplicitTag(0)) {
			return si, bad
		}
		var err error
		if si.SignedAttributes, err = pki.ReadAttributes(attributes); err != nil {
			return si, err
		}
	}
	if !alg.ReadIdentifier(&s, &si.Algorithm) || !s.ReadASN1Bytes(&si.Signature, asn1.OCTET_STRING) ||
		!s.SkipOptionalASN1(der.ExplicitTag(1)) || !s.Empty() {
		return si, bad
	}
	return si, nil
}

// SigningTime is the time the signer claims, zero when none is signed.
func (si *SignerInfo) SigningTime() time.Time {
	value, present, err := pki.SingleValue(si.SignedAttributes, oidSigningTime)
	var t time.Time
	s := cryptobyte.String(value)
	if err != nil || !present || !der.ReadTime(&s, &t) || !s.Empty() {
		return time.Time{}
	}
	return t
}
