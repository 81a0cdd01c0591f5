package api

import (
	"context"
	"fmt"
	"os"

	"github.com/remote-issuance/remote-issuance/internal/admission"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/card"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/process"
)

// evidenceCards makes and verifies cards under the trusted roots and the public
// keys of the audit log; nil without keys.
func evidenceCards(base *process.Base, c config.API, store stores, trust *admission.TrustDirectory) (*EvidenceCards, error) {
	if c.AuditKeys.Dir == "" {
		base.Log.Warn("no cards for evidence: no AUDIT_PUBLIC_KEYS_DIR")
		return nil, nil //nolint:nilnil // without keys there are no cards
	}
	keys, err := audit.ReadKeys(os.DirFS(string(c.AuditKeys.Dir)))
	if err != nil {
		return nil, fmt.Errorf("AUDIT_PUBLIC_KEYS_DIR: %w", err)
	}
	return &EvidenceCards{
		Verifier: func() card.Verifier {
			return card.Verifier{Roots: trust.Trust().Roots, Keys: keys, Within: audit.SealedWithin}
		},
		Collect: func(ctx context.Context, id order.ID) (card.Card, error) {
			return card.Source{
				Log: store.audit, Documents: store.documents, Trust: trust.Trust(), Keys: keys,
				Certificate: store.certificates.Issued,
			}.Collect(ctx, id)
		},
	}, nil
}
