package admission

import "github.com/remote-issuance/remote-issuance/internal/pki"

// Trust is what the directory holds now: kept as evidence beside what was
// verified against it.
func (d *TrustDirectory) Trust() pki.Trust {
	current, _ := d.validators()
	return current.Trust()
}
