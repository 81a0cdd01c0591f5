package worker

import (
	"context"
	"log/slog"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/restore"
)

// signedLog writes a line about every certificate before it can leave the
// process: what a restore of the database loses is known from there.
type signedLog struct {
	ca.Store
	log *slog.Logger
}

// Complete stores a certificate after the log has it.
func (l signedLog) Complete(ctx context.Context, stored ca.Stored, der []byte) ([]byte, error) {
	p := stored.Prepared()
	l.log.InfoContext(ctx, restore.JournalMessage, "issuer", p.Issuer, "serial", string(p.Serial), "order", p.OrderID, "certificate", audit.Digest(der))
	return l.Store.Complete(ctx, stored, der)
}
