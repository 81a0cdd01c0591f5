package storage

import (
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"

	"golang.org/x/crypto/cryptobyte"
	cryptoasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ChainP7B packs DER certificates into a degenerate SignedData (RFC 2315,
// section 9.1): version 1, no digests, empty data, the certificates, no
// signers. That is the .p7b form in which chains are handed out.
func ChainP7B(certificates ...[]byte) ([]byte, error) {
	if len(certificates) == 0 {
		return nil, errors.New("chain: no certificates")
	}
	for i, der := range certificates {
		if _, err := x509.ParseCertificate(der); err != nil {
			return nil, fmt.Errorf("chain: certificate %d: %w", i+1, err)
		}
	}
	var b cryptobyte.Builder
	explicit := cryptoasn1.Tag(0).ContextSpecific().Constructed()
	empty := func(*cryptobyte.Builder) {}
	b.AddASN1(cryptoasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}) // signedData
		b.AddASN1(explicit, func(b *cryptobyte.Builder) {
			b.AddASN1(cryptoasn1.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(1)
				b.AddASN1(cryptoasn1.SET, empty)
				b.AddASN1(cryptoasn1.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}) // data
				})
				b.AddASN1(explicit, func(b *cryptobyte.Builder) {
					for _, der := range certificates {
						b.AddBytes(der)
					}
				})
				b.AddASN1(cryptoasn1.SET, empty)
			})
		})
	})
	der, err := b.Bytes()
	if err != nil {
		return nil, fmt.Errorf("chain: %w", err)
	}
	return der, nil
}
