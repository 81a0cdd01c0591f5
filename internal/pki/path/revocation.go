package path

import (
	"bytes"
	"crypto/x509"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
	"github.com/remote-issuance/remote-issuance/internal/pki/fault"
)

// clockSkew is how far a list may begin after the instant of a check: clocks of
// issuers and of ours differ.
const clockSkew = 5 * time.Minute

// indexLists sorts usable lists by issuer, so that a check looks at its own
// issuer's only, however many others are trusted.
func indexLists(lists []*pki.CRL) map[string][]*pki.CRL {
	out := make(map[string][]*pki.CRL, len(lists))
	for _, l := range lists {
		if l.Usable() == nil {
			key := nameKey(l.IssuerName)
			out[key] = append(out[key], l)
		}
	}
	return out
}

// nameKey is the same for all names that are equal; Name.Equal decides among
// those of one key.
func nameKey(n pki.Name) string {
	var b strings.Builder
	for _, a := range n.Attributes {
		b.WriteString(a.Type.String())
		b.WriteByte('=')
		b.WriteString(strings.ToLower(strings.ToUpper(strings.Join(strings.Fields(a.Value), " "))))
		b.WriteByte(';')
	}
	return b.String()
}

// checkRevocation looks a certificate up in its issuer's lists.
func (v *Validator) checkRevocation(c, issuer *pki.Certificate, leaf bool, at time.Time) error {
	if v.options.Revocation == RevocationOff {
		return nil
	}
	required := leaf && !v.authority || v.options.Revocation == RevocationAll
	covers := func(s pki.Scope) bool { return s.Covers(c) }
	return v.revoked(issuer, c.SerialNumber, covers, required, at)
}

// revoked looks a serial number up in the issuer's lists that cover it, of each
// scope the newest. A list that names it is believed however old, because
// revocation is final; where proof is required, one of them must be fresh.
func (v *Validator) revoked(
	issuer *pki.Certificate, serial *big.Int, covers func(pki.Scope) bool, required bool, at time.Time,
) error {
	lists, bad := v.listsOf(issuer, covers, at)
	var fresh bool
	var stale error
	for _, l := range lists {
		if r, ok := l.Revokes(serial, at); ok {
			return fault.New(fault.Revoked, "%s at %s", r.Reason, r.At.UTC().Format(time.RFC3339))
		}
		if err := freshness(l, at); err != nil {
			stale = err
			continue
		}
		fresh = true
	}
	switch {
	case !required && len(lists) > 0, fresh:
		return nil
	case stale != nil:
		return stale
	case bad != nil:
		return bad
	case required:
		return fault.New(fault.CRLMissing, "no revocation list of the issuer for this certificate")
	default:
		return nil
	}
}

// freshness refuses a list that is no proof at the instant.
func freshness(l *pki.CRL, at time.Time) error {
	switch {
	case l.NextUpdate.IsZero():
		return fault.New(fault.CRLStale, "the issuer's list does not say when it is renewed")
	case at.After(l.NextUpdate):
		return fault.New(fault.CRLStale, "the issuer's list was to be renewed by %s", l.NextUpdate.UTC().Format(time.RFC3339))
	case at.Add(clockSkew).Before(l.ThisUpdate):
		return fault.New(fault.CRLStale, "the issuer's list begins at %s", l.ThisUpdate.UTC().Format(time.RFC3339))
	default:
		return nil
	}
}

// listsOf gives the issuer's lists that cover what is asked for, of each scope
// the newest that has begun, or else the newest of all. The error tells of lists
// that are not the issuer's although they say so.
func (v *Validator) listsOf(issuer *pki.Certificate, covers func(pki.Scope) bool, at time.Time) ([]*pki.CRL, error) {
	var out []*pki.CRL
	var bad error
	for _, l := range v.byIssuer[nameKey(issuer.SubjectName)] {
		if !l.IssuerName.Equal(issuer.SubjectName) || !covers(l.Scope) {
			continue
		}
		if l.AuthorityKeyID != nil && issuer.SubjectKeyID != nil && !bytes.Equal(l.AuthorityKeyID, issuer.SubjectKeyID) {
			continue
		}
		if issuer.HasKeyUsage && issuer.KeyUsage&x509.KeyUsageCRLSign == 0 {
			bad = fault.New(fault.CRLSignature, "the issuer's key may not sign revocation lists")
			continue
		}
		if err := v.checkList(l, issuer); err != nil {
			bad = fault.Wrap(fault.CRLSignature, err, "revocation list")
			continue
		}
		out = newest(out, l, at)
	}
	return out, bad
}

// newest puts a list in the place of older ones of its scope. Lists of one
// scope of which none is the later stand side by side: whoever is on one of
// them is revoked, whichever was read first.
func newest(lists []*pki.CRL, l *pki.CRL, at time.Time) []*pki.CRL {
	replaces := func(l, o *pki.CRL) bool {
		begun, before := !at.Add(clockSkew).Before(l.ThisUpdate), !at.Add(clockSkew).Before(o.ThisUpdate)
		return o.Scope.Same(l.Scope) && (begun == before && later(l, o) || begun && !before)
	}
	if slices.ContainsFunc(lists, func(o *pki.CRL) bool { return replaces(o, l) }) {
		return lists
	}
	return append(slices.DeleteFunc(lists, func(o *pki.CRL) bool { return replaces(l, o) }), l)
}

// later tells which of two lists of one scope takes the other's place.
func later(l, o *pki.CRL) bool {
	if l.Number != nil && o.Number != nil && l.ThisUpdate.Equal(o.ThisUpdate) {
		return l.Number.Cmp(o.Number) > 0
	}
	return l.ThisUpdate.After(o.ThisUpdate)
}
