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

// Numbers are the revocations of a database whose list numbers can be raised.
type Numbers interface {
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
	numbers   Numbers
	directory string
	period    time.Duration
}

// NewPublisher publishes into the directory, as NAME.crl, at least once in
// every period, which has to be shorter than the lists of all issuers hold.
func NewPublisher(issuers *Registry, numbers Numbers, directory string, period time.Duration) (*Publisher, error) {
	if issuers == nil || numbers == nil || directory == "" || period <= 0 {
		return nil, errors.New("publisher: want issuers, revocations, a directory and a period")
	}
	for _, i := range issuers.All() {
		if a, ok := i.(*Authority); ok && a.profile.crlTerm() <= period {
			return nil, fmt.Errorf("publisher: the lists of %s hold %s and would be published every %s only", a.name, a.profile.crlTerm(), period)
		}
	}
	return &Publisher{issuers: issuers, numbers: numbers, directory: directory, period: period}, nil
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
	path := filepath.Join(p.directory, issuer.Name()+".crl")
	last := readList(path)
	if last != nil {
		due, err := p.due(ctx, issuer, last, at)
		if err != nil || !due {
			return nil, err
		}
		// A list that is there was published with a number that the database,
		// restored from a backup or made anew, may not know.
		if last.Number != nil && last.Number.IsInt64() {
			if err := p.numbers.RaiseCRLNumber(ctx, issuer.Name(), last.Number.Int64()); err != nil {
				return nil, err
			}
		}
	}
	number, err := PublishCRL(ctx, issuer, p.numbers, p.directory, at)
	if err != nil {
		return nil, err
	}
	der, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("publish: %w", err)
	}
	return &Published{Issuer: issuer.Name(), Number: number, DER: der}, nil
}

func (p *Publisher) due(ctx context.Context, issuer Issuer, last *pki.CRL, at time.Time) (bool, error) {
	own, err := pki.ParseCertificate(issuer.Chain()[0])
	if err != nil {
		return false, err
	}
	age, term := at.Sub(last.ThisUpdate), last.NextUpdate.Sub(last.ThisUpdate)
	if age < 0 || age >= p.period || age > term/2 || last.CheckSignatureFrom(own) != nil {
		return true, nil
	}
	revoked, err := p.numbers.Revoked(ctx, issuer.Name(), at)
	if err != nil {
		return false, err
	}
	for _, r := range revoked {
		if _, listed := last.Find(r.Serial.Int()); !listed {
			return true, nil
		}
	}
	return false, nil
}

// readList gives nothing for a list that is not there or not readable: both
// are replaced.
func readList(path string) *pki.CRL {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	list, err := pki.ParseCRLFile(data)
	if err != nil {
		return nil
	}
	return list
}
