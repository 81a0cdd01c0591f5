package audit

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
)

// FindingKind is how a log departs from what it must be.
type FindingKind string

// The kinds of findings.
const (
	// FindingChanged: the content of an entry does not give its hash.
	FindingChanged FindingKind = "changed"
	// FindingUnlinked: an entry does not follow the one before it.
	FindingUnlinked FindingKind = "unlinked"
	// FindingRemoved: sequence numbers are missing.
	FindingRemoved FindingKind = "removed"
	// FindingReordered: a sequence number comes twice or too late.
	FindingReordered FindingKind = "reordered"
	// FindingRewritten: a checkpoint knows another hash for the entry.
	FindingRewritten FindingKind = "rewritten"
	// FindingCutOff: a checkpoint knows entries after the end of the log.
	FindingCutOff FindingKind = "cut-off"
	// FindingForgedCheckpoint: no known key signed the checkpoint.
	FindingForgedCheckpoint FindingKind = "forged-checkpoint"
	// FindingEvidenceChanged: what an entry refers to has another digest.
	FindingEvidenceChanged FindingKind = "evidence-changed"
	// FindingEvidenceMissing: what an entry refers to is not stored any more.
	FindingEvidenceMissing FindingKind = "evidence-missing"
)

// Finding is one departure, at the sequence number where it shows.
type Finding struct {
	Kind     FindingKind `json:"kind"`
	Sequence int64       `json:"sequence"`
	Detail   string      `json:"detail"`
}

// String tells the finding in one line.
func (f Finding) String() string {
	return fmt.Sprintf("entry %d: %s: %s", f.Sequence, f.Kind, f.Detail)
}

// Report is what a verification came to.
type Report struct {
	// Entries is how many were read.
	Entries int64 `json:"entries"`
	// Head is the last one's.
	Head Head `json:"head"`
	// Sealed is the last sequence number under a good checkpoint; the entries
	// after it are protected by the chain only.
	Sealed int64 `json:"sealed"`
	// Compared is how many digests were compared with what is stored, Unkept
	// how many are of something that is not kept; both 0 without a Vault.
	Compared int64     `json:"compared"`
	Unkept   int64     `json:"unkept"`
	Findings []Finding `json:"findings"`
	// More counts the findings beyond the first ones that are listed.
	More int64 `json:"more,omitempty"`
}

// maxFindings bounds what a log that is wrong throughout takes of the memory.
const maxFindings = 10_000

// Clean tells whether nothing was found.
func (r Report) Clean() bool { return len(r.Findings) == 0 }

// Verify reads the whole log, from its first entry, and compares it with the
// checkpoints, wherever those were kept. It returns an error only when the
// entries cannot be read; what is wrong with them is in the report.
func Verify(entries iter.Seq2[Entry, error], checkpoints []Checkpoint, keys Keys) (Report, error) {
	return verify(entries, checkpoints, keys, func(*verification, Entry) error { return nil }, func(*verification) error { return nil })
}

func verify(
	entries iter.Seq2[Entry, error], checkpoints []Checkpoint, keys Keys,
	each func(*verification, Entry) error, last func(*verification) error,
) (Report, error) {
	v := verification{good: make(map[int64][]Checkpoint)}
	for _, c := range checkpoints {
		if err := VerifyCheckpoint(keys, c); err != nil {
			v.find(FindingForgedCheckpoint, c.Sequence, err.Error())
			continue
		}
		v.good[c.Sequence] = append(v.good[c.Sequence], c)
	}
	for e, err := range entries {
		if err != nil {
			return v.report, fmt.Errorf("read audit log after entry %d: %w", v.report.Head.Sequence, err)
		}
		v.entry(e)
		if err := each(&v, e); err != nil {
			return v.report, err
		}
	}
	if err := last(&v); err != nil {
		return v.report, err
	}
	v.end()
	return v.report, nil
}

type verification struct {
	report Report
	good   map[int64][]Checkpoint
	// highest is the largest sequence number seen: a reordered entry must not
	// make the rest look removed.
	highest int64
}

func (v *verification) entry(e Entry) {
	if e.sum() != e.Hash {
		v.find(FindingChanged, e.Sequence, "the content does not give the recorded hash")
	}
	switch want := v.highest + 1; {
	case e.Sequence > want:
		v.find(FindingRemoved, want, fmt.Sprintf("entries %d to %d are missing", want, e.Sequence-1))
	case e.Sequence < want:
		v.find(FindingReordered, e.Sequence, fmt.Sprintf("comes after entry %d", v.report.Head.Sequence))
	}
	if e.PreviousHash != v.report.Head.Hash {
		v.find(FindingUnlinked, e.Sequence, "does not carry the hash of the entry before it")
	}
	for _, c := range v.good[e.Sequence] {
		if c.Hash != e.Hash {
			v.find(FindingRewritten, e.Sequence, fmt.Sprintf("had hash %s at %s", c.Hash, stamp(c.At)))
			continue
		}
		v.report.Sealed = max(v.report.Sealed, e.Sequence)
	}
	v.highest = max(v.highest, e.Sequence)
	v.report.Entries++
	v.report.Head = e.Head()
}

func (v *verification) end() {
	for sequence, checkpoints := range v.good {
		if sequence > v.highest {
			v.find(FindingCutOff, sequence, fmt.Sprintf("was there at %s; the log ends with entry %d",
				stamp(checkpoints[0].At), v.highest))
		}
	}
	slices.SortStableFunc(v.report.Findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Sequence, b.Sequence), cmp.Compare(a.Kind, b.Kind))
	})
}

func (v *verification) find(kind FindingKind, sequence int64, detail string) {
	if len(v.report.Findings) == maxFindings {
		v.report.More++
		return
	}
	v.report.Findings = append(v.report.Findings, Finding{Kind: kind, Sequence: sequence, Detail: detail})
}
