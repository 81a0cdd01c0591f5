package admission

import (
	"github.com/remote-issuance/remote-issuance/internal/pki/path"
)

// Trust is what the directory holds now: kept as evidence beside what was
// verified against it.
func (d *TrustDirectory) Trust() path.Trust {
	current, _ := d.validators()
	return current.Trust()
}
