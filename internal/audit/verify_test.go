package audit

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"iter"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type bench struct {
	signer Signer
	keys   Keys
}

func newBench(t require.TestingT) bench {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := NewSigner(private)
	require.NoError(t, err)
	keys, err := NewKeys(public)
	require.NoError(t, err)
	return bench{signer: signer, keys: keys}
}

func (b bench) seal(t require.TestingT, e Entry) Checkpoint {
	c, err := SignCheckpoint(b.signer, e.Head(), e.At)
	require.NoError(t, err)
	return c
}

func (b bench) kinds(t require.TestingT, log []Entry, seals ...Checkpoint) []FindingKind {
	report, err := Verify(each(log), seals, b.keys)
	require.NoError(t, err)
	kinds := make([]FindingKind, 0, len(report.Findings))
	for _, f := range report.Findings {
		require.NotEmpty(t, f.String())
		kinds = append(kinds, f.Kind)
	}
	return kinds
}

func each(log []Entry) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for _, e := range log {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func chain(t require.TestingT, n int) []Entry {
	log, head := make([]Entry, 0, n), Head{}
	for i := range n {
		e, err := Next(head, Event{
			At: noon.Add(time.Duration(i) * time.Second), Actor: Actor{Kind: ActorApplicant, ID: "a1"},
			Action: ActionRequestChecked, OrderID: fmt.Sprintf("order-%d", i%3),
			Evidence: Evidence{"request": Digest([]byte{byte(i)}), "report": "r-1"},
		})
		require.NoError(t, err)
		log, head = append(log, e), e.Head()
	}
	return log
}

// rehash makes the chain hold again from an index on, as somebody with write
// access to the database could.
func rehash(log []Entry, from int) {
	for i := from; i < len(log); i++ {
		log[i].Sequence = int64(i + 1)
		log[i].PreviousHash = Hash{}
		if i > 0 {
			log[i].PreviousHash = log[i-1].Hash
		}
		log[i].Hash = log[i].sum()
	}
}

var fieldChanges = []func(*Entry){
	func(e *Entry) { e.At = e.At.Add(time.Microsecond) },
	func(e *Entry) { e.Actor.Kind = ActorManager },
	func(e *Entry) { e.Actor.ID += "0" },
	func(e *Entry) { e.Action = ActionApproved },
	func(e *Entry) { e.OrderID = "order-9" },
	func(e *Entry) { e.Evidence = Evidence{"request": "x", "report": "r-1"} },
	func(e *Entry) { e.Evidence = Evidence{"request": e.Evidence["request"]} },
	func(e *Entry) { e.Evidence = Evidence{"request": e.Evidence["request"], "report": "r-1", "x": "y"} },
	func(e *Entry) { e.Evidence = Evidence{"request": "r-1", "report": e.Evidence["request"]} },
	func(e *Entry) { e.Actor.ID, e.OrderID = "", e.Actor.ID+e.OrderID },
}

// Any single alteration of the rows is found, without any checkpoint.
func TestEverySingleAlterationIsFound(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(t)
		log := chain(t, rapid.IntRange(2, 12).Draw(t, "length"))
		require.Empty(t, b.kinds(t, log, b.seal(t, log[len(log)-1])))
		i := rapid.IntRange(0, len(log)-1).Draw(t, "at")
		seal := b.seal(t, log[len(log)-1])
		switch rapid.SampledFrom([]string{"field", "hash", "previous", "sequence", "remove", "swap", "insert", "repeat"}).Draw(t, "kind") {
		case "field":
			rapid.SampledFrom(fieldChanges).Draw(t, "field")(&log[i])
		case "hash":
			log[i].Hash[rapid.IntRange(0, 31).Draw(t, "octet")] ^= 1
		case "previous":
			log[i].PreviousHash[rapid.IntRange(0, 31).Draw(t, "octet")] ^= 1
		case "sequence":
			log[i].Sequence += rapid.SampledFrom([]int64{-1, 1, 5}).Draw(t, "by")
		case "remove":
			log = slices.Delete(log, i, i+1)
		case "swap":
			j := (i + 1 + rapid.IntRange(0, len(log)-2).Draw(t, "other")) % len(log)
			log[i], log[j] = log[j], log[i]
		case "insert":
			forged := log[i]
			forged.Actor.ID = "intruder"
			forged.Hash = forged.sum()
			log = slices.Insert(log, i, forged)
		case "repeat":
			log = slices.Insert(log, i, log[i])
		}
		require.NotEmpty(t, b.kinds(t, log, seal))
	})
}

