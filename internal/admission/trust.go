package admission

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// reloadAfter is how long a loaded trust directory is used before it is read
// again: revocation lists are published into it while the service runs.
const reloadAfter = 15 * time.Second

// TrustDirectory validates against the certificates and revocation lists of a
// directory and reads it again when it is old. It is safe for concurrent use.
type TrustDirectory struct {
	dir     string
	options pki.Options
	log     *slog.Logger

	mu       sync.Mutex
	trust    pki.Trust
	loadedAt time.Time
}

// OpenTrustDirectory loads the directory; without a root in it that is an error.
func OpenTrustDirectory(dir string, options pki.Options, log *slog.Logger) (*TrustDirectory, error) {
	trust, err := pki.LoadTrust(dir)
	if err != nil {
		return nil, fmt.Errorf("trust: %w", err)
	}
	return &TrustDirectory{dir: dir, options: options, log: log, trust: trust, loadedAt: time.Now()}, nil
}

// Validate finds a certification path that is good at the instant.
func (d *TrustDirectory) Validate(cert *pki.Certificate, at time.Time, candidates ...*pki.Certificate) ([]*pki.Certificate, error) {
	return pki.NewValidator(d.Trust(), d.options).Validate(cert, at, candidates...)
}

// Trust is what the directory holds now. A directory that cannot be read any
// more leaves the last one in use until its revocation lists are stale.
func (d *TrustDirectory) Trust() pki.Trust {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.loadedAt) < reloadAfter {
		return d.trust
	}
	d.loadedAt = time.Now()
	trust, err := pki.LoadTrust(d.dir)
	if err != nil {
		d.log.Error("trust directory not read again, the last state stays in use", "error", err)
		return d.trust
	}
	d.trust = trust
	return d.trust
}

// Issuers finds the certificates of a certificate's issuers in DER, the
// nearest first and the root last, whether it is valid yet or not.
func (d *TrustDirectory) Issuers(certificate []byte) ([][]byte, error) {
	cert, err := pki.ParseCertificate(certificate)
	if err != nil {
		return nil, err
	}
	at := time.Now()
	if at.Before(cert.NotBefore) {
		at = cert.NotBefore
	}
	path, err := pki.NewValidator(d.Trust(), pki.Options{Revocation: pki.RevocationOff}).Validate(cert, at)
	if err != nil {
		return nil, err
	}
	issuers := make([][]byte, 0, len(path)-1)
	for _, c := range path[1:] {
		issuers = append(issuers, c.Raw)
	}
	return issuers, nil
}
