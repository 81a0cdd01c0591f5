package authority

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
)

const (
	// listTerm is how long a list holds, renewBefore how long before its end it is replaced.
	listTerm    = 30 * 24 * time.Hour
	renewBefore = 20 * 24 * time.Hour
	checkEvery  = time.Hour
)

// Publish replaces the revocation lists that are missing or end in less than twenty days.
func (a *Authorities) Publish(now time.Time) error {
	var errs []error
	for f, ca := range a.cas {
		errs = append(errs,
			a.publish(filepath.Join(a.TrustDir(), string(f)+"-root.crl"), ca.Root, now),
			a.publish(filepath.Join(a.TrustDir(), string(f)+".crl"), ca.Issuing, now))
	}
	return errors.Join(errs...)
}

// KeepFresh publishes again and again, by the clock, until the context ends.
func (a *Authorities) KeepFresh(ctx context.Context, log *slog.Logger, now func() time.Time) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := a.Publish(now()); err != nil {
				log.Error("revocation lists not published", "error", err)
			}
		}
	}
}

// publish keeps the entries and the number of the list in place: the product publishes into the same file, and its own next list,
// whose number comes from its database, must not be taken for an older one.
func (a *Authorities) publish(path string, issuer testca.Authority, now time.Time) error {
	next := pki.CRLTemplate{Number: big.NewInt(1), ThisUpdate: now, NextUpdate: now.Add(listTerm)}
	if data, err := os.ReadFile(path); err == nil {
		last, err := pki.ParseCRLFile(data)
		if err != nil {
			return fmt.Errorf("revocation list %s: %w", filepath.Base(path), err)
		}
		if last.NextUpdate.Sub(now) > renewBefore {
			return nil
		}
		next.Number, next.Entries = last.Number, last.Entries
	}
	crl, err := pki.BuildCRL(next, issuer.Certificate, issuer.Key)
	if err != nil {
		return fmt.Errorf("revocation list %s: %w", filepath.Base(path), err)
	}
	return write(path, crl.Raw, 0o644)
}
