package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"hash"

	encasn1 "encoding/asn1"
)

var (
	oidSHA256 = OID{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384 = OID{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512 = OID{2, 16, 840, 1, 101, 3, 4, 2, 3}

	oidECDSASHA256 = OID{1, 2, 840, 10045, 4, 3, 2}
	oidECDSASHA384 = OID{1, 2, 840, 10045, 4, 3, 3}
	oidECDSASHA512 = OID{1, 2, 840, 10045, 4, 3, 4}

	oidRSA       = OID{1, 2, 840, 113549, 1, 1, 1}
	oidRSAPSS    = OID{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1      = OID{1, 2, 840, 113549, 1, 1, 8}
	oidRSASHA256 = OID{1, 2, 840, 113549, 1, 1, 11}
	oidRSASHA384 = OID{1, 2, 840, 113549, 1, 1, 12}
	oidRSASHA512 = OID{1, 2, 840, 113549, 1, 1, 13}
)

func oidDER(oid OID) []byte {
	der, err := encasn1.Marshal(oid)
	if err != nil {
		panic("pki: object identifier of the registry: " + err.Error())
	}
	return der
}

// addNIST registers SHA-2 with ECDSA and RSA (RFC 5758, RFC 4055).
func (r *registry) addNIST() {
	sha := func(name string, oid OID, h crypto.Hash, f func() hash.Hash) *digest {
		return r.addDigest(&digest{name: name, oid: oid, std: h, new: f, rule: parametersEither})
	}
	d256 := sha("sha256", oidSHA256, crypto.SHA256, sha256.New)
	d384 := sha("sha384", oidSHA384, crypto.SHA384, sha512.New384)
	d512 := sha("sha512", oidSHA512, crypto.SHA512, sha512.New)

	ec := func(name string, oid OID, d *digest) {
		r.addScheme(&scheme{name: name, oid: oid, rule: parametersAbsent, digest: d, verify: verifyECDSA, options: stdOptions})
	}
	ec("ecdsa-with-sha256", oidECDSASHA256, d256)
	ec("ecdsa-with-sha384", oidECDSASHA384, d384)
	ec("ecdsa-with-sha512", oidECDSASHA512, d512)

	pkcs := func(name string, oid OID, d *digest) {
		r.addScheme(&scheme{name: name, oid: oid, rule: parametersEither, digest: d, verify: verifyRSA, options: stdOptions})
	}
	pkcs("rsa-with-sha256", oidRSASHA256, d256)
	pkcs("rsa-with-sha384", oidRSASHA384, d384)
	pkcs("rsa-with-sha512", oidRSASHA512, d512)
	// In CMS the digest stands apart and this identifier names RSA alone.
	pkcs("rsa", oidRSA, nil)
	r.addScheme(&scheme{name: "rsa-pss", oid: oidRSAPSS, rule: parametersOwn, resolve: r.resolvePSS})

	r.families = append(r.families, ecFamily(), rsaFamily())
}

func stdOptions(d *digest) crypto.SignerOpts { return d.std }

func verifyECDSA(pub crypto.PublicKey, _ *digest, sum, signature []byte) error {
	key, ok := pub.(*ecdsa.PublicKey)
	if !ok {
		return refuse(CodeKeyMismatch, "an ECDSA signature with a key of another kind")
	}
	if !ecdsa.VerifyASN1(key, sum, signature) {
		return refuse(CodeBadSignature, "ecdsa")
	}
	return nil
}

func verifyRSA(pub crypto.PublicKey, d *digest, sum, signature []byte) error {
	key, ok := pub.(*rsa.PublicKey)
	if !ok {
		return refuse(CodeKeyMismatch, "an RSA signature with a key of another kind")
	}
	// Hash number 0 would switch off the digest's prefix.
	if d.std == 0 {
		return refuse(CodeKeyMismatch, "RSA with digest %s", d.name)
	}
	if rsa.VerifyPKCS1v15(key, d.std, sum, signature) != nil {
		return refuse(CodeBadSignature, "rsa")
	}
	return nil
}