// Even when every later hash is computed anew, a later checkpoint tells.
func TestARecomputedChainIsFoundByItsCheckpoint(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := newBench(t)
		log := chain(t, rapid.IntRange(3, 12).Draw(t, "length"))
		sealed := rapid.IntRange(1, len(log)-1).Draw(t, "sealed")
		seal := b.seal(t, log[sealed])
		i := rapid.IntRange(0, sealed-1).Draw(t, "at")
		switch rapid.SampledFrom([]string{"field", "remove", "swap", "insert"}).Draw(t, "kind") {
		case "field":
			rapid.SampledFrom(fieldChanges).Draw(t, "field")(&log[i])
		case "remove":
			log = slices.Delete(log, i, i+1)
		case "swap":
			log[i], log[i+1] = log[i+1], log[i]
		case "insert":
			log = slices.Insert(log, i, log[i])
		}
		rehash(log, 0)
		require.NotEmpty(t, b.kinds(t, log, seal))
	})
}

func TestCutOffIsFoundByTheCheckpoint(t *testing.T) {
	t.Parallel()
	b, log := newBench(t), chain(t, 6)
	seal := b.seal(t, log[4])
	require.Equal(t, []FindingKind{FindingCutOff}, b.kinds(t, log[:4], seal))
	require.Equal(t, []FindingKind{FindingCutOff}, b.kinds(t, nil, seal))
	require.Empty(t, b.kinds(t, log[:5], seal))
}

func TestFindingsNameWhatHappened(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	changed, removed, reordered := chain(t, 5), chain(t, 5), chain(t, 5)
	changed[2].Actor.ID = "b2"
	removed = slices.Delete(removed, 1, 3)
	reordered[1], reordered[2] = reordered[2], reordered[1]
	require.Equal(t, []FindingKind{FindingChanged}, b.kinds(t, changed))
	require.Equal(t, []FindingKind{FindingRemoved, FindingUnlinked}, b.kinds(t, removed))
	require.Contains(t, b.kinds(t, reordered), FindingReordered)
}

func TestReportTellsWhatIsSealed(t *testing.T) {
	t.Parallel()
	b, log := newBench(t), chain(t, 5)
	report, err := Verify(each(log), []Checkpoint{b.seal(t, log[2])}, b.keys)
	require.NoError(t, err)
	require.True(t, report.Clean())
	require.Equal(t, Report{Entries: 5, Head: log[4].Head(), Sealed: 3}, report)
}

func TestForgedCheckpointsAreFoundAndNotBelieved(t *testing.T) {
	t.Parallel()
	b, log := newBench(t), chain(t, 3)
	for name, spoil := range map[string]func(*Checkpoint){
		"sequence":  func(c *Checkpoint) { c.Sequence = 9 },
		"hash":      func(c *Checkpoint) { c.Hash[0] ^= 1 },
		"time":      func(c *Checkpoint) { c.At = c.At.Add(time.Second) },
		"key":       func(c *Checkpoint) { c.KeyID = "other" },
		"signature": func(c *Checkpoint) { c.Signature[0] ^= 1 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := b.seal(t, log[2])
			spoil(&c)
			require.Equal(t, []FindingKind{FindingForgedCheckpoint}, b.kinds(t, log, c))
		})
	}
}

func TestCheckpointKeys(t *testing.T) {
	t.Parallel()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	signer, err := NewSigner(key)
	require.NoError(t, err)
	keys, err := NewKeys(key.Public())
	require.NoError(t, err)
	log := chain(t, 2)
	c, err := SignCheckpoint(signer, log[1].Head(), noon)
	require.NoError(t, err)
	require.NoError(t, VerifyCheckpoint(keys, c))
	c.Signature = c.Signature[1:]
	require.ErrorIs(t, VerifyCheckpoint(keys, c), ErrCheckpoint)

	_, err = SignCheckpoint(signer, Head{}, noon)
	require.Error(t, err)
	weak, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	_, err = NewSigner(weak)
	require.Error(t, err)
}

func TestVerifyReportsWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	broken := errors.New("connection lost")
	_, err := Verify(func(yield func(Entry, error) bool) { yield(Entry{}, broken) }, nil, nil)
	require.ErrorIs(t, err, broken)
}
