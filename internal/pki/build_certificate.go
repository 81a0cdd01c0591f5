package pki

import (
	"crypto"
	"crypto/rand"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Template is what a certificate to be made says. Key identifiers are
// extensions like all others: add them with SubjectKeyIDExtension and
// AuthorityKeyIDExtension.
type Template struct {
	// SerialNumber is positive and has at most 20 octets.
	SerialNumber        *big.Int
	Subject             Name
	NotBefore, NotAfter time.Time
	PublicKey           crypto.PublicKey
	Extensions          []Extension
}

// Issuer is who signs: the name in the issuer field and the key that decides the algorithm.
type Issuer struct {
	Name      Name
	PublicKey crypto.PublicKey
}

// IssuerOf takes name and key from a CA's certificate.
func IssuerOf(c *Certificate) Issuer { return Issuer{Name: c.SubjectName, PublicKey: c.PublicKey} }

// NewSerial draws a positive serial number of sixteen octets.
func NewSerial() (*big.Int, error) {
	raw := make([]byte, 16)
	if _, err := rand.Read(raw); err != nil {
		return nil, err
	}
	raw[0] = raw[0]&0x7f | 0x40
	return new(big.Int).SetBytes(raw), nil
}

func checkSerial(n *big.Int) error {
	if n == nil || n.Sign() <= 0 || n.BitLen() > maxSerialOctets*8-1 {
		return fault.New(fault.Malformed, "a serial number is positive and has at most %d octets", maxSerialOctets)
	}
	return nil
}

// BuildTBS writes the TBSCertificate that the issuer is to sign; Assemble joins
// it with the signature. Equal input gives equal octets, so that what is stored
// before signing is what is signed.
func BuildTBS(t Template, issuer Issuer) ([]byte, error) {
	if err := checkSerial(t.SerialNumber); err != nil {
		return nil, err
	}
	if !t.NotBefore.Before(t.NotAfter) {
		return nil, fault.New(fault.Malformed, "a certificate ends after it begins")
	}
	algorithm, err := alg.SignatureAlgorithm(issuer.PublicKey)
	if err != nil {
		return nil, err
	}
	spki, err := alg.MarshalPublicKey(t.PublicKey)
	if err != nil {
		return nil, err
	}
	return der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { b.AddASN1Int64(2) })
			b.AddASN1BigInt(t.SerialNumber)
			b.AddBytes(algorithm.Raw)
			b.AddBytes(issuer.Name.Raw)
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				der.AddTime(b, t.NotBefore)
				der.AddTime(b, t.NotAfter)
			})
			b.AddBytes(t.Subject.Raw)
			b.AddBytes(spki)
			if len(t.Extensions) > 0 {
				b.AddASN1(der.ExplicitTag(3), func(b *cryptobyte.Builder) { addExtensions(b, t.Extensions) })
			}
		})
	})
}

func addExtensions(b *cryptobyte.Builder, list []Extension) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		for _, e := range list {
			der.AddSequence(b, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(e.OID)
				if e.Critical {
					b.AddASN1Boolean(true)
				}
				b.AddASN1OctetString(e.Value)
			})
		}
	})
}

// SignTBS signs what a Build function wrote and assembles the document.
func SignTBS(tbs []byte, signer crypto.Signer) ([]byte, error) {
	algorithm, signature, err := alg.Sign(signer, tbs)
	if err != nil {
		return nil, err
	}
	return Assemble(tbs, algorithm, signature)
}

// BuildCertificate makes a certificate in one step and reads it back.
func BuildCertificate(t Template, issuer Name, signer crypto.Signer) (*Certificate, error) {
	tbs, err := BuildTBS(t, Issuer{Name: issuer, PublicKey: signer.Public()})
	if err != nil {
		return nil, err
	}
	der, err := SignTBS(tbs, signer)
	if err != nil {
		return nil, err
	}
	return ParseCertificate(der)
}
