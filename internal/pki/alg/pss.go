package alg

import (
	"crypto"
	"crypto/rsa"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// resolvePSS reads RSASSA-PSS-params (RFC 4055, 3.1): hash, mask generation
// over the same hash, salt length. The defaults mean SHA-1, which is refused.
func (r *registry) resolvePSS(a Identifier) (*Scheme, error) {
	d, salt, err := r.parsePSS(a)
	if err != nil {
		return nil, err
	}
	verify := func(pub crypto.PublicKey, d *Digest, sum, signature []byte) error {
		key, ok := pub.(*rsa.PublicKey)
		if !ok {
			return fault.New(fault.KeyMismatch, "an RSA signature with a key of another kind")
		}
		if rsa.VerifyPSS(key, d.std, sum, signature, &rsa.PSSOptions{SaltLength: salt, Hash: d.std}) != nil {
			return fault.New(fault.BadSignature, "rsa-pss")
		}
		return nil
	}
	return &Scheme{name: "rsa-pss", oid: a.OID, rule: parametersOwn, own: d, verify: verify}, nil
}

func (r *registry) parsePSS(a Identifier) (*Digest, int, error) {
	bad := fault.New(fault.BadParameters, "rsa-pss parameters")
	s, body := cryptobyte.String(a.Parameters), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return nil, 0, bad
	}
	var hash, mask cryptobyte.String
	var hashAlg, maskAlg, maskHash Identifier
	if !body.ReadASN1(&hash, der.ExplicitTag(0)) || !ReadIdentifier(&hash, &hashAlg) ||
		!body.ReadASN1(&mask, der.ExplicitTag(1)) || !ReadIdentifier(&mask, &maskAlg) || !maskAlg.OID.Equal(oidMGF1) {
		return nil, 0, bad
	}
	params := cryptobyte.String(maskAlg.Parameters)
	if !ReadIdentifier(&params, &maskHash) || !params.Empty() {
		return nil, 0, bad
	}
	d, err := r.digestOf(hashAlg)
	if err != nil {
		return nil, 0, err
	}
	if mask, err := r.digestOf(maskHash); err != nil || mask != d {
		return nil, 0, bad
	}
	salt := 20
	if !body.ReadOptionalASN1Integer(&salt, der.ExplicitTag(2), 20) || !body.Empty() || d.std == 0 || salt < 0 || salt > 64 {
		return nil, 0, bad
	}
	return d, salt, nil
}
