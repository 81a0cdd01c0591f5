package path

import (
	"time"

	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// FirstEnd is when the first list ends that no newer one of the same issuer and
// scope replaces; false when there is no list.
func FirstEnd(lists []*pki.CRL) (time.Time, bool) {
	var first time.Time
	for _, l := range lists {
		replaced := false
		for _, o := range lists {
			same := string(l.IssuerName.Raw) == string(o.IssuerName.Raw) && l.Scope.Same(o.Scope)
			replaced = replaced || same && o.NextUpdate.After(l.NextUpdate)
		}
		if !replaced && (first.IsZero() || l.NextUpdate.Before(first)) {
			first = l.NextUpdate
		}
	}
	return first, !first.IsZero()
}
