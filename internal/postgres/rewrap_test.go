package postgres_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/payload/keyring"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

func TestMasterKeyIsRotated(t *testing.T) {
	b := setup(t)
	ring := func(ids ...string) *seal.Keyring {
		var list []seal.MasterKey
		for _, id := range ids {
			list = append(list, seal.MasterKey{ID: id, Key: [seal.KeySize]byte{id[0]}})
		}
		r, err := seal.NewKeyring(list...)
		require.NoError(t, err)
		return r
	}
	old := postgres.NewKeys(b.pool, ring("a"))
	made := map[uuid.UUID]keyring.Key{}
	for i := range 3 {
		k, err := old.Current(t.Context(), fmt.Sprintf("w%d", i))
		require.NoError(t, err)
		made[k.ID] = k
	}
	both := postgres.NewKeys(b.pool, ring("b", "a"))
	k, err := both.Current(t.Context(), "w-new")
	require.NoError(t, err)
	made[k.ID] = k
	got, err := both.Rewrap(t.Context())
	require.NoError(t, err)
	require.Equal(t, postgres.Rewrapped{Moved: 3, Kept: 1}, got)
	got, err = both.Rewrap(t.Context())
	require.NoError(t, err)
	require.Equal(t, postgres.Rewrapped{Moved: 0, Kept: 4}, got)

	fresh := postgres.NewKeys(b.pool, ring("b"))
	for id, want := range made {
		k, err := fresh.ByID(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, want.Key, k.Key)
		_, err = old.ByID(t.Context(), id)
		require.Error(t, err, "the old key alone opens nothing any more")
	}
	_, err = postgres.NewKeys(b.pool, ring("c")).Rewrap(t.Context())
	require.Error(t, err)
}
