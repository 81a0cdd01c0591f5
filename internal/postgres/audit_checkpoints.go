package postgres

import (
	"context"
	"fmt"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
)

// Checkpoints gives all stored checkpoints in order of Sequence.
func (a *Audit) Checkpoints(ctx context.Context) ([]audit.Checkpoint, error) {
	rows, err := db.New(a.pool).AuditCheckpoints(ctx)
	if err != nil {
		return nil, fmt.Errorf("read checkpoints: %w", err)
	}
	out := make([]audit.Checkpoint, 0, len(rows))
	for _, row := range rows {
		out = append(out, checkpointOf(row))
	}
	return out, nil
}

func checkpointOf(row db.AuditCheckpoint) audit.Checkpoint {
	c := audit.Checkpoint{Sequence: row.Sequence, At: row.At.UTC(), KeyID: row.KeyID, Signature: row.Signature}
	copy(c.Hash[:], row.Hash)
	return c
}

// SaveCheckpoint stores a checkpoint; one of the same entry and key is kept as it is.
func (a *Audit) SaveCheckpoint(ctx context.Context, c audit.Checkpoint) error {
	err := db.New(a.pool).InsertAuditCheckpoint(ctx, db.InsertAuditCheckpointParams{
		Sequence: c.Sequence, Hash: c.Hash[:], At: c.At, KeyID: c.KeyID, Signature: c.Signature,
	})
	if err != nil {
		return fmt.Errorf("save checkpoint %d: %w", c.Sequence, err)
	}
	return nil
}
