package storage

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func hasher(t testing.TB, cost Cost, atOnce int) *Hasher {
	t.Helper()
	h, err := NewHasher(cost, atOnce)
	require.NoError(t, err)
	return h
}

func TestI5_PasswordIsKeptAsArgon2id(t *testing.T) {
	t.Parallel()
	h := hasher(t, DefaultCost(), 1)
	p := TypedPassword("ABCD-EFGH-JKMN-PQRS")
	hash, err := h.Hash(t.Context(), p)
	require.NoError(t, err)
	require.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)
	again, err := h.Hash(t.Context(), p)
	require.NoError(t, err)
	require.NotEqual(t, hash, again)
	for password, want := range map[string]bool{"ABCD-EFGH-JKMN-PQRS": true, "ABCD-EFGH-JKMN-PQRT": false, "": false} {
		good, err := h.Verify(t.Context(), hash, TypedPassword(password))
		require.NoError(t, err)
		require.Equal(t, want, good)
	}
}

func TestUnknownLoginIsNeverGood(t *testing.T) {
	t.Parallel()
	h := hasher(t, quick(), 1)
	good, err := h.Verify(t.Context(), "", TypedPassword("anything"))
	require.NoError(t, err)
	require.False(t, good)
	cost, _, _, err := parseHash(h.dummy)
	require.NoError(t, err)
	require.Equal(t, quick(), cost, "the work in vain costs what a real check costs")
}

func TestOutdatedHashesAreNoticed(t *testing.T) {
	t.Parallel()
	old, current := hasher(t, quick(), 1), hasher(t, Cost{MemoryKiB: 16, Passes: 1, Lanes: 1}, 1)
	hash, err := old.Hash(t.Context(), TypedPassword("A"))
	require.NoError(t, err)
	require.False(t, old.Outdated(hash))
	require.True(t, current.Outdated(hash))
	good, err := current.Verify(t.Context(), hash, TypedPassword("A"))
	require.NoError(t, err)
	require.True(t, good, "an old hash is still verified at its own cost")
}

func TestDamagedHashesAreRefused(t *testing.T) {
	t.Parallel()
	h := hasher(t, quick(), 1)
	good, err := h.Hash(t.Context(), TypedPassword("A"))
	require.NoError(t, err)
	for _, bad := range []string{
		"x", "$argon2i" + good[9:], strings.Replace(good, "v=19", "v=16", 1), strings.Replace(good, "m=8", "m=99999999", 1),
		strings.Replace(good, "t=1", "t=0", 1), strings.Replace(good, "p=1", "p=0", 1), good[:len(good)-4], good + "$",
		strings.Replace(good, "m=8,", "", 1), good[:strings.LastIndex(good, "$")] + "$!",
	} {
		_, err := h.Verify(t.Context(), bad, TypedPassword("A"))
		require.ErrorIs(t, err, ErrHash, bad)
		require.True(t, h.Outdated(bad))
	}
}

func FuzzParseHash(f *testing.F) {
	h := hasher(f, quick(), 1)
	f.Add(h.dummy)
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, s string) {
		if cost, salt, key, err := parseHash(s); err == nil {
			require.True(t, cost.sane())
			require.GreaterOrEqual(t, len(salt), saltSize)
			require.Len(t, key, keySize)
		}
	})
}

func TestHashesAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	h := hasher(t, quick(), 1)
	h.slots <- struct{}{} // somebody else's hash is being computed
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Hash(ctx, TypedPassword("A"))
	require.ErrorIs(t, err, context.Canceled)
	<-h.slots
	_, err = h.Hash(t.Context(), TypedPassword("A"))
	require.NoError(t, err)
}

func TestHasherRefusesSenselessCosts(t *testing.T) {
	t.Parallel()
	for _, c := range []Cost{{}, {MemoryKiB: 8, Passes: 1}, {MemoryKiB: 1 << 20, Passes: 1, Lanes: 1}, {MemoryKiB: 8, Lanes: 1}} {
		_, err := NewHasher(c, 1)
		require.Error(t, err)
	}
	_, err := NewHasher(quick(), 0)
	require.Error(t, err)
}
