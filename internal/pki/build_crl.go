package pki

import (
	"crypto"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// CRLTemplate is what a revocation list to be made says.
type CRLTemplate struct {
	Number                 *big.Int
	ThisUpdate, NextUpdate time.Time
	Entries                []Revoked
	// AuthorityKeyID is the key identifier of the issuer's certificate, nil to leave it out.
	AuthorityKeyID []byte
	// Extensions stand beside the number and the key identifier.
	Extensions []Extension
}

// BuildTBSCRL writes the TBSCertList that the issuer is to sign.
func BuildTBSCRL(t CRLTemplate, issuer Issuer) ([]byte, error) {
	algorithm, err := alg.SignatureAlgorithm(issuer.PublicKey)
	if err != nil {
		return nil, err
	}
	if t.Number == nil || t.Number.Sign() < 0 || !t.ThisUpdate.Before(t.NextUpdate) {
		return nil, fault.New(fault.Malformed, "a revocation list has a number and ends after it begins")
	}
	number, err := der.Build(func(b *cryptobyte.Builder) { b.AddASN1BigInt(t.Number) })
	if err != nil {
		return nil, err
	}
	extensions := []Extension{{OID: OIDCRLNumber, Value: number}}
	if t.AuthorityKeyID != nil {
		extensions = append(extensions, AuthorityKeyIDExtension(t.AuthorityKeyID))
	}
	extensions = append(extensions, t.Extensions...)
	return der.Build(func(b *cryptobyte.Builder) {
		der.AddSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddBytes(algorithm.Raw)
			b.AddBytes(issuer.Name.Raw)
			der.AddTime(b, t.ThisUpdate)
			der.AddTime(b, t.NextUpdate)
			if len(t.Entries) > 0 {
				der.AddSequence(b, func(b *cryptobyte.Builder) {
					for _, r := range t.Entries {
						addRevoked(b, r)
					}
				})
			}
			b.AddASN1(der.ExplicitTag(0), func(b *cryptobyte.Builder) { addExtensions(b, extensions) })
		})
	})
}

func addRevoked(b *cryptobyte.Builder, r Revoked) {
	der.AddSequence(b, func(b *cryptobyte.Builder) {
		if err := checkSerial(r.SerialNumber); err != nil {
			b.SetError(err)
			return
		}
		b.AddASN1BigInt(r.SerialNumber)
		der.AddTime(b, r.At)
		if r.Reason == ReasonUnspecified {
			return
		}
		reason := cryptobyte.NewBuilder(nil)
		reason.AddASN1Enum(int64(r.Reason))
		addExtensions(b, []Extension{{OID: OIDReasonCode, Value: reason.BytesOrPanic()}})
	})
}

// BuildCRL makes a revocation list in one step and reads it back.
func BuildCRL(t CRLTemplate, issuer *Certificate, signer crypto.Signer) (*CRL, error) {
	if t.AuthorityKeyID == nil {
		t.AuthorityKeyID = issuer.SubjectKeyID
	}
	tbs, err := BuildTBSCRL(t, IssuerOf(issuer))
	if err != nil {
		return nil, err
	}
	der, err := SignTBS(tbs, signer)
	if err != nil {
		return nil, err
	}
	return ParseCRL(der)
}
