package pki

import (
	"crypto"
	"crypto/rsa"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

// resolvePSS reads RSASSA-PSS-params (RFC 4055, 3.1): hash, mask generation
// over the same hash, salt length. The defaults mean SHA-1, which is refused.
func (r *registry) resolvePSS(a Algorithm) (*scheme, error) {
	d, salt, err := r.parsePSS(a)
	if err != nil {
		return nil, err
	}
	verify := func(pub crypto.PublicKey, d *digest, sum, signature []byte) error {
		key, ok := pub.(*rsa.PublicKey)
		if !ok {
			return refuse(CodeKeyMismatch, "an RSA signature with a key of another kind")
		}
		if rsa.VerifyPSS(key, d.std, sum, signature, &rsa.PSSOptions{SaltLength: salt, Hash: d.std}) != nil {
			return refuse(CodeBadSignature, "rsa-pss")
		}
		return nil
	}
	return &scheme{name: "rsa-pss", oid: a.OID, rule: parametersOwn, digest: d, verify: verify}, nil
}

func (r *registry) parsePSS(a Algorithm) (*digest, int, error) {
	bad := refuse(CodeBadParameters, "rsa-pss parameters")
	s, body := cryptobyte.String(a.Parameters), cryptobyte.String(nil)
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !s.Empty() {
		return nil, 0, bad
	}
	var hash, mask cryptobyte.String
	var hashAlg, maskAlg, maskHash Algorithm
	if !body.ReadASN1(&hash, explicitTag(0)) || !readAlgorithm(&hash, &hashAlg) ||
		!body.ReadASN1(&mask, explicitTag(1)) || !readAlgorithm(&mask, &maskAlg) || !maskAlg.OID.Equal(oidMGF1) {
		return nil, 0, bad
	}
	params := cryptobyte.String(maskAlg.Parameters)
	if !readAlgorithm(&params, &maskHash) || !params.Empty() {
		return nil, 0, bad
	}
	d, err := r.digest(hashAlg)
	if err != nil {
		return nil, 0, err
	}
	if mask, err := r.digest(maskHash); err != nil || mask != d {
		return nil, 0, bad
	}
	salt := 20
	if !body.ReadOptionalASN1Integer(&salt, explicitTag(2), 20) || !body.Empty() || d.std == 0 || salt < 0 || salt > 64 {
		return nil, 0, bad
	}
	return d, salt, nil
}
