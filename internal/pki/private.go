package pki

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

const pemPrivateKey = "PRIVATE KEY"

// ParsePrivateKey reads an unencrypted PKCS#8 key (RFC 5208), DER or PEM
// "PRIVATE KEY", of any family of the registry. Errors hold nothing of the key.
func ParsePrivateKey(data []byte) (crypto.Signer, error) {
	if block, _ := pem.Decode(data); block != nil {
		if block.Type != pemPrivateKey {
			return nil, refuse(CodeMalformed, "a PEM block that is not an unencrypted PKCS#8 key")
		}
		data = block.Bytes
	}
	if err := checkDER(data); err != nil {
		return nil, refuse(CodeOf(err), "private key")
	}
	s, body := cryptobyte.String(data), cryptobyte.String(nil)
	var version int
	var a Algorithm
	var raw []byte
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !body.ReadASN1Integer(&version) || !readAlgorithm(&body, &a) ||
		!body.ReadASN1Bytes(&raw, asn1.OCTET_STRING) {
		return nil, malformed("private key")
	}
	f, err := algorithms.family(a.OID)
	if err != nil {
		return nil, err
	}
	if f.parsePrivate != nil {
		return f.parsePrivate(a, raw)
	}
	key, err := x509.ParsePKCS8PrivateKey(data)
	if err != nil {
		return nil, refuse(CodeBadKey, "private key")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, refuse(CodeUnknownAlgorithm, "a key that cannot sign")
	}
	return signer, nil
}

// MarshalPrivateKey writes an unencrypted PKCS#8 key in PEM.
func MarshalPrivateKey(key crypto.Signer) ([]byte, error) {
	der, err := marshalPKCS8(key)
	if err != nil {
		return nil, err
	}
	return pem.EncodeToMemory(&pem.Block{Type: pemPrivateKey, Bytes: der}), nil
}

func marshalPKCS8(key crypto.Signer) ([]byte, error) {
	for _, f := range algorithms.families {
		if f.marshalPrivate == nil {
			continue
		}
		a, raw, ok := f.marshalPrivate(key)
		if !ok {
			continue
		}
		return build(func(b *cryptobyte.Builder) {
			addSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(0)
				b.AddBytes(a)
				b.AddASN1OctetString(raw)
			})
		})
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, refuse(CodeUnknownAlgorithm, "a private key of type %T", key)
	}
	return der, nil
}
