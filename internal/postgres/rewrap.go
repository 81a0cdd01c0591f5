package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/remote-issuance/remote-issuance/internal/postgres/db"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

// Rewrapped is what a rotation of the master key came to.
type Rewrapped struct {
	// Moved were sealed under another master key and are under the primary one now.
	Moved int
	// Kept were under the primary one already.
	Kept int
}

// rewrapBatch is how many keys are read at once.
const rewrapBatch = 500

// Rewrap seals the keys of all histories under the primary master key. It can
// be stopped and begun again, and runs beside everything else: a key that is
// erased meanwhile stays erased.
func (k *Keys) Rewrap(ctx context.Context) (Rewrapped, error) {
	var out Rewrapped
	q, after := db.New(k.pool), uuid.Nil
	for {
		rows, err := q.PayloadKeysAfter(ctx, db.PayloadKeysAfterParams{After: after, MaxRows: rewrapBatch})
		if err != nil {
			return out, fmt.Errorf("rewrap: %w", err)
		}
		for _, row := range rows {
			if err := k.rewrap(ctx, q, row, &out); err != nil {
				return out, fmt.Errorf("rewrap key %s: %w", row.ID, err)
			}
			after = row.ID
		}
		if len(rows) < rewrapBatch {
			return out, nil
		}
	}
}

func (k *Keys) rewrap(ctx context.Context, q *db.Queries, row db.PayloadKeysAfterRow, out *Rewrapped) error {
	under, err := seal.KeyID(row.Wrapped)
	if err != nil {
		return err
	}
	if under == k.ring.Primary() {
		out.Kept++
		return nil
	}
	raw, err := k.ring.Open(row.Wrapped, wrapContext(row.ID, row.WorkflowID))
	if err != nil {
		return err
	}
	fresh, err := k.ring.Seal(raw, wrapContext(row.ID, row.WorkflowID))
	if err != nil {
		return err
	}
	n, err := q.RewrapPayloadKey(ctx, db.RewrapPayloadKeyParams{ID: row.ID, Old: row.Wrapped, Fresh: fresh})
	out.Moved += int(n)
	return err
}
