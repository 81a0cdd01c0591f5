package audit

import (
	"errors"
	"fmt"
	"time"
)

// Proof shows without the log that it had an entry, and by when: the entry,
// those that follow it up to the next checkpoint, and that checkpoint.
type Proof struct {
	// Entries begin with the one that is proven and end with the one that the
	// checkpoint names.
	Entries    []Entry    `json:"entries"`
	Checkpoint Checkpoint `json:"checkpoint"`
}

// MaxProof is how many entries a proof may have: what the log grows by between
// two checkpoints has to stay below it.
const MaxProof = 20_000

// SealedWithin is how long after an entry its checkpoint may have been signed
// unless the verifier allows for more: a log that is sealed every hour, and
// outages.
const SealedWithin = 24 * time.Hour

// clocksDiffer is by how much the clocks of those who append and who seal may.
const clocksDiffer = 5 * time.Minute

// ErrProof is returned for a proof that does not prove its entry.
var ErrProof = errors.New("the audit log does not prove it")

// Verify checks the chain from the entry to the checkpoint, its signature, and
// that it was signed within the time after the entry: a log that is written
// anew later, or an entry that bears an earlier date, has no checkpoint of
// then. It gives the entry that is proven. Errors: ErrProof, ErrCheckpoint.
func (p Proof) Verify(keys Keys, within time.Duration) (Entry, error) {
	if len(p.Entries) == 0 || len(p.Entries) > MaxProof {
		return Entry{}, fmt.Errorf("%w: want 1 to %d entries", ErrProof, MaxProof)
	}
	if err := VerifyCheckpoint(keys, p.Checkpoint); err != nil {
		return Entry{}, err
	}
	for i, e := range p.Entries {
		if e.sum() != e.Hash {
			return Entry{}, fmt.Errorf("%w: the content of entry %d does not give its hash", ErrProof, e.Sequence)
		}
		if i > 0 && (e.PreviousHash != p.Entries[i-1].Hash || e.Sequence != p.Entries[i-1].Sequence+1) {
			return Entry{}, fmt.Errorf("%w: entry %d does not follow the one before it", ErrProof, e.Sequence)
		}
	}
	proven, last := p.Entries[0], p.Entries[len(p.Entries)-1]
	if last.Sequence != p.Checkpoint.Sequence || last.Hash != p.Checkpoint.Hash {
		return Entry{}, fmt.Errorf("%w: the checkpoint is of another entry", ErrProof)
	}
	switch late := p.Checkpoint.At.Sub(proven.At); {
	case late < -clocksDiffer:
		return Entry{}, fmt.Errorf("%w: entry %d bears a later date than its checkpoint", ErrProof, proven.Sequence)
	case late > within:
		return Entry{}, fmt.Errorf("%w: entry %d bears the date %s and was sealed %s later only, at %s",
			ErrProof, proven.Sequence, stamp(proven.At), late.Round(time.Minute), stamp(p.Checkpoint.At))
	}
	return proven, nil
}
