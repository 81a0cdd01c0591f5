package alg

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"io"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// KeyAlgorithm names a kind of key and its strength, such as "bign-curve256v1" or "rsa-3072".
type KeyAlgorithm string

// The keys that can be made; RSA keys of other sizes have names of the same form.
const (
	KeyBign256   KeyAlgorithm = "bign-curve256v1"
	KeyBign384   KeyAlgorithm = "bign-curve384v1"
	KeyBign512   KeyAlgorithm = "bign-curve512v1"
	KeyECDSAP256 KeyAlgorithm = "ecdsa-p256"
	KeyECDSAP384 KeyAlgorithm = "ecdsa-p384"
	KeyECDSAP521 KeyAlgorithm = "ecdsa-p521"
	KeyRSA2048   KeyAlgorithm = "rsa-2048"
	KeyRSA3072   KeyAlgorithm = "rsa-3072"
	KeyRSA4096   KeyAlgorithm = "rsa-4096"
)

// KeyAlgorithms lists every kind of key that can be made, the national ones first.
func KeyAlgorithms() []KeyAlgorithm {
	return []KeyAlgorithm{
		KeyBign256, KeyBign384, KeyBign512, KeyECDSAP256, KeyECDSAP384, KeyECDSAP521,
		KeyRSA2048, KeyRSA3072, KeyRSA4096,
	}
}

// KeyAlgorithmOf names a public key's kind and strength.
func KeyAlgorithmOf(pub crypto.PublicKey) (KeyAlgorithm, error) {
	for _, f := range algorithms.families {
		if name, ok := f.name(pub); ok {
			return name, nil
		}
	}
	return "", fault.New(fault.UnknownAlgorithm, "a key of type %T", pub)
}

// GenerateKey makes a key pair. It fails with CodeUnknownAlgorithm for a kind
// that is not in KeyAlgorithms.
func GenerateKey(kind KeyAlgorithm, random io.Reader) (crypto.Signer, error) {
	for _, c := range ecCurves() {
		if c.name == kind {
			return ecdsa.GenerateKey(c.curve, random)
		}
	}
	switch kind {
	case KeyRSA2048:
		return rsa.GenerateKey(random, 2048)
	case KeyRSA3072:
		return rsa.GenerateKey(random, 3072)
	case KeyRSA4096:
		return rsa.GenerateKey(random, 4096)
	default:
		return generateBign(kind, random)
	}
}

// ParsePublicKey reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) from DER.
// Curves must be named and points valid; every key has one encoding only.
func ParsePublicKey(spki []byte) (crypto.PublicKey, error) {
	a, raw, err := splitSPKI(spki)
	if err != nil {
		return nil, err
	}
	f, err := algorithms.family(a.OID)
	if err != nil {
		return nil, err
	}
	return f.parse(a, raw)
}

func splitSPKI(spki []byte) (Identifier, []byte, error) {
	if err := der.Check(spki); err != nil {
		return Identifier{}, nil, err
	}
	s, body := cryptobyte.String(spki), cryptobyte.String(nil)
	var a Identifier
	var raw []byte
	if !s.ReadASN1(&body, asn1.SEQUENCE) || !ReadIdentifier(&body, &a) ||
		!body.ReadASN1BitStringAsBytes(&raw) || !body.Empty() {
		return Identifier{}, nil, der.Malformed("public key")
	}
	return a, raw, nil
}

// MarshalPublicKey writes a SubjectPublicKeyInfo in DER.
func MarshalPublicKey(pub crypto.PublicKey) ([]byte, error) {
	for _, f := range algorithms.families {
		if a, raw, ok := f.marshal(pub); ok {
			return der.Build(func(b *cryptobyte.Builder) {
				der.AddSequence(b, func(b *cryptobyte.Builder) {
					b.AddBytes(a)
					b.AddASN1BitString(raw)
				})
			})
		}
	}
	return nil, fault.New(fault.UnknownAlgorithm, "a key of type %T", pub)
}

// SubjectKeyID is the SHA-1 of the raw public key octets (RFC 5280, 4.2.1.2,
// method 1), as the CA certificates of GosSUOK carry it.
func SubjectKeyID(pub crypto.PublicKey) ([]byte, error) {
	spki, err := MarshalPublicKey(pub)
	if err != nil {
		return nil, err
	}
	_, raw, err := splitSPKI(spki)
	if err != nil {
		return nil, err
	}
	sum := sha1.Sum(raw)
	return sum[:], nil
}

// KeyID identifies a public key across requests and certificates: the SHA-256
// of its SubjectPublicKeyInfo in lower-case hexadecimal. RSA keys of one modulus
// are one key whatever their exponent: all are written with 65537.
func KeyID(pub crypto.PublicKey) (string, error) {
	spki, err := MarshalPublicKey(oneExponent(pub))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(spki)
	return hex.EncodeToString(sum[:]), nil
}

// oneExponent writes RSA keys with the exponent that nearly all have: who knows
// the factors of a modulus has every key of it.
func oneExponent(pub crypto.PublicKey) crypto.PublicKey {
	if key, ok := pub.(*rsa.PublicKey); ok && key != nil {
		return &rsa.PublicKey{N: key.N, E: 65537}
	}
	return pub
}

// SameKey tells whether two public keys are the same key.
func SameKey(a, b crypto.PublicKey) bool {
	x, errX := MarshalPublicKey(a)
	y, errY := MarshalPublicKey(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// SameSecret tells whether who can sign with one key can sign with the other:
// it is the same key, or an RSA key of the same modulus.
func SameSecret(a, b crypto.PublicKey) bool { return SameKey(oneExponent(a), oneExponent(b)) }
