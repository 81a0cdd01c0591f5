package postgres_test

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/order"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/storage"
)

func TestI5_Credentials(t *testing.T) {
	b := setup(t)
	s := b.issued("0e")
	store := postgres.NewCredentials(b.pool, func([]byte) ([][]byte, error) { return [][]byte{[]byte("issuer")}, nil })
	g := credentials(s)
	kept, err := store.ByOrder(t.Context(), g.OrderID)
	require.NoError(t, err)
	require.EqualExportedValues(t, g, kept)
	other := g
	other.Login, other.Hash = "RC-2", "h2"
	kept, err = store.Create(t.Context(), other)
	require.NoError(t, err)
	require.EqualExportedValues(t, g, kept)
	other.OrderID, other.Login = order.NewID().String(), g.Login
	_, err = store.Create(t.Context(), other)
	require.ErrorIs(t, err, storage.ErrLoginTaken)

	require.NoError(t, store.Rehash(t.Context(), g.OrderID, "not the old one", "h3"))
	require.NoError(t, store.Rehash(t.Context(), g.OrderID, g.Hash, "h4"))
	require.NoError(t, store.Forget(t.Context(), g.OrderID))
	kept, err = store.ByLogin(t.Context(), g.Login)
	require.NoError(t, err)
	require.Equal(t, "h4", kept.Hash)
	require.Empty(t, kept.Sealed)
	_, err = store.ByLogin(t.Context(), "RC-3")
	require.ErrorIs(t, err, storage.ErrNotFound)

	before := b.count("audit_entries")
	out, err := store.Fetch(t.Context(), g.OrderID, day)
	require.NoError(t, err)
	require.Equal(t, storage.Issued{Certificate: []byte("der 0e"), Chain: [][]byte{[]byte("issuer")}}, out)
	require.Equal(t, before+1, b.count("audit_entries"))
	_, err = store.Fetch(t.Context(), order.NewID().String(), day)
	require.ErrorIs(t, err, storage.ErrNotFound)
}

func TestI5_AttemptsOfAllProcessesCount(t *testing.T) {
	b := setup(t)
	store := postgres.NewCredentials(b.pool, nil)
	counter := storage.Counter{Key: "k", Start: day, End: day.Add(time.Minute)}
	var all sync.WaitGroup
	var mu sync.Mutex
	seen := map[int]bool{}
	for range 20 {
		all.Go(func() {
			n, err := store.Register(t.Context(), counter)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				seen[n] = true
			}
		})
	}
	all.Wait()
	require.Len(t, seen, 20)
	for range 3 {
		require.NoError(t, store.Release(t.Context(), counter))
	}
	n, err := store.Register(t.Context(), counter)
	require.NoError(t, err)
	require.Equal(t, 18, n)
	unknown := storage.Counter{Key: "none", Start: day, End: day.Add(time.Minute)}
	for range 2 {
		require.NoError(t, store.Release(t.Context(), unknown), "nothing is taken from nothing")
	}
	n, err = store.Register(t.Context(), unknown)
	require.NoError(t, err)
	require.Equal(t, 1, n)
	require.NoError(t, store.DropAttempts(t.Context(), day.Add(time.Hour)))
	n, err = store.Register(t.Context(), counter)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
