package postgres_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
)

// requireSoundLog verifies the whole audit chain.
func (b *bundle) requireSoundLog() audit.Report {
	b.t.Helper()
	report, err := audit.Verify(b.audit.Entries(b.t.Context()), nil, nil)
	require.NoError(b.t, err)
	require.True(b.t, report.Clean(), report.Findings)
	return report
}

func TestAuditOfTransitionsIsAChain(t *testing.T) {
	b := setup(t)
	var all sync.WaitGroup
	samples := make([]*sample, 6)
	for i := range samples {
		all.Go(func() { samples[i] = b.open(order.ServiceEmployee) })
	}
	all.Wait()
	require.EqualValues(t, len(samples), b.requireSoundLog().Entries)

	entries, err := b.audit.OrderEntries(t.Context(), samples[0].ID.String())
	require.NoError(t, err)
	require.Len(t, entries, 1)
	require.Equal(t, audit.ActorApplicant, entries[0].Actor.Kind)
	require.NotEmpty(t, entries[0].Actor.ID)

	_, err = b.pool.Exec(t.Context(), "UPDATE audit_entries SET actor_id = 'x' WHERE sequence = 3")
	require.NoError(t, err)
	report, err := audit.Verify(b.audit.Entries(t.Context()), nil, nil)
	require.NoError(t, err)
	require.False(t, report.Clean())
}

func TestADecisionThatCannotBeAuditedIsNotWritten(t *testing.T) {
	b := setup(t)
	s := b.saved(order.ServiceEmployee)
	before := b.record(s.ID)
	notices := b.count("notices")
	_, err := b.orders.Decide(t.Context(), s.ID, func(r order.Record) (order.Transition, error) {
		r.Stage = order.StageIssuing
		return order.Transition{
			Record: r, Notices: []order.Notice{{Kind: order.NoticePaid}},
			Events: []order.Event{{Action: "unheard-of", By: order.BySystem, At: day}},
		}, nil
	})
	require.ErrorIs(t, err, audit.ErrEvent)
	require.Equal(t, before, b.record(s.ID))
	require.Equal(t, notices, b.count("notices"))
}

func TestCheckpointsFindACutOffEnd(t *testing.T) {
	b := setup(t)
	b.open(order.ServiceEmployee)
	b.open(order.ServiceEmployee)
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	signer, err := audit.NewSigner(private)
	require.NoError(t, err)
	head, err := b.audit.Head(t.Context())
	require.NoError(t, err)
	checkpoint, err := audit.SignCheckpoint(signer, head, day)
	require.NoError(t, err)
	for range 2 {
		require.NoError(t, b.audit.SaveCheckpoint(t.Context(), checkpoint))
	}
	kept, err := b.audit.Checkpoints(t.Context())
	require.NoError(t, err)
	require.Equal(t, []audit.Checkpoint{checkpoint}, kept)

	verify := func() audit.Report {
		keys, err := audit.NewKeys(public)
		require.NoError(t, err)
		report, err := audit.Verify(b.audit.Entries(t.Context()), kept, keys)
		require.NoError(t, err)
		return report
	}
	report := verify()
	require.True(t, report.Clean(), report.Findings)
	require.Equal(t, head.Sequence, report.Sealed)
	_, err = b.pool.Exec(t.Context(), "DELETE FROM audit_entries WHERE sequence = $1", head.Sequence)
	require.NoError(t, err)
	require.False(t, verify().Clean())
}

func TestAuditRefusesPersonalData(t *testing.T) {
	b := setup(t)
	_, err := b.audit.Append(t.Context(), audit.Event{
		At: day, Actor: audit.Actor{Kind: audit.ActorOperator, ID: "a@example.by"}, Action: audit.ActionPayloadRead,
	})
	require.ErrorIs(t, err, audit.ErrEvent)
	entry, err := b.audit.Append(t.Context(), audit.Event{
		At: day, Actor: audit.Actor{Kind: audit.ActorOperator, ID: "op-1"}, Action: audit.ActionPayloadRead,
	})
	require.NoError(t, err)
	require.EqualValues(t, 1, entry.Sequence)
}
