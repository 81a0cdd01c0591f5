package audit

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func (b bench) proof(t require.TestingT, log []Entry, from, to int) Proof {
	c, err := SignCheckpoint(b.signer, log[to].Head(), log[to].At.Add(time.Minute))
	require.NoError(t, err)
	return Proof{Entries: slices.Clone(log[from : to+1]), Checkpoint: c}
}

func TestAProofShowsItsEntry(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		b := newBench(r)
		log := chain(r, rapid.IntRange(1, 12).Draw(r, "length"))
		from := rapid.IntRange(0, len(log)-1).Draw(r, "from")
		p := b.proof(r, log, from, rapid.IntRange(from, len(log)-1).Draw(r, "to"))
		got, err := p.Verify(b.keys, SealedWithin)
		require.NoError(r, err)
		require.Equal(r, log[from], got)
	})
}

func TestABackdatedEntryHasNoProof(t *testing.T) {
	b := newBench(t)
	log := chain(t, 6)
	const years = 5 * 365 * 24 * time.Hour
	for name, change := range map[string]func(p *Proof){
		"an earlier date": func(p *Proof) { p.Entries[0].At = p.Entries[0].At.Add(-time.Hour) },
		"an earlier date, and all hashes anew": func(p *Proof) {
			p.Entries[0].At = p.Entries[0].At.Add(-years)
			relink(p.Entries)
		},
		"… sealed by the true key now": func(p *Proof) {
			p.Entries[0].At = p.Entries[0].At.Add(-years)
			relink(p.Entries)
			*p = b.proof(t, append(log[:2:2], p.Entries...), 2, 1+len(p.Entries))
		},
		"a later date, sealed before": func(p *Proof) {
			p.Entries[0].At = p.Entries[0].At.Add(years)
			relink(p.Entries)
			last := p.Entries[len(p.Entries)-1]
			p.Checkpoint, _ = SignCheckpoint(b.signer, last.Head(), last.At)
		},
		"one left out":            func(p *Proof) { p.Entries = slices.Delete(p.Entries, 1, 2) },
		"the end left out":        func(p *Proof) { p.Entries = p.Entries[:1] },
		"no entries":              func(p *Proof) { p.Entries = nil },
		"another actor":           func(p *Proof) { p.Entries[0].Actor.ID = "b2" },
		"the checkpoint's time":   func(p *Proof) { p.Checkpoint.At = p.Checkpoint.At.Add(time.Second) },
		"somebody's checkpoint":   func(p *Proof) { *p = newBench(t).proof(t, log, 2, 4) },
		"too many":                func(p *Proof) { p.Entries = make([]Entry, MaxProof+1) },
		"another entry's place":   func(p *Proof) { p.Entries[0].Sequence++; relink(p.Entries) },
		"other evidence":          func(p *Proof) { p.Entries[0].Evidence = Evidence{"list": Digest([]byte("other"))} },
		"without any signature":   func(p *Proof) { p.Checkpoint.Signature = nil },
		"the checkpoint's entry":  func(p *Proof) { p.Checkpoint.Sequence-- },
		"in order of the reverse": func(p *Proof) { slices.Reverse(p.Entries) },
	} {
		t.Run(name, func(t *testing.T) {
			p := b.proof(t, log, 2, 4)
			p.Entries[0].Evidence = Evidence{"request": p.Entries[0].Evidence["request"], "report": "r-1"}
			_, err := p.Verify(b.keys, SealedWithin)
			require.NoError(t, err)
			change(&p)
			_, err = p.Verify(b.keys, SealedWithin)
			require.Error(t, err)
		})
	}
}

func relink(entries []Entry) {
	for i := range entries {
		if i > 0 {
			entries[i].PreviousHash = entries[i-1].Hash
		}
		entries[i].Hash = entries[i].sum()
	}
}

func TestALateSealCountsOnlyForThoseWhoAllowForIt(t *testing.T) {
	b := newBench(t)
	log := chain(t, 2)
	p := Proof{Entries: log}
	var err error
	p.Checkpoint, err = SignCheckpoint(b.signer, log[1].Head(), log[0].At.Add(48*time.Hour))
	require.NoError(t, err)
	_, err = p.Verify(b.keys, SealedWithin)
	require.ErrorIs(t, err, ErrProof)
	require.ErrorContains(t, err, "48h")
	_, err = p.Verify(b.keys, 72*time.Hour)
	require.NoError(t, err)
}
