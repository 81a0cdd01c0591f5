package postgres_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/activities"
	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

func TestM5_OnlyWhatCanBeConfirmedGoesOnAList(t *testing.T) {
	b := setup(t)
	tariff, err := order.NewTariff([]order.Price{
		{Service: order.ServiceEmployee, Kind: order.KindEmployee, Years: 1, From: "2026-01-01", Amount: price},
	})
	require.NoError(t, err)
	lists := postgres.NewLists(b.pool, tariff)
	good, held, closed, early := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee), b.open(order.ServiceEmployee)
	b.confirm(held)
	b.close(closed, false)
	chosen := []string{good.OrderID, held.OrderID, closed.OrderID, early.OrderID, uuid.NewString()}

	got, err := lists.ListOrders(t.Context(), unp, chosen, day)
	require.NoError(t, err)
	require.Len(t, got, 1)
	entry := got[0].Entry
	require.Equal(t, good.OrderID, entry.OrderID)
	require.Equal(t, "тэхнік", entry.Position)
	require.Equal(t, "інжынер", entry.NewPosition)
	require.Equal(t, good.keyID, entry.KeyID)
	require.Equal(t, price, entry.Price)
	require.False(t, got[0].Approved)
	require.WithinDuration(t, good.Until, got[0].ConfirmBy, 0)

	got, err = lists.ListOrders(t.Context(), "another", chosen, day)
	require.NoError(t, err)
	require.Empty(t, got)
	got, err = lists.ListOrders(t.Context(), unp, chosen, good.Until)
	require.NoError(t, err)
	require.Empty(t, got, "M3: not shown at the border")

	// P8: approved in a confirmation that lapsed, it needs no second signature.
	good.Version++
	good.Stage, good.ApprovedAt, good.Until = order.StageAwaitingPayment, day, good.PayBy
	require.NoError(t, b.records.RecordOrder(t.Context(), activities.RecordOrderInput{State: good.OrderState}))
	got, err = lists.ListOrders(t.Context(), unp, chosen, day.AddDate(0, 0, 6))
	require.NoError(t, err)
	require.Len(t, got, 1)
	require.True(t, got[0].Approved)

	_, err = postgres.NewLists(b.pool, order.Tariff{}).ListOrders(t.Context(), unp, chosen, day)
	require.ErrorIs(t, err, activities.ErrNoPrice)
	_, err = lists.ListOrders(t.Context(), unp, []string{"x"}, day)
	require.ErrorIs(t, err, postgres.ErrID)
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
