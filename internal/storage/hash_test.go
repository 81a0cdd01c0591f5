package storage

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"

	"github.com/remote-issuance/remote-issuance/internal/seal"
)

const someone Login = "RC-ABCD-EFGH"

func ringOf(t testing.TB, ids ...string) *seal.Keyring {
	t.Helper()
	var keys []seal.MasterKey
	for _, id := range ids {
		keys = append(keys, seal.MasterKey{ID: id, Key: [seal.KeySize]byte{id[0], id[1]}})
	}
	ring, err := seal.NewKeyring(keys...)
	require.NoError(t, err)
	return ring
}

func hasher(t testing.TB, ids ...string) *Hasher {
	t.Helper()
	h, err := NewHasher(ringOf(t, ids...), 1)
	require.NoError(t, err)
	return h
}

// earlier is a hash as earlier versions stored it.
func earlier(p Password, c cost) string {
	salt, b64 := []byte("sixteen octets ."), base64.RawStdEncoding
	key := argon2.IDKey([]byte(p.text), salt, c.passes, c.memoryKiB, c.lanes, keySize)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, c.memoryKiB, c.passes, c.lanes, b64.EncodeToString(salt), b64.EncodeToString(key))
}

var quick = cost{memoryKiB: 8, passes: 1, lanes: 1}

