package path

import (
	"bytes"
	"crypto/x509"
	"sync"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/der"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// Revocation is how far up a path certificates must be proven not revoked.
type Revocation int

// The ways to check revocation.
const (
	// RevocationAll wants a fresh CRL for every certificate below the root.
	RevocationAll Revocation = iota
	// RevocationLeaf wants one for the first certificate; further up a list counts only when it names a certificate.
	RevocationLeaf
	// RevocationOff looks at no CRL.
	RevocationOff
)

// maxPath bounds the certificates of a path; GosSUOK has three.
const maxPath = 8

// maxSignatureChecks bounds the work that a set of look-alike issuers can cause.
const maxSignatureChecks = 64

// Options narrow what a Validator accepts.
type Options struct {
	Revocation Revocation
	// Policies, when given, are those of which the first certificate must carry one.
	Policies []der.OID
	// KeyUsage, when not zero, are bits of which the first certificate must
	// have one, if it has the extension.
	KeyUsage x509.KeyUsage
	// Critical are extensions to accept as critical besides those known here.
	Critical []der.OID
}

// Trust is what paths are built from.
type Trust struct {
	Roots         []*pki.Certificate
	Intermediates []*pki.Certificate
	CRLs          []*pki.CRL
	// Skipped are the files of a trust directory that could not be used.
	Skipped []Skipped
}

// Validator checks certification paths (RFC 5280, 6) of any algorithm of the
// registry. It is immutable and safe for concurrent use.
type Validator struct {
	trust   Trust
	options Options
	// authority is set for paths of attribute authorities: their own revocation
	// counts as that of certificates further up does.
	authority bool
	byIssuer  map[string][]*pki.CRL
	// lists remembers signatures of revocation lists: real ones have megabytes.
	lists *sync.Map
}

// signedList is a list with the key that is to have signed it. Only issuers on
// a complete path are asked for, so that no stranger can make the memory grow.
type signedList struct {
	list *pki.CRL
	key  string
}

func (v *Validator) checkList(l *pki.CRL, issuer *pki.Certificate) error {
	id := signedList{l, string(issuer.RawSPKI)}
	if known, ok := v.lists.Load(id); ok {
		err, _ := known.(error)
		return err
	}
	err := l.CheckSignatureFrom(issuer)
	v.lists.Store(id, err)
	return err
}

// NewValidator makes a validator; without a root it trusts nothing.
func NewValidator(trust Trust, options Options) *Validator {
	return &Validator{trust: trust, options: options, byIssuer: indexLists(trust.CRLs), lists: &sync.Map{}}
}

// Trust is what the validator builds paths from.
func (v *Validator) Trust() Trust { return v.trust }

// With gives a validator that knows more CRLs and intermediate certificates.
func (v *Validator) With(more Trust) *Validator {
	t := v.trust
	t.Roots = append(append([]*pki.Certificate{}, t.Roots...), more.Roots...)
	t.Intermediates = append(append([]*pki.Certificate{}, t.Intermediates...), more.Intermediates...)
	t.CRLs = append(append([]*pki.CRL{}, t.CRLs...), more.CRLs...)
	return &Validator{trust: t, options: v.options, authority: v.authority, byIssuer: indexLists(t.CRLs), lists: v.lists}
}

// Validate finds a path from a certificate to a trusted root that is good at
// the instant, and returns it with the certificate first and the root last.
// Without one, the error's code is that of the path that came farthest:
// first whether the issuer is known, then dates, constraints and revocation.
func (v *Validator) Validate(cert *pki.Certificate, at time.Time, candidates ...*pki.Certificate) ([]*pki.Certificate, error) {
	return v.walk(&walk{v: v, dates: at, now: at, candidates: candidates}, cert)
}

// ValidateSince finds a path whose dates were good at an instant in the past
// and of which, by what is known now, nothing is revoked: what ran out in
// between does no harm, as long as it was not revoked before. Errors as of Validate.
func (v *Validator) ValidateSince(cert *pki.Certificate, then, now time.Time) ([]*pki.Certificate, error) {
	return v.walk(&walk{v: v, dates: then, now: now}, cert)
}

func (v *Validator) walk(w *walk, cert *pki.Certificate) ([]*pki.Certificate, error) {
	w.checks = maxSignatureChecks
	w.extend([]*pki.Certificate{cert})
	if w.found != nil {
		return w.found, nil
	}
	if w.complete != nil {
		return nil, w.complete
	}
	if w.broken != nil {
		return nil, w.broken
	}
	return nil, fault.New(fault.UnknownIssuer, "no path to a trusted root")
}

// walk is one search for a path, depth first.
type walk struct {
	v *Validator
	// dates is the instant for periods of validity, now that for revocation lists.
	dates, now time.Time
	candidates []*pki.Certificate
	checks     int
	found      []*pki.Certificate
	// complete is why a path that reached a root is refused; broken why one went no further.
	complete, broken error
}

func (w *walk) extend(path []*pki.Certificate) {
	last := path[len(path)-1]
	if w.v.isRoot(last) {
		if err := w.v.checkPath(path, w.dates, w.now); err != nil {
			w.note(&w.complete, err)
			return
		}
		w.found = append([]*pki.Certificate{}, path...)
		return
	}
	if len(path) >= maxPath {
		w.note(&w.broken, fault.New(fault.PathTooLong, "more than %d certificates", maxPath))
		return
	}
	for _, set := range [][]*pki.Certificate{w.v.trust.Roots, w.v.trust.Intermediates, w.candidates} {
		for _, issuer := range set {
			if w.found != nil {
				return
			}
			if names(last, issuer) && !contains(path, issuer) && w.issued(last, issuer) {
				w.extend(append(path[:len(path):len(path)], issuer))
			}
		}
	}
}

func (w *walk) note(slot *error, err error) {
	if *slot == nil {
		*slot = err
	}
}

// issued checks what a certificate and its issuer must fulfil between them.
func (w *walk) issued(c, issuer *pki.Certificate) bool {
	if w.checks--; w.checks < 0 {
		return false
	}
	if err := c.CheckSignatureFrom(issuer); err != nil {
		w.note(&w.broken, err)
		return false
	}
	if err := mayIssue(issuer); err != nil {
		w.note(&w.broken, err)
		return false
	}
	return true
}

// mayIssue tells whether a certificate is a CA's. Roots of version 1 have no
// extensions and do not occur in GosSUOK: they are refused.
func mayIssue(c *pki.Certificate) error {
	if !c.BasicConstraints.CA {
		return fault.New(fault.NotCA, "an issuer is not a CA")
	}
	if c.HasKeyUsage && c.KeyUsage&x509.KeyUsageCertSign == 0 {
		return fault.New(fault.NotCA, "an issuer's key may not sign certificates")
	}
	return nil
}

// names tells whether a certificate names another as its issuer.
func names(c, issuer *pki.Certificate) bool {
	if !c.IssuerName.Equal(issuer.SubjectName) {
		return false
	}
	return c.AuthorityKeyID == nil || issuer.SubjectKeyID == nil || bytes.Equal(c.AuthorityKeyID, issuer.SubjectKeyID)
}

func contains(path []*pki.Certificate, c *pki.Certificate) bool {
	for _, p := range path {
		if bytes.Equal(p.Raw, c.Raw) || p.SubjectName.Equal(c.SubjectName) && bytes.Equal(p.RawSPKI, c.RawSPKI) {
			return true
		}
	}
	return false
}

func (v *Validator) isRoot(c *pki.Certificate) bool {
	for _, r := range v.trust.Roots {
		if bytes.Equal(r.Raw, c.Raw) {
			return true
		}
	}
	return false
}
