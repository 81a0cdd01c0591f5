package postgres_test

import (
	"bytes"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

func keys(t *testing.T, b *bundle) *postgres.Keys {
	t.Helper()
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte{1}})
	require.NoError(t, err)
	return postgres.NewKeys(b.pool, ring)
}

func TestKeyOfAnOrderEndsWithItAndCanBeErased(t *testing.T) {
	b := setup(t)
	store := keys(t, b)
	s := b.open(order.ServiceIndividual)
	workflowID := order.WorkflowID(s.Number, s.ID)

	var all sync.WaitGroup
	got := make([]keyring.Key, 6)
	for i := range got {
		all.Go(func() { got[i], _ = store.Current(t.Context(), workflowID) })
	}
	all.Wait()
	for _, k := range got {
		require.Equal(t, got[0].ID, k.ID)
	}
	first, err := store.Begin(t.Context(), workflowID, s.ID)
	require.NoError(t, err)
	require.Equal(t, got[0].Key, first.Key)
	byID, err := store.ByID(t.Context(), first.ID)
	require.NoError(t, err)
	require.Equal(t, first.Key, byID.Key)
	require.ErrorIs(t, store.Erase(t.Context(), s.ID, "op"), postgres.ErrNotErasable)

	_, err = b.pool.Exec(t.Context(), `UPDATE payload_keys SET subject_id = $1`, s.ID.String())
	require.NoError(t, err)
	b.close(s, false)
	second, err := store.Begin(t.Context(), workflowID, order.NewID())
	require.NoError(t, err)
	require.EqualValues(t, 2, second.Sequence)
	require.NotEqual(t, first.Key, second.Key)

	require.ErrorIs(t, store.Erase(t.Context(), s.ID, "op"), postgres.ErrNotErasable, "somebody may still encrypt under it")
	_, err = b.pool.Exec(t.Context(), `UPDATE payload_keys SET ended_at = ended_at - interval '1 hour' WHERE ended_at IS NOT NULL`)
	require.NoError(t, err)
	require.NoError(t, store.Erase(t.Context(), s.ID, "op"))
	_, err = store.ByID(t.Context(), first.ID)
	require.ErrorIs(t, err, keyring.ErrKeyErased)
	_, err = store.ByID(t.Context(), uuid.New())
	require.ErrorIs(t, err, keyring.ErrKeyUnknown)
	current, err := store.Current(t.Context(), workflowID)
	require.NoError(t, err)
	require.Equal(t, second.Key, current.Key)
}

func TestWrappedKeyIsNotTheKey(t *testing.T) {
	b := setup(t)
	k, err := keys(t, b).Current(t.Context(), "w")
	require.NoError(t, err)
	var wrapped []byte
	require.NoError(t, b.pool.QueryRow(t.Context(), "SELECT wrapped FROM payload_keys").Scan(&wrapped))
	require.False(t, bytes.Contains(wrapped, k.Key[:]))
}

func TestIdempotencyKeys(t *testing.T) {
	b := setup(t)
	store := postgres.NewIdempotency(b.pool)
	begin := func(fingerprint string) (*postgres.Answer, error) {
		return store.Begin(t.Context(), "caller", "key", []byte(fingerprint))
	}
	var all sync.WaitGroup
	errs := make([]error, 6)
	for i := range errs {
		all.Go(func() { _, errs[i] = begin("request") })
	}
	all.Wait()
	claimed := 0
	for _, err := range errs {
		if err == nil {
			claimed++
			continue
		}
		require.ErrorIs(t, err, postgres.ErrInProgress)
	}
	require.Equal(t, 1, claimed)
	_, err := begin("another")
	require.ErrorIs(t, err, postgres.ErrOtherRequest)

	require.NoError(t, store.Abandon(t.Context(), "caller", "key"))
	answer, err := begin("request")
	require.NoError(t, err)
	require.Nil(t, answer)
	want := postgres.Answer{Status: 201, MediaType: "application/json", Body: []byte(`{}`)}
	require.NoError(t, store.Finish(t.Context(), "caller", "key", want))
	require.NoError(t, store.Finish(t.Context(), "caller", "key", postgres.Answer{Status: 500, Body: []byte{}}))
	require.NoError(t, store.Abandon(t.Context(), "caller", "key"))
	answer, err = begin("request")
	require.NoError(t, err)
	require.Equal(t, &want, answer)
	answer, err = store.Begin(t.Context(), "somebody else", "key", []byte("x"))
	require.NoError(t, err)
	require.Nil(t, answer)
	require.NoError(t, store.DropBefore(t.Context(), time.Now().Add(time.Hour)))
	require.Zero(t, b.count("idempotency_keys"))
}