func TestI5_PasswordIsKeptAsAKeyedHash(t *testing.T) {
	t.Parallel()
	h := hasher(t, "m1")
	p := TypedPassword("ABCD-EFGH-JKMN-PQRS")
	hash, err := h.Hash(someone, p)
	require.NoError(t, err)
	require.Regexp(t, `^\$hmac-sha256\$k=m1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, hash)
	again, err := h.Hash(someone, p)
	require.NoError(t, err)
	require.NotEqual(t, hash, again)
	for password, want := range map[string]bool{"ABCD-EFGH-JKMN-PQRS": true, "abcd efgh jkmn pqrs": true, "ABCD-EFGH-JKMN-PQRT": false, "": false} {
		good, err := h.Verify(t.Context(), hash, someone, TypedPassword(password))
		require.NoError(t, err)
		require.Equal(t, want, good, password)
	}
	good, err := h.Verify(t.Context(), hash, "RC-0000-0000", p)
	require.NoError(t, err)
	require.False(t, good, "a hash is good for its own login only")
}

func TestI5_WithoutTheMasterKeyAHashTellsNothing(t *testing.T) {
	t.Parallel()
	hash, err := hasher(t, "m1").Hash(someone, TypedPassword("A"))
	require.NoError(t, err)
	// Another key under the same name, as a thief of the database would have to try.
	ring, err := seal.NewKeyring(seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte{99}})
	require.NoError(t, err)
	other, err := NewHasher(ring, 1)
	require.NoError(t, err)
	good, err := other.Verify(t.Context(), hash, someone, TypedPassword("A"))
	require.NoError(t, err)
	require.False(t, good)
	_, err = hasher(t, "m2").Verify(t.Context(), hash, someone, TypedPassword("A"))
	require.ErrorIs(t, err, seal.ErrUnknownKey, "a key that is gone is a failure, not a wrong password")
}

func TestI5_HashesOutliveARotationOfTheMasterKey(t *testing.T) {
	t.Parallel()
	before, during := hasher(t, "m1"), hasher(t, "m2", "m1")
	hash, err := before.Hash(someone, TypedPassword("A"))
	require.NoError(t, err)
	require.False(t, before.Outdated(hash))
	require.True(t, during.Outdated(hash))
	good, err := during.Verify(t.Context(), hash, someone, TypedPassword("A"))
	require.NoError(t, err)
	require.True(t, good)
	fresh, err := during.Hash(someone, TypedPassword("A"))
	require.NoError(t, err)
	require.False(t, during.Outdated(fresh))
	good, err = hasher(t, "m2").Verify(t.Context(), fresh, someone, TypedPassword("A"))
	require.NoError(t, err)
	require.True(t, good)
}

func TestUnknownLoginIsNeverGood(t *testing.T) {
	t.Parallel()
	good, err := hasher(t, "m1").Verify(t.Context(), "", someone, TypedPassword("anything"))
	require.NoError(t, err)
	require.False(t, good)
}

func TestI5_HashesOfEarlierVersionsAreVerified(t *testing.T) {
	t.Parallel()
	h := hasher(t, "m1")
	for _, c := range []cost{quick, {memoryKiB: 19 * 1024, passes: 2, lanes: 1}} {
		hash := earlier(TypedPassword("ABCD"), c)
		require.True(t, h.Outdated(hash))
		for password, want := range map[string]bool{"ABCD": true, "ABCE": false} {
			good, err := h.Verify(t.Context(), hash, someone, TypedPassword(password))
			require.NoError(t, err)
			require.Equal(t, want, good)
		}
	}
}

func TestDamagedHashesAreRefused(t *testing.T) {
	t.Parallel()
	h := hasher(t, "m1")
	old := earlier(TypedPassword("A"), quick)
	keyed, err := h.Hash(someone, TypedPassword("A"))
	require.NoError(t, err)
	for _, bad := range []string{
		"x", "$argon2i" + old[9:], strings.Replace(old, "v=19", "v=16", 1), strings.Replace(old, "m=8", "m=99999999", 1),
		strings.Replace(old, "t=1", "t=0", 1), strings.Replace(old, "p=1", "p=0", 1), old[:len(old)-4], old + "$",
		strings.Replace(old, "m=8,", "", 1), old[:strings.LastIndex(old, "$")] + "$!",
		keyed[:len(keyed)-1], keyed + "$", keyed + "A", strings.Replace(keyed, "k=m1", "k=", 1), strings.Replace(keyed, "k=m1$", "", 1), scheme,
	} {
		_, err := h.Verify(t.Context(), bad, someone, TypedPassword("A"))
		require.ErrorIs(t, err, ErrHash, bad)
		require.True(t, h.Outdated(bad))
	}
}

func FuzzParseHash(f *testing.F) {
	f.Add(earlier(TypedPassword("A"), quick))
	f.Add("$argon2id$v=19$m=8,t=1,p=1$$")
	f.Add("$hmac-sha256$k=m1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		if c, salt, key, err := parseArgon2(s); err == nil {
			require.True(t, c.sane())
			require.GreaterOrEqual(t, len(salt), saltSize)
			require.Len(t, key, keySize)
		}
		if id, salt, mac, err := parseHash(s); err == nil {
			require.NotEmpty(t, id)
			require.Len(t, salt, saltSize)
			require.Len(t, mac, 32)
		}
	})
}

func TestCostlyHashesAreBounded(t *testing.T) {
	t.Parallel()
	h := hasher(t, "m1")
	old := earlier(TypedPassword("A"), quick)
	h.slow.slots <- struct{}{} // somebody else's hash is being computed
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := h.Verify(ctx, old, someone, TypedPassword("A"))
	require.ErrorIs(t, err, context.Canceled)

	for range cap(h.slow.places) {
		h.slow.places <- struct{}{}
	}
	_, err = h.Verify(t.Context(), old, someone, TypedPassword("A"))
	require.ErrorIs(t, err, ErrBusy, "a line that is too long is not joined")
	keyed, err := h.Hash(someone, TypedPassword("A"))
	require.NoError(t, err)
	good, err := h.Verify(t.Context(), keyed, someone, TypedPassword("A"))
	require.NoError(t, err)
	require.True(t, good, "present hashes wait for nobody")

	for range cap(h.slow.places) {
		<-h.slow.places
	}
	<-h.slow.slots
	good, err = h.Verify(t.Context(), old, someone, TypedPassword("A"))
	require.NoError(t, err)
	require.True(t, good)
	require.Empty(t, h.slow.places)
}

func TestHasherWantsKeysAndAPlace(t *testing.T) {
	t.Parallel()
	_, err := NewHasher(nil, 1)
	require.Error(t, err)
	_, err = NewHasher(ringOf(t, "m1"), 0)
	require.Error(t, err)
}

func BenchmarkHash(b *testing.B) {
	h := hasher(b, "m1")
	p := TypedPassword("ABCD-EFGH-JKMN-PQRS")
	for b.Loop() {
		if _, err := h.Hash(someone, p); err != nil {
			b.Fatal(err)
		}
	}
}
