package postgres

import (
	"context"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// checkpointsRead is how many checkpoints after an entry are looked at: those
// of other keys, or forged ones, may stand before the one that counts.
const checkpointsRead = 100

// Proof gathers the proof of an entry: what follows it up to the first
// checkpoint that one of the keys signed. The second result is false when there
// is none yet. audit.ErrProof when more entries lie between than a proof may have.
func (a *Audit) Proof(ctx context.Context, sequence int64, keys audit.Keys) (audit.Proof, bool, error) {
	q := db.New(a.pool)
	rows, err := q.AuditCheckpointsFrom(ctx, db.AuditCheckpointsFromParams{First: sequence, MaxRows: checkpointsRead})
	if err != nil {
		return audit.Proof{}, false, fmt.Errorf("read checkpoints: %w", err)
	}
	for _, row := range rows {
		c := checkpointOf(row)
		if audit.VerifyCheckpoint(keys, c) != nil {
			continue
		}
		if c.Sequence-sequence >= audit.MaxProof {
			return audit.Proof{}, false, fmt.Errorf("%w: %d entries lie between it and its checkpoint; a proof has at most %d",
				audit.ErrProof, c.Sequence-sequence, audit.MaxProof)
		}
		entries, err := q.AuditEntriesFrom(ctx, db.AuditEntriesFromParams{First: sequence, Last: c.Sequence})
		if err != nil {
			return audit.Proof{}, false, fmt.Errorf("read audit entries: %w", err)
		}
		p := audit.Proof{Checkpoint: c}
		if p.Entries, err = entriesOf(entries); err != nil {
			return audit.Proof{}, false, err
		}
		return p, true, nil
	}
	return audit.Proof{}, false, nil
}
