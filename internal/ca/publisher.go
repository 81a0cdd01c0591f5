package ca

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// CRLStore remembers revocations and counts the lists of them; the count can be raised.
type CRLStore interface {
	Revocations
	// RaiseCRLNumber makes the issuer's next list number greater than the given one.
	RaiseCRLNumber(ctx context.Context, issuer string, atLeast int64) error
}

// Published is a revocation list that was put into the directory.
type Published struct {
	Issuer string
	Number int64
	// DER is the list.
	DER []byte
}

// Publisher keeps the revocation lists of a directory fresh.
type Publisher struct {
	issuers   *Registry
	store     CRLStore
	directory string
	period    time.Duration
}

// NewPublisher publishes into the directory, as NAME.crl, at least once in
// every period, which has to be shorter than the lists of all issuers hold.
func NewPublisher(issuers *Registry, store CRLStore, directory string, period time.Duration) (*Publisher, error) {
	if issuers == nil || store == nil || directory == "" || period <= 0 {
		return nil, errors.New("publisher: want issuers, revocations, a directory and a period")
	}
	for _, i := range issuers.All() {
		if a, ok := i.(*Authority); ok && a.profile.crlTerm() <= period {
			return nil, fmt.Errorf("publisher: the lists of %s hold %s and would be published every %s only", a.name, a.profile.crlTerm(), period)
		}
	}
	return &Publisher{issuers: issuers, store: store, directory: directory, period: period}, nil
}

// Publish makes the lists that are due at the instant and returns them. A list
// is due when there is no good one, when it is a period old, when it is in the
// last half of its term, and when a revoked certificate is not on it. One
// issuer's failure does not keep the others from publishing.
func (p *Publisher) Publish(ctx context.Context, at time.Time) ([]Published, error) {
	var out []Published
	var errs []error
	for _, issuer := range p.issuers.All() {
		made, err := p.publish(ctx, issuer, at)
		errs = append(errs, err)
		if made != nil {
			out = append(out, *made)
		}
	}
	return out, errors.Join(errs...)
}

func (p *Publisher) publish(ctx context.Context, issuer Issuer, at time.Time) (*Published, error) {
	own, err := pki.ParseCertificate(issuer.Chain()[0])
	if err != nil {
		return nil, err
	}
	path := filepath.Join(p.directory, issuer.Name()+".crl")
	last := readList(path, own)
	revoked, err := p.store.Revoked(ctx, issuer.Name(), at)
	if err != nil {
		return nil, err
	}
	// Also when nothing is due: a period is too long for a revocation to be unknown.
	kept, err := p.recover(ctx, issuer.Name(), last, revoked)
	if err != nil {
		return nil, err
	}
	if !p.due(last, revoked, at) {
		return nil, nil //nolint:nilnil // nothing is due
	}
	if last != nil && last.Number != nil && last.Number.IsInt64() {
		if err := p.store.RaiseCRLNumber(ctx, issuer.Name(), last.Number.Int64()); err != nil {
			return nil, err
		}
	}
	number, err := PublishCRL(ctx, issuer, p.store, p.directory, at, kept...)
	if err != nil {
		return nil, err
	}
	der, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return &Published{Issuer: issuer.Name(), Number: number, DER: der}, nil
}

func (p *Publisher) due(last *pki.CRL, revoked []Revocation, at time.Time) bool {
	if last == nil {
		return true
	}
	age, term := at.Sub(last.ThisUpdate), last.NextUpdate.Sub(last.ThisUpdate)
	if age < 0 || age >= p.period || age > term/2 {
		return true
	}
	for _, r := range revoked {
		if _, listed := last.Find(r.Serial.Int()); !listed {
			return true
		}
	}
	return false
}

// recover gives the database back what it lost when it was restored from an
// older backup: the revocations that stand on the last list. Entries of
// certificates that the database does not know at all are returned: they stay
// on the list.
func (p *Publisher) recover(ctx context.Context, issuer string, last *pki.CRL, revoked []Revocation) ([]Revocation, error) {
	if last == nil {
		return nil, nil
	}
	known := make(map[Serial]bool, len(revoked))
	for _, r := range revoked {
		known[r.Serial] = true
	}
	var kept []Revocation
	for _, e := range last.Entries {
		serial, err := SerialOf(e.SerialNumber)
		if err != nil || known[serial] {
			continue
		}
		r := Revocation{Issuer: issuer, Serial: serial, Reason: e.Reason, At: e.At}
		switch err := p.store.Revoke(ctx, r); {
		case errors.Is(err, ErrUnknownCertificate):
			kept = append(kept, r)
		case err != nil:
			return nil, err
		}
	}
	return kept, nil
}

// readList gives nothing for a list that is not there, not readable or not
// signed by the issuer: all of them are replaced and none is believed.
func readList(path string, issuer *pki.Certificate) *pki.CRL {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	list, err := pki.ParseCRLFile(data)
	if err != nil || list.CheckSignatureFrom(issuer) != nil {
		return nil
	}
	return list
}
