package alg

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

var (
	oidSHA256 = der.OID{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384 = der.OID{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512 = der.OID{2, 16, 840, 1, 101, 3, 4, 2, 3}

	oidECDSASHA256 = der.OID{1, 2, 840, 10045, 4, 3, 2}
	oidECDSASHA384 = der.OID{1, 2, 840, 10045, 4, 3, 3}
	oidECDSASHA512 = der.OID{1, 2, 840, 10045, 4, 3, 4}

	oidRSA       = der.OID{1, 2, 840, 113549, 1, 1, 1}
	oidRSAPSS    = der.OID{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1      = der.OID{1, 2, 840, 113549, 1, 1, 8}
	oidRSASHA256 = der.OID{1, 2, 840, 113549, 1, 1, 11}
	oidRSASHA384 = der.OID{1, 2, 840, 113549, 1, 1, 12}
	oidRSASHA512 = der.OID{1, 2, 840, 113549, 1, 1, 13}
)

// addNIST registers SHA-2 with ECDSA and RSA (RFC 5758, RFC 4055).
func (r *registry) addNIST() {
	sha := func(name string, oid der.OID, h crypto.Hash, f func() hash.Hash) *Digest {
		return r.addDigest(&Digest{name: name, oid: oid, std: h, new: f, rule: parametersEither})
	}
	d256 := sha("sha256", oidSHA256, crypto.SHA256, sha256.New)
	d384 := sha("sha384", oidSHA384, crypto.SHA384, sha512.New384)
	d512 := sha("sha512", oidSHA512, crypto.SHA512, sha512.New)

	ec := func(name string, oid der.OID, d *Digest) {
		r.addScheme(&Scheme{name: name, oid: oid, rule: parametersAbsent, own: d, verify: verifyECDSA, options: stdOptions})
	}
	ec("ecdsa-with-sha256", oidECDSASHA256, d256)
	ec("ecdsa-with-sha384", oidECDSASHA384, d384)
	ec("ecdsa-with-sha512", oidECDSASHA512, d512)

	pkcs := func(name string, oid der.OID, d *Digest) {
		r.addScheme(&Scheme{name: name, oid: oid, rule: parametersEither, own: d, verify: verifyRSA, options: stdOptions})
	}
	pkcs("rsa-with-sha256", oidRSASHA256, d256)
	pkcs("rsa-with-sha384", oidRSASHA384, d384)
	pkcs("rsa-with-sha512", oidRSASHA512, d512)
	// In CMS the digest stands apart and this identifier names RSA alone.
	pkcs("rsa", oidRSA, nil)
	r.addScheme(&Scheme{name: "rsa-pss", oid: oidRSAPSS, rule: parametersOwn, resolve: r.resolvePSS})

	r.families = append(r.families, ecFamily(), rsaFamily())
}

func stdOptions(d *Digest) crypto.SignerOpts { return d.std }

func verifyECDSA(pub crypto.PublicKey, _ *Digest, sum, signature []byte) error {
	key, ok := pub.(*ecdsa.PublicKey)
	if !ok {
		return fault.New(fault.KeyMismatch, "an ECDSA signature with a key of another kind")
	}
	if !ecdsa.VerifyASN1(key, sum, signature) {
		return fault.New(fault.BadSignature, "ecdsa")
	}
	return nil
}

func verifyRSA(pub crypto.PublicKey, d *Digest, sum, signature []byte) error {
	key, ok := pub.(*rsa.PublicKey)
	if !ok {
		return fault.New(fault.KeyMismatch, "an RSA signature with a key of another kind")
	}
	// Hash number 0 would switch off the digest's prefix.
	if d.std == 0 {
		return fault.New(fault.KeyMismatch, "RSA with digest %s", d.name)
	}
	if rsa.VerifyPKCS1v15(key, d.std, sum, signature) != nil {
		return fault.New(fault.BadSignature, "rsa")
	}
	return nil
}