func TestAnIdempotencyKeyOfALostProcessIsTakenOver(t *testing.T) {
	b := setup(t)
	store := postgres.NewIdempotency(b.pool)
	_, err := store.Begin(t.Context(), "caller", "key", []byte("f"))
	require.NoError(t, err)
	_, err = b.pool.Exec(t.Context(), "UPDATE idempotency_keys SET claimed_at = now() - interval '1 hour'")
	require.NoError(t, err)
	answer, err := store.Begin(t.Context(), "caller", "key", []byte("f"))
	require.NoError(t, err)
	require.Nil(t, answer)
}

func TestListenerWakesThoseWhoWait(t *testing.T) {
	b := setup(t)
	s, other := b.saved(order.ServiceEmployee), b.saved(order.ServiceEmployee)
	listener := postgres.NewListener(b.pool.Config().ConnString(), slog.New(slog.DiscardHandler))
	changed, cancel := listener.Subscribe(s.ID.String())
	quiet, cancelQuiet := listener.Subscribe(other.ID.String())
	paid, cancelPaid := listener.Subscribe(string(postgres.ChannelPayments))
	defer cancel()
	defer cancelQuiet()
	defer cancelPaid()
	var running sync.WaitGroup
	running.Go(func() { listener.Run(t.Context()) })
	t.Cleanup(running.Wait)
	for _, c := range []<-chan struct{}{changed, quiet, paid} {
		<-c // everybody is woken when listening begins
	}

	// The connection is lost: everybody is woken when it is there again.
	_, err := b.pool.Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	require.NoError(t, err)
	<-changed
	<-quiet
	<-paid

	_, res := b.confirm(s)
	<-changed
	_, err = b.receive(card(res.Number, res.Total))
	require.NoError(t, err)
	<-paid
	select {
	case <-quiet:
		t.Fatal("woken for somebody else's order")
	default:
	}
}

func TestDocumentsAreKeptByteForByte(t *testing.T) {
	b := setup(t)
	store := postgres.NewDocuments(b.pool)
	doc := order.Document{
		ID: order.NewID(), Kind: order.DocumentRequest, MediaType: "application/pkcs10", OwnerKey: "owner", Content: []byte{0, 1, 0xff, '\r', '\n'},
	}
	require.NoError(t, store.Put(t.Context(), doc))
	second := doc
	second.Content = []byte("something else")
	require.NoError(t, store.Put(t.Context(), second))
	got, err := store.Get(t.Context(), doc.ID)
	require.NoError(t, err)
	require.Equal(t, doc.Content, got.Content)
	require.NotZero(t, got.SHA256)
	_, err = store.GetOwned(t.Context(), doc.ID, "owner")
	require.NoError(t, err)
	for _, id := range []order.ID{doc.ID, order.NewID(), {}} {
		_, err = store.GetOwned(t.Context(), id, "another")
		require.ErrorIs(t, err, order.ErrNotFound)
	}
	require.NoError(t, store.Put(t.Context(), order.Document{ID: order.NewID(), Kind: order.DocumentList}))
	require.Error(t, store.Put(t.Context(), order.Document{ID: order.NewID(), Kind: "poem"}))
}
