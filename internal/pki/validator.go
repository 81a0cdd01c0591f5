package pki

import (
	"bytes"
	"crypto/x509"
	"sync"
	"time"
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
	Policies []OID
	// KeyUsage, when not zero, are bits of which the first certificate must
	// have one, if it has the extension.
	KeyUsage x509.KeyUsage
	// Critical are extensions to accept as critical besides those known here.
	Critical []OID
}

// Trust is what paths are built from.
type Trust struct {
	Roots         []*Certificate
	Intermediates []*Certificate
	CRLs          []*CRL
}

// Validator checks certification paths (RFC 5280, 6) of any algorithm of the
// registry. It is immutable and safe for concurrent use.
type Validator struct {
	trust   Trust
	options Options
	// authority is set for paths of attribute authorities: their own revocation
	// counts as that of certificates further up does.
	authority bool
	// lists remembers signatures of revocation lists: real ones have megabytes.
	lists *sync.Map
}

// signedList is a list with the key that is to have signed it. Only issuers on
// a complete path are asked for, so that no stranger can make the memory grow.
type signedList struct {
	list *CRL
	key  string
}

func (v *Validator) checkList(l *CRL, issuer *Certificate) error {
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
	return &Validator{trust: trust, options: options, lists: &sync.Map{}}
}

// Trust is what the validator builds paths from.
func (v *Validator) Trust() Trust { return v.trust }

// With gives a validator that knows more CRLs and intermediate certificates.
func (v *Validator) With(more Trust) *Validator {
	t := v.trust
	t.Roots = append(append([]*Certificate{}, t.Roots...), more.Roots...)
	t.Intermediates = append(append([]*Certificate{}, t.Intermediates...), more.Intermediates...)
	t.CRLs = append(append([]*CRL{}, t.CRLs...), more.CRLs...)
	return &Validator{trust: t, options: v.options, authority: v.authority, lists: v.lists}
}

// Validate finds a path from a certificate to a trusted root that is good at
// the instant, and returns it with the certificate first and the root last.
// Without one, the error's code is that of the path that came farthest:
// first whether the issuer is known, then dates, constraints and revocation.
func (v *Validator) Validate(cert *Certificate, at time.Time, candidates ...*Certificate) ([]*Certificate, error) {
	w := &walk{v: v, at: at, candidates: candidates, checks: maxSignatureChecks}
	w.extend([]*Certificate{cert})
	if w.found != nil {
		return w.found, nil
	}
	if w.complete != nil {
		return nil, w.complete
	}
	if w.broken != nil {
		return nil, w.broken
	}
	return nil, refuse(CodeUnknownIssuer, "no path to a trusted root")
}

// walk is one search for a path, depth first.
type walk struct {
	v          *Validator
	at         time.Time
	candidates []*Certificate
	checks     int
	found      []*Certificate
	// complete is why a path that reached a root is refused; broken why one went no further.
	complete, broken error
}

func (w *walk) extend(path []*Certificate) {
	last := path[len(path)-1]
	if w.v.isRoot(last) {
		if err := w.v.checkPath(path, w.at); err != nil {
			w.note(&w.complete, err)
			return
		}
		w.found = append([]*Certificate{}, path...)
		return
	}
	if len(path) >= maxPath {
		w.note(&w.broken, refuse(CodePathTooLong, "more than %d certificates", maxPath))
		return
	}
	for _, set := range [][]*Certificate{w.v.trust.Roots, w.v.trust.Intermediates, w.candidates} {
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
func (w *walk) issued(c, issuer *Certificate) bool {
	if w.checks--; w.checks < 0 {
		return false
	}
	if err := c.CheckSignatureFrom(issuer); err != nil {
		w.note(&w.broken, err)
		return false
	}
	if err := issuer.mayIssue(); err != nil {
		w.note(&w.broken, err)
		return false
	}
	return true
}

// mayIssue tells whether a certificate is a CA's. Roots of version 1 have no
// extensions and do not occur in GosSUOK: they are refused.
func (c *Certificate) mayIssue() error {
	if !c.BasicConstraints.CA {
		return refuse(CodeNotCA, "an issuer is not a CA")
	}
	if c.HasKeyUsage && c.KeyUsage&x509.KeyUsageCertSign == 0 {
		return refuse(CodeNotCA, "an issuer's key may not sign certificates")
	}
	return nil
}

// names tells whether a certificate names another as its issuer.
func names(c, issuer *Certificate) bool {
	if !c.IssuerName.Equal(issuer.SubjectName) {
		return false
	}
	return c.AuthorityKeyID == nil || issuer.SubjectKeyID == nil || bytes.Equal(c.AuthorityKeyID, issuer.SubjectKeyID)
}

func contains(path []*Certificate, c *Certificate) bool {
	for _, p := range path {
		if bytes.Equal(p.Raw, c.Raw) || p.SubjectName.Equal(c.SubjectName) && bytes.Equal(p.RawSPKI, c.RawSPKI) {
			return true
		}
	}
	return false
}

func (v *Validator) isRoot(c *Certificate) bool {
	for _, r := range v.trust.Roots {
		if bytes.Equal(r.Raw, c.Raw) {
			return true
		}
	}
	return false
}
