package postgres_test

import (
	"crypto/sha256"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/pki/bpki"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/renewal"
)

func TestSTB78_AnEntryAnswersForItsOwnFileOnly(t *testing.T) {
	b := setup(t)
	store := postgres.NewRenewals(b.orders)
	ctx := t.Context()
	s := b.open(order.ServiceIndividual)
	file := sha256.Sum256([]byte(s.keyID))
	signed := []byte("signed data")
	statement := order.Document{
		ID: order.DerivedID("signed-request", signed), Kind: order.DocumentStatement, MediaType: "application/cms", OwnerKey: s.ApplicantKey, Content: signed,
	}
	e := renewal.Entry{RequestID: bpki.RequestIDOf([]byte("a")), OrderID: s.ID, FileSHA256: file, Payment: 7, ReceivedAt: day}
	other := e
	other.RequestID, other.FileSHA256 = bpki.RequestIDOf([]byte("b")), sha256.Sum256([]byte("another file"))
	_, err := store.Find(ctx, e.RequestID)
	require.ErrorIs(t, err, order.ErrNotFound)
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			if err := store.Keep(ctx, e, statement); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	require.NoError(t, store.Keep(ctx, other, statement))
	got, err := store.Find(ctx, e.RequestID)
	require.NoError(t, err)
	require.True(t, got.ReceivedAt.Equal(day))
	got.ReceivedAt = day
	require.Equal(t, e, got, "a draft is no order yet")
	_, found, err := store.Same(ctx, s.ApplicantKey, file)
	require.NoError(t, err)
	require.False(t, found)

	require.NoError(t, b.take(s))
	got, err = store.Find(ctx, e.RequestID)
	require.NoError(t, err)
	require.True(t, got.Taken)
	got, err = store.Find(ctx, other.RequestID)
	require.NoError(t, err)
	require.False(t, got.Taken, "the draft went on with another file")
	id, found, err := store.Same(ctx, s.ApplicantKey, file)
	require.NoError(t, err)
	require.True(t, found)
	require.Equal(t, s.ID, id)
	_, found, err = store.Same(ctx, "somebody else", file)
	require.NoError(t, err)
	require.False(t, found)

	_, err = b.orders.End(ctx, order.Ending{OrderID: s.ID, End: order.EndWithdrawn, Reason: order.ReasonByApplicant, By: order.ByApplicant, At: day})
	require.NoError(t, err)
	_, found, err = store.Same(ctx, s.ApplicantKey, file)
	require.NoError(t, err)
	require.False(t, found, "a new order is possible at once")
	var signedEntries int
	require.NoError(t, b.pool.QueryRow(ctx, "SELECT count(*) FROM audit_entries WHERE action = $1 AND evidence ->> 'statement' = $2",
		string(audit.ActionRenewalSigned), audit.Digest(signed)).Scan(&signedEntries))
	require.Equal(t, 2, signedEntries, "one for each request, however often it came")
}
