package alg

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

var (
	oidECPublicKey = der.OID{1, 2, 840, 10045, 2, 1}
	oidP256        = der.OID{1, 2, 840, 10045, 3, 1, 7}
	oidP384        = der.OID{1, 3, 132, 0, 34}
	oidP521        = der.OID{1, 3, 132, 0, 35}
)

const (
	minRSABits = 2048
	// maxRSABits keeps verification of a stranger's key cheap.
	maxRSABits = 8192
)

type ecCurve struct {
	oid, scheme der.OID
	curve       elliptic.Curve
	name        KeyAlgorithm
}

func ecCurves() []ecCurve {
	return []ecCurve{
		{oidP256, oidECDSASHA256, elliptic.P256(), KeyECDSAP256},
		{oidP384, oidECDSASHA384, elliptic.P384(), KeyECDSAP384},
		{oidP521, oidECDSASHA512, elliptic.P521(), KeyECDSAP521},
	}
}

func ecCurveOf(pub crypto.PublicKey) (ecCurve, *ecdsa.PublicKey, bool) {
	key, ok := pub.(*ecdsa.PublicKey)
	if !ok {
		return ecCurve{}, nil, false
	}
	for _, c := range ecCurves() {
		if c.curve == key.Curve {
			return c, key, true
		}
	}
	return ecCurve{}, nil, false
}

func ecFamily() *keyFamily {
	return &keyFamily{
		oid:   oidECPublicKey,
		parse: parseEC,
		marshal: func(pub crypto.PublicKey) ([]byte, []byte, bool) {
			c, key, ok := ecCurveOf(pub)
			if !ok {
				return nil, nil, false
			}
			raw, err := key.Bytes()
			return curveIdentifier(oidECPublicKey, c.oid), raw, err == nil
		},
		name: func(pub crypto.PublicKey) (KeyAlgorithm, bool) {
			c, _, ok := ecCurveOf(pub)
			return c.name, ok
		},
		scheme: func(pub crypto.PublicKey) (der.OID, bool) {
			c, _, ok := ecCurveOf(pub)
			return c.scheme, ok
		},
	}
}

// parseEC accepts named curves and uncompressed points only: one encoding per key.
func parseEC(a Identifier, raw []byte) (crypto.PublicKey, error) {
	oid, err := namedCurve(a)
	if err != nil {
		return nil, err
	}
	for _, c := range ecCurves() {
		if c.oid.Equal(oid) {
			key, err := ecdsa.ParseUncompressedPublicKey(c.curve, raw)
			if err != nil {
				return nil, fault.New(fault.BadKey, "not an uncompressed point of %s", c.name)
			}
			return key, nil
		}
	}
	return nil, unknown("curve", oid)
}

// namedCurve reads parameters that must be the identifier of a curve.
func namedCurve(a Identifier) (der.OID, error) {
	s, oid := cryptobyte.String(a.Parameters), der.OID(nil)
	if !s.ReadASN1ObjectIdentifier(&oid) || !s.Empty() {
		return nil, fault.New(fault.BadParameters, "the key does not name its curve")
	}
	return oid, nil
}

func curveIdentifier(family, curve der.OID) []byte {
	encoded, _ := der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1ObjectIdentifier(family)
			b.AddASN1ObjectIdentifier(curve)
		})
	})
	return encoded
}

func rsaFamily() *keyFamily {
	return &keyFamily{
		oid: oidRSA,
		parse: func(a Identifier, raw []byte) (crypto.PublicKey, error) {
			if err := parametersNull.check(a); err != nil {
				return nil, err
			}
			key, err := x509.ParsePKCS1PublicKey(raw)
			if err != nil {
				return nil, fault.New(fault.BadKey, "not an RSA key")
			}
			if n := key.N.BitLen(); n < minRSABits || n > maxRSABits || key.N.Bit(0) == 0 || key.E&1 == 0 || key.E < 3 {
				return nil, fault.New(fault.WeakKey, "an RSA key of %d bits, want %d to %d", n, minRSABits, maxRSABits)
			}
			return key, nil
		},
		marshal: func(pub crypto.PublicKey) ([]byte, []byte, bool) {
			key, ok := pub.(*rsa.PublicKey)
			if !ok {
				return nil, nil, false
			}
			return parametersNull.identifier(oidRSA).Raw, x509.MarshalPKCS1PublicKey(key), true
		},
		name: func(pub crypto.PublicKey) (KeyAlgorithm, bool) {
			key, ok := pub.(*rsa.PublicKey)
			if !ok {
				return "", false
			}
			return KeyAlgorithm(fmt.Sprintf("rsa-%d", key.N.BitLen())), true
		},
		scheme: func(pub crypto.PublicKey) (der.OID, bool) {
			_, ok := pub.(*rsa.PublicKey)
			return oidRSASHA256, ok
		},
	}
}
