package audit

import (
	"context"
	"fmt"
	"time"
)

// CheckpointStore keeps checkpoints beside the log they seal.
type CheckpointStore interface {
	// Head is where the log ends.
	Head(ctx context.Context) (Head, error)
	// Checkpoints gives all stored checkpoints in order of Sequence.
	Checkpoints(ctx context.Context) ([]Checkpoint, error)
	// SaveCheckpoint stores one; one of the same entry and key is kept as it is.
	SaveCheckpoint(ctx context.Context, c Checkpoint) error
}

// Seal signs the head of the log and stores the checkpoint, unless the log is
// empty or the key has sealed this head already: then made is false.
func Seal(ctx context.Context, store CheckpointStore, signer Signer, at time.Time) (c Checkpoint, made bool, err error) {
	head, err := store.Head(ctx)
	if err != nil || head.Sequence == 0 {
		return Checkpoint{}, false, err
	}
	known, err := store.Checkpoints(ctx)
	if err != nil {
		return Checkpoint{}, false, err
	}
	for _, k := range known {
		if k.KeyID == signer.KeyID() && k.Sequence >= head.Sequence {
			return k, false, nil
		}
	}
	if c, err = SignCheckpoint(signer, head, at); err != nil {
		return Checkpoint{}, false, err
	}
	if err := store.SaveCheckpoint(ctx, c); err != nil {
		return Checkpoint{}, false, fmt.Errorf("seal audit log: %w", err)
	}
	return c, true, nil
}
