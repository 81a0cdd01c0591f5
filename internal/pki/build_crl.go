package pki

import (
	"crypto"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// CRLTemplate is what a revocation list to be made says.
type CRLTemplate struct {
	Number                 *big.Int
	ThisUpdate, NextUpdate time.Time
	Entries                []Revoked
	// AuthorityKeyID is the key identifier of the issuer's certificate, nil to leave it out.
	AuthorityKeyID []byte
}

// BuildTBSCRL writes the TBSCertList that the issuer is to sign.
func BuildTBSCRL(t CRLTemplate, issuer Issuer) ([]byte, error) {
	algorithm, err := SignatureAlgorithm(issuer.PublicKey)
	if err != nil {
		return nil, err
	}
	if t.Number == nil || t.Number.Sign() < 0 || !t.ThisUpdate.Before(t.NextUpdate) {
		return nil, refuse(CodeMalformed, "a revocation list has a number and ends after it begins")
	}
	number, err := build(func(b *cryptobyte.Builder) { b.AddASN1BigInt(t.Number) })
	if err != nil {
		return nil, err
	}
	extensions := []Extension{{OID: OIDCRLNumber, Value: number}}
	if t.AuthorityKeyID != nil {
		extensions = append(extensions, AuthorityKeyIDExtension(t.AuthorityKeyID))
	}
	return build(func(b *cryptobyte.Builder) {
		addSequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			b.AddBytes(algorithm.Raw)
			b.AddBytes(issuer.Name.Raw)
			addTime(b, t.ThisUpdate)
			addTime(b, t.NextUpdate)
			if len(t.Entries) > 0 {
				addSequence(b, func(b *cryptobyte.Builder) {
					for _, r := range t.Entries {
						addRevoked(b, r)
					}
				})
			}
			b.AddASN1(explicitTag(0), func(b *cryptobyte.Builder) { addExtensions(b, extensions) })
		})
	})
}

func addRevoked(b *cryptobyte.Builder, r Revoked) {
	addSequence(b, func(b *cryptobyte.Builder) {
		if err := checkSerial(r.SerialNumber); err != nil {
			b.SetError(err)
			return
		}
		b.AddASN1BigInt(r.SerialNumber)
		addTime(b, r.At)
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
