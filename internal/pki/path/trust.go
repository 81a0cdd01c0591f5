package path

import (
	"github.com/remote-issuance/remote-issuance/internal/pki"
)

// Add puts a certificate among the roots when it is self-signed, among the
// intermediates otherwise; one that is there already is not added again.
func (t *Trust) Add(c *pki.Certificate) {
	set := &t.Intermediates
	if c.SelfIssued() && c.CheckSignatureFrom(c) == nil {
		set = &t.Roots
	}
	for _, o := range *set {
		if string(o.Raw) == string(c.Raw) {
			return
		}
	}
	*set = append(*set, c)
}
