package alg

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

const pemPrivateKey = "PRIVATE KEY"

// ParsePrivateKey reads an unencrypted PKCS#8 key (RFC 5208), DER or PEM
// "PRIVATE KEY", of any family of the registry. Errors hold nothing of the key.
func ParsePrivateKey(data []byte) (crypto.Signer, error) {
	if block, _ := pem.Decode(data); block != nil {
		if block.Type != pemPrivateKey {
			return nil, fault.New(fault.Malformed, "a PEM block that is not an unencrypted PKCS#8 key")
		}
		data = block.Bytes
	}
	if err := der.Check(data); err != nil {
		return nil, fault.New(fault.CodeOf(err), "private key")
	}
	s, body := cryptobyte.String(data), cryptobyte.String(nil)
	var version int
	var a Identifier
	var raw []byte
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !body.ReadASN1Integer(&version) || !ReadIdentifier(&body, &a) ||
		!body.ReadASN1Bytes(&raw, asn1.OCTET_STRING) {
		return nil, der.Malformed("private key")
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
		return nil, fault.New(fault.BadKey, "private key")
	}
	signer, ok := key.(crypto.Signer)
	if !ok {
		return nil, fault.New(fault.UnknownAlgorithm, "a key that cannot sign")
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
		return der.Build(func(b *cryptobyte.Builder) {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(0)
				b.AddBytes(a)
				b.AddASN1OctetString(raw)
			})
		})
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fault.New(fault.UnknownAlgorithm, "a private key of type %T", key)
	}
	return encoded, nil
}
