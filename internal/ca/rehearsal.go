package ca

import (
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/alg"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
)

// CauseNotIssuable is the cause of a check that an issuer's profile fails.
const CauseNotIssuable = "not-issuable"

// Refusal is the check that an error of Check or Rehearse means, with the field
// of the subject where it is one; false for other errors and for nil.
func Refusal(err error) (order.Check, bool) {
	check := order.Check{Verdict: order.VerdictFailed, Cause: CauseNotIssuable}
	var refused *RefusedError
	switch {
	case errors.As(err, &refused) && refused.Field != order.FieldNone:
		check.Code, check.Field = order.CheckSubject, refused.Field
	case errors.Is(err, ErrNoIssuer):
		check.Code = order.CheckKeyAlgorithm
	case errors.Is(err, ErrTerm):
		check.Code = order.CheckTerm
	case errors.Is(err, ErrRefused), errors.Is(err, ErrLint):
		check.Code = order.CheckFile
	default:
		return order.Check{}, false
	}
	return check, true
}

// rehearsalYears is how long the issuer of a rehearsal lasts around the moment.
const rehearsalYears = 20

// Rehearse tells whether an issuer with the profile would issue, as Check does,
// without an issuer at hand: with a key of the moment that signs nothing.
func Rehearse(p Profile, a Application) error {
	if err := a.validate(); err != nil {
		return err
	}
	kind, err := alg.KeyAlgorithmOf(a.Request.PublicKey)
	if err != nil {
		return err
	}
	issuer := alg.KeyECDSAP256
	if slices.Contains([]alg.KeyAlgorithm{alg.KeyBign256, alg.KeyBign384, alg.KeyBign512}, kind) {
		issuer = alg.KeyBign256
	}
	authority, err := rehearsal(p, issuer, a)
	if err != nil {
		return err
	}
	registry, err := NewRegistry(authority)
	if err != nil {
		return err
	}
	chosen, err := registry.For(a.Request.PublicKey)
	if err != nil {
		return err
	}
	_, err = chosen.Prepare(a)
	return err
}

func rehearsal(p Profile, kind alg.KeyAlgorithm, a Application) (*Authority, error) {
	key, err := alg.GenerateKey(kind, rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	id, err := alg.SubjectKeyID(key.Public())
	if err != nil {
		return nil, err
	}
	serial, err := pki.NewSerial()
	if err != nil {
		return nil, err
	}
	name, err := pki.NewName(der.UTF8String,
		pki.NameAttribute{Type: pki.OIDCountry, Value: "BY"}, pki.NameAttribute{Type: pki.OIDCommonName, Value: "rehearsal"})
	if err != nil {
		return nil, err
	}
	own, err := pki.BuildCertificate(pki.Template{
		SerialNumber: serial, Subject: name, PublicKey: key.Public(),
		NotBefore: a.Now.AddDate(-1, 0, 0), NotAfter: a.Now.AddDate(rehearsalYears, 0, 0),
		Extensions: []pki.Extension{
			pki.SubjectKeyIDExtension(id), pki.BasicConstraintsExtension(true, 0),
			pki.KeyUsageExtension(x509.KeyUsageCertSign | x509.KeyUsageCRLSign),
		},
	}, name, key)
	if err != nil {
		return nil, fmt.Errorf("rehearsal: %w", err)
	}
	return NewAuthority("rehearsal", []*pki.Certificate{own}, key, p, rand.Reader)
}
