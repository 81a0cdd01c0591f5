package ca

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// CRL is a revocation list to be signed.
type CRL struct {
	// Number counts an issuer's lists from 1.
	Number     int64
	ThisUpdate time.Time
	Entries    []Revocation
}

// ErrReason is returned for a reason that cannot be that of a person's certificate.
var ErrReason = errors.New("not a reason for which a person's certificate is revoked")

// NewRevocation checks the reason (RFC 5280, 5.3.1): those of CAs and those of
// a hold, which could be taken back, are refused.
func NewRevocation(issuer string, serial Serial, reason pki.Reason, at time.Time) (Revocation, error) {
	switch reason {
	case pki.ReasonUnspecified, pki.ReasonKeyCompromise, pki.ReasonAffiliationChanged, pki.ReasonSuperseded,
		pki.ReasonCessationOfOperation, pki.ReasonPrivilegeWithdrawn:
	case pki.ReasonCACompromise, pki.ReasonCertificateHold, pki.ReasonRemoveFromCRL, pki.ReasonAACompromise:
		return Revocation{}, fmt.Errorf("%w: %s", ErrReason, reason)
	default:
		return Revocation{}, ErrReason
	}
	if n := serial.Int(); n == nil || n.Sign() <= 0 || issuer == "" || at.IsZero() {
		return Revocation{}, ErrSerial
	}
	return Revocation{Issuer: issuer, Serial: serial, Reason: reason, At: at.UTC().Truncate(time.Second)}, nil
}

// SignCRL signs a list that holds for the profile's term and verifies it with
// the issuer's certificate before it returns it in DER.
func (a *Authority) SignCRL(ctx context.Context, list CRL) ([]byte, error) {
	entries := make([]pki.Revoked, 0, len(list.Entries))
	for _, r := range list.Entries {
		if r.Issuer != a.name {
			return nil, fmt.Errorf("revocation list of %s: an entry of issuer %q", a.name, r.Issuer)
		}
		entries = append(entries, pki.Revoked{SerialNumber: r.Serial.Int(), At: r.At, Reason: r.Reason})
	}
	slices.SortFunc(entries, func(x, y pki.Revoked) int {
		return cmp.Or(x.At.Compare(y.At), x.SerialNumber.Cmp(y.SerialNumber))
	})
	this := list.ThisUpdate.UTC().Truncate(time.Second)
	tbs, err := pki.BuildTBSCRL(pki.CRLTemplate{
		Number: big.NewInt(list.Number), ThisUpdate: this, NextUpdate: this.Add(a.profile.crlTerm()),
		Entries: entries, AuthorityKeyID: a.certificate.SubjectKeyID,
	}, pki.IssuerOf(a.certificate))
	if err != nil {
		return nil, fmt.Errorf("revocation list of %s: %w", a.name, err)
	}
	der, err := a.sign(ctx, tbs)
	if err != nil {
		return nil, fmt.Errorf("revocation list of %s: %w", a.name, err)
	}
	made, err := pki.ParseCRL(der)
	if err != nil || !bytes.Equal(made.RawTBS, tbs) {
		return nil, fmt.Errorf("%w: revocation list of %s", ErrSignature, a.name)
	}
	if err := made.CheckSignatureFrom(a.certificate); err != nil {
		return nil, fmt.Errorf("%w: revocation list of %s: %w", ErrSignature, a.name, err)
	}
	return der, nil
}

// BuildCRL makes an issuer's revocation list of the moment and returns it with
// its number. A number is used up even when signing fails: they only grow.
// What is kept stands on the list besides what the revocations know.
func BuildCRL(
	ctx context.Context, issuer Issuer, revocations Revocations, at time.Time, kept ...Revocation,
) (der []byte, number int64, err error) {
	if number, err = revocations.NextCRLNumber(ctx, issuer.Name()); err != nil {
		return nil, 0, fmt.Errorf("revocation list of %s: number: %w", issuer.Name(), err)
	}
	// Read after the number is drawn: a later number never has fewer entries.
	entries, err := revocations.Revoked(ctx, issuer.Name(), at)
	if err != nil {
		return nil, 0, fmt.Errorf("revocation list of %s: %w", issuer.Name(), err)
	}
	der, err = issuer.SignCRL(ctx, CRL{Number: number, ThisUpdate: at, Entries: append(entries, kept...)})
	return der, number, err
}

// PublishCRL makes the list and puts it, whole or not at all, into the
// directory as NAME.crl, from where it is served. It returns its number. A
// list with a later number that is there already stays: who was slower, the
// schedule or an operator's revocation, must not take an entry back.
func PublishCRL(
	ctx context.Context, issuer Issuer, revocations Revocations, directory string, at time.Time, kept ...Revocation,
) (int64, error) {
	der, number, err := BuildCRL(ctx, issuer, revocations, at, kept...)
	if err != nil {
		return 0, err
	}
	path := filepath.Join(directory, issuer.Name()+".crl")
	own, err := pki.ParseCertificate(issuer.Chain()[0])
	if err != nil {
		return 0, fmt.Errorf("publish: %w", err)
	}
	// A file that is no list of the issuer's, or a damaged one, is replaced.
	last := readList(path, own)
	if last != nil && last.Number != nil && last.Number.Cmp(big.NewInt(number)) > 0 {
		return number, nil
	}
	return number, writeWhole(path, der)
}

// writeWhole replaces a file so that a reader sees the old or the new content.
func writeWhole(path string, content []byte) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".crl-*")
	if err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, err = f.Write(content)
	// The list is public; the temporary file was not.
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	if err = os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("publish: %w", err)
	}
	return nil
}
