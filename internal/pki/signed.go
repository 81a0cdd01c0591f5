package pki

import (
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// signed is the structure that requests, certificates and CRLs share:
// what is signed, the algorithm, the signature as a BIT STRING.
type signed struct {
	raw, tbs  []byte
	body      cryptobyte.String
	algorithm alg.Identifier
	signature []byte
}

func openSigned(encoded []byte, what string) (*signed, error) {
	raw, s, err := der.Open(encoded, what)
	if err != nil {
		return nil, err
	}
	out := &signed{raw: raw}
	var tbs cryptobyte.String
	if !s.ReadASN1Element(&tbs, asn1.SEQUENCE) || !alg.ReadIdentifier(&s, &out.algorithm) ||
		!s.ReadASN1BitStringAsBytes(&out.signature) || !s.Empty() {
		return nil, der.Malformed(what)
	}
	out.tbs = tbs
	if !tbs.ReadASN1(&out.body, asn1.SEQUENCE) {
		return nil, der.Malformed(what)
	}
	return out, nil
}

// Assemble joins what was signed, the algorithm and the signature into a
// request, certificate, CRL or attribute certificate in DER.
func Assemble(tbs []byte, a alg.Identifier, signature []byte) ([]byte, error) {
	return der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddBytes(tbs)
			b.AddBytes(a.Raw)
			b.AddASN1BitString(signature)
		})
	})
}
