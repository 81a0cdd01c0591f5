package admission

import (
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/clock"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// reloadAfter is how long a loaded trust directory is used before it is read
// again: revocation lists are published into it while the service runs.
const reloadAfter = 15 * time.Second

// TrustDirectory validates against the certificates and revocation lists of a
// directory and reads it again when it is old. What has become worse keeps its
// last good state; see path.ReadDirectory. It is safe for concurrent use.
type TrustDirectory struct {
	dir     string
	options path.Options
	log     *slog.Logger

	mu   sync.Mutex
	read *path.Directory
	// current validates; names forms paths without looking at revocation.
	current, names *path.Validator
	loadedAt       time.Time
}

// OpenTrustDirectory loads the directory; without a root in it that is an error.
func OpenTrustDirectory(dir string, options path.Options, log *slog.Logger) (*TrustDirectory, error) {
	d := &TrustDirectory{dir: dir, options: options, log: log}
	if err := d.load(); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *TrustDirectory) load() error {
	now := clock.Now()
	read, err := path.ReadDirectory(d.dir, d.read, now)
	if err != nil {
		return fmt.Errorf("trust: %w", err)
	}
	d.loadedAt = now
	if d.read != nil && read.Same(d.read) {
		// The same lists need not be verified again.
		d.read = read
		return nil
	}
	trust := read.Trust()
	d.report(trust.Skipped)
	d.read = read
	d.current = path.NewValidator(trust, d.options)
	d.names = path.NewValidator(trust, path.Options{Revocation: path.RevocationOff})
	return nil
}

// report says once what is skipped, and once that nothing is any more.
func (d *TrustDirectory) report(skipped []path.Skipped) {
	var before []path.Skipped
	if d.read != nil {
		before = d.read.Trust().Skipped
	}
	if path.SameSkipped(before, skipped) {
		return
	}
	for _, s := range skipped {
		d.log.Error("file of the trust directory not used", "file", s.File, "error", s.Err, "last_state_kept", s.Kept)
	}
	if len(skipped) == 0 {
		d.log.Info("every file of the trust directory is used again")
	}
}

// Skipped are the files that could not be used at the last reading.
func (d *TrustDirectory) Skipped() []path.Skipped { return d.Trust().Skipped }

// Validate finds a certification path that is good at the instant.
func (d *TrustDirectory) Validate(cert *pki.Certificate, at time.Time, candidates ...*pki.Certificate) ([]*pki.Certificate, error) {
	current, _ := d.validators()
	return current.Validate(cert, at, candidates...)
}

// ValidateSince finds a path that was good at an instant and of which nothing
// was revoked since; see path.Validator.
func (d *TrustDirectory) ValidateSince(cert *pki.Certificate, then, now time.Time) ([]*pki.Certificate, error) {
	current, _ := d.validators()
	return current.ValidateSince(cert, then, now)
}

// VerifyDocument checks everything about a signed document; see path.Validator.
func (d *TrustDirectory) VerifyDocument(file, content []byte, at time.Time, candidates ...*pki.Certificate) (*path.Document, error) {
	current, _ := d.validators()
	return current.VerifyDocument(file, content, at, candidates...)
}

// validators are those over what the directory holds now. A directory that
// cannot be read any more leaves the last ones in use until their revocation
// lists are stale.
func (d *TrustDirectory) validators() (current, names *path.Validator) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if clock.Since(d.loadedAt) >= reloadAfter {
		if err := d.load(); err != nil {
			d.log.Error("trust directory not read again, the last state stays in use", "error", err)
			d.loadedAt = clock.Now()
		}
	}
	return d.current, d.names
}

// Issuers finds the certificates of a certificate's issuers in DER, the
// nearest first and the root last, whether it is valid yet or not.
func (d *TrustDirectory) Issuers(certificate []byte) ([][]byte, error) {
	cert, err := pki.ParseCertificate(certificate)
	if err != nil {
		return nil, err
	}
	at := clock.Now()
	if at.Before(cert.NotBefore) {
		at = cert.NotBefore
	}
	_, names := d.validators()
	path, err := names.Validate(cert, at)
	if err != nil {
		return nil, err
	}
	issuers := make([][]byte, 0, len(path)-1)
	for _, c := range path[1:] {
		issuers = append(issuers, c.Raw)
	}
	return issuers, nil
}
