package approval

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Formats of stored evidence and of exported bundles.
const (
	EvidenceFormat = "remote-issuance/evidence/1"
	BundleFormat   = "remote-issuance/approval/2"
)

// Evidence is what a signature was verified against, kept at that moment:
// years later neither the certificates nor the revocation lists can be fetched.
type Evidence struct {
	Format string    `json:"format"`
	At     time.Time `json:"at"`
	// Certificates are the roots and intermediates that were trusted, in DER.
	Certificates [][]byte `json:"certificates"`
	// ListIDs are the stored revocation lists; each list is stored once.
	ListIDs []string `json:"listIds"`
}

// EvidenceOf takes down what is trusted at the instant; listID gives the id
// under which a revocation list is stored.
func EvidenceOf(trust path.Trust, at time.Time, listID func(der []byte) string) Evidence {
	e := Evidence{Format: EvidenceFormat, At: at, Certificates: nil, ListIDs: nil}
	for _, c := range append(append([]*pki.Certificate{}, trust.Roots...), trust.Intermediates...) {
		e.Certificates = append(e.Certificates, c.Raw)
	}
	for _, l := range trust.CRLs {
		e.ListIDs = append(e.ListIDs, listID(l.Raw))
	}
	return e
}

// ParseEvidence reads stored evidence back.
func ParseEvidence(data []byte) (Evidence, error) {
	var e Evidence
	if err := json.Unmarshal(data, &e); err != nil {
		return Evidence{}, fmt.Errorf("evidence: %w", err)
	}
	if e.Format != EvidenceFormat {
		return Evidence{}, errors.New("evidence: another format")
	}
	return e, nil
}

// Bundle is an approval with everything its verification needs, without a
// database and without a network.
type Bundle struct {
	Format         string `json:"format"`
	ConfirmationID string `json:"confirmationId"`
	// At is the instant at which the signature was verified first.
	At time.Time `json:"at"`
	// List are the canonical bytes that were signed, Signature is the CMS message.
	List      []byte `json:"list"`
	Signature []byte `json:"signature"`
	// SignedInWith is the certificate in DER that the manager had signed in with.
	SignedInWith []byte `json:"signedInWith"`
	// Certificates and Lists are the certificates that were trusted and their
	// revocation lists, in DER.
	Certificates [][]byte `json:"certificates"`
	Lists        [][]byte `json:"lists"`
	// Audit proves the entry of the approval in the audit log, and by when the
	// log had it; nil in a bundle that is not exported.
	Audit *audit.Proof `json:"audit,omitempty"`
}

// ErrBundle is returned for a bundle that cannot be read.
var ErrBundle = errors.New("not an approval bundle")

// ParseBundle reads an exported bundle.
func ParseBundle(data []byte) (Bundle, error) {
	var b Bundle
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&b); err != nil {
		return Bundle{}, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	if b.Format != BundleFormat || b.At.IsZero() {
		return Bundle{}, fmt.Errorf("%w: another format", ErrBundle)
	}
	return b, nil
}

// Trust is what the bundle relies on. With roots given, those replace the
// bundle's own: a bundle proves nothing about its own roots.
func (b Bundle) Trust(roots ...*pki.Certificate) (path.Trust, error) {
	var own path.Trust
	for _, der := range b.Certificates {
		c, err := pki.ParseCertificate(der)
		if err != nil {
			return path.Trust{}, fmt.Errorf("%w: certificate: %w", ErrBundle, err)
		}
		own.Add(c)
	}
	for _, der := range b.Lists {
		l, err := pki.ParseCRL(der)
		if err != nil {
			return path.Trust{}, fmt.Errorf("%w: revocation list: %w", ErrBundle, err)
		}
		own.CRLs = append(own.CRLs, l)
	}
	if len(roots) > 0 {
		own.Roots = roots
	}
	return own, nil
}

// Verify checks the manager's signature over the list as it was checked at
// first: bytes, path, revocation, all at the instant of then. With roots given,
// only those are trusted. ErrBundle for a bundle that cannot be read.
func (b Bundle) Verify(roots ...*pki.Certificate) (order.Report, order.Subject, error) {
	trust, err := b.Trust(roots...)
	if err != nil {
		return nil, order.Subject{}, err
	}
	candidate, err := pki.ParseCertificate(b.SignedInWith)
	if err != nil {
		return nil, order.Subject{}, fmt.Errorf("%w: %w", ErrBundle, err)
	}
	report, signer := Verify(path.NewValidator(trust, path.Options{}), b.List, b.Signature, b.At, candidate)
	return report, signer, nil
}

// ErrRecorded is returned for a bundle that is not what an audit entry records.
var ErrRecorded = errors.New("the audit entry is of another approval")

// evidence is what was kept of the signature's verification, byte for byte as
// EvidenceDocuments wrote it.
func (b Bundle) evidence() ([]byte, error) {
	e := Evidence{Format: EvidenceFormat, At: b.At, Certificates: b.Certificates}
	for _, l := range b.Lists {
		e.ListIDs = append(e.ListIDs, order.RevocationListDocumentID(l).String())
	}
	return json.Marshal(e)
}

// RecordedBy tells whether the entry records exactly this approval: the
// confirmation, list, signature and certificate, what it was verified against,
// at this instant. ErrRecorded names what differs.
func (b Bundle) RecordedBy(e audit.Entry) error {
	switch {
	case e.Action != audit.ActionListSigned || e.OrderID != b.ConfirmationID:
		return fmt.Errorf("%w: entry %d is not of the signature of list %s", ErrRecorded, e.Sequence, b.ConfirmationID)
	case !e.At.Equal(b.At.Truncate(time.Microsecond)):
		return fmt.Errorf("%w: entry %d was made at %s, and the approval claims %s", ErrRecorded, e.Sequence,
			e.At.UTC().Format(time.RFC3339Nano), b.At.UTC().Format(time.RFC3339Nano))
	}
	evidence, err := b.evidence()
	if err != nil {
		return fmt.Errorf("evidence of a signature: %w", err)
	}
	for _, part := range []struct {
		name    string
		content []byte
	}{{"list", b.List}, {"signature", b.Signature}, {"certificate", b.SignedInWith}, {"evidence", evidence}} {
		if err := e.Proves(part.name, part.content); err != nil {
			return fmt.Errorf("%w: %w", ErrRecorded, err)
		}
	}
	return nil
}
