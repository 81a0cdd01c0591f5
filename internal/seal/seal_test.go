package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/seal"
)

const keyText = "a master key of thirty-two bytes"

func key(id string, fill byte) seal.MasterKey {
	return seal.MasterKey{ID: id, Key: [seal.KeySize]byte(bytes.Repeat([]byte{fill}, seal.KeySize))}
}

func ring(t *testing.T, keys ...seal.MasterKey) *seal.Keyring {
	t.Helper()
	r, err := seal.NewKeyring(keys...)
	require.NoError(t, err)
	return r
}

func TestSealOpensAgainOnlyWithItsAssociatedData(t *testing.T) {
	r := ring(t, key("m1", 1))
	for _, plain := range []string{"", "x", strings.Repeat("long ", 5000)} {
		sealed, err := r.Seal([]byte(plain), []byte("row 7"))
		require.NoError(t, err)
		if plain != "" {
			require.NotContains(t, string(sealed[4:]), plain)
		}
		opened, err := r.Open(sealed, []byte("row 7"))
		require.NoError(t, err)
		require.Equal(t, plain, string(opened))
		_, err = r.Open(sealed, []byte("row 8"))
		require.ErrorIs(t, err, seal.ErrOpen)
	}
}

func TestSealIsNeverTheSameTwice(t *testing.T) {
	r := ring(t, key("m1", 1))
	first, err := r.Seal([]byte("secret"), nil)
	require.NoError(t, err)
	second, err := r.Seal([]byte("secret"), nil)
	require.NoError(t, err)
	require.NotEqual(t, first, second)
}

func TestRotationOpensOldAndSealsWithPrimary(t *testing.T) {
	old := ring(t, key("2025", 1))
	sealed, err := old.Seal([]byte("secret"), nil)
	require.NoError(t, err)

	both := ring(t, key("2026", 2), key("2025", 1))
	opened, err := both.Open(sealed, nil)
	require.NoError(t, err)
	require.Equal(t, "secret", string(opened))
	again, err := both.Seal(opened, nil)
	require.NoError(t, err)
	id, err := seal.KeyID(again)
	require.NoError(t, err)
	require.Equal(t, "2026", id)
	require.Equal(t, "2026", both.Primary())

	_, err = old.Open(again, nil)
	require.ErrorIs(t, err, seal.ErrUnknownKey)
	require.ErrorContains(t, err, "2026")
}

func TestOpenRefusesEveryChangedBit(t *testing.T) {
	r := ring(t, key("m1", 1), key("m2", 2))
	sealed, err := r.Seal([]byte("secret"), nil)
	require.NoError(t, err)
	for i := range sealed {
		for bit := range 8 {
			changed := bytes.Clone(sealed)
			changed[i] ^= 1 << bit
			_, err := r.Open(changed, nil)
			require.Error(t, err, "byte %d bit %d", i, bit)
		}
	}
	for n := range sealed {
		_, err := r.Open(sealed[:n], nil)
		require.Error(t, err, "cut at %d", n)
	}
}

func TestNewKeyringRefuses(t *testing.T) {
	for name, keys := range map[string][]seal.MasterKey{
		"nothing":       nil,
		"all zero":      {key("m1", 0)},
		"name taken":    {key("m1", 1), key("m1", 2)},
		"same key":      {key("m1", 1), key("m2", 1)},
		"no name":       {key("", 1)},
		"capital":       {key("M1", 1)},
		"name too long": {key(strings.Repeat("m", 33), 1)},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := seal.NewKeyring(keys...)
			require.ErrorIs(t, err, seal.ErrKeyring)
		})
	}
}

func TestParseKeyring(t *testing.T) {
	encoded := base64.StdEncoding.EncodeToString([]byte(keyText))
	other := base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xff}, seal.KeySize))
	r, err := seal.ParseKeyring("new:" + encoded + ", old:" + other)
	require.NoError(t, err)
	require.Equal(t, "new", r.Primary())

	for _, bad := range []string{"", "new", "new:", "new:!!!", "new:" + encoded[:20], encoded, "new:" + encoded + ",", "a b:" + encoded} {
		_, err := seal.ParseKeyring(bad)
		require.ErrorIs(t, err, seal.ErrKeyring, "%q", bad)
		require.NotContains(t, err.Error(), encoded[:20])
	}
}

func TestKeysAreNeverPrinted(t *testing.T) {
	k := seal.MasterKey{ID: "m1", Key: [seal.KeySize]byte([]byte(keyText))}
	r := ring(t, k)
	var out bytes.Buffer
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "key", k, "ring", r)
	for _, v := range []any{k, &k, r, struct{ K seal.MasterKey }{k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
		require.NoError(t, json.NewEncoder(&out).Encode(v))
	}
	require.NotContains(t, out.String(), keyText)
	require.NotContains(t, out.String(), base64.StdEncoding.EncodeToString([]byte(keyText)))
	require.NotContains(t, out.String(), fmt.Sprintf("%x", keyText))
	require.NotContains(t, out.String(), "97 32 109")
	require.Contains(t, out.String(), "keyring(m1)")
}

func FuzzOpen(f *testing.F) {
	r, err := seal.NewKeyring(key("m1", 1))
	require.NoError(f, err)
	sealed, err := r.Seal([]byte("secret"), nil)
	require.NoError(f, err)
	f.Add(sealed)
	f.Add([]byte{1, 2, 'm', '1'})
	f.Fuzz(func(t *testing.T, envelope []byte) {
		opened, err := r.Open(envelope, nil)
		if err == nil {
			// Fuzzing runs in several processes, each with a seed of its own.
			require.Equal(t, "secret", string(opened), "opened what nobody sealed")
		}
	})
}

func FuzzParseKeyring(f *testing.F) {
	f.Add("m1:" + base64.StdEncoding.EncodeToString([]byte(keyText)))
	f.Add("a:b,c:d")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := seal.ParseKeyring(text)
		if err != nil {
			require.ErrorIs(t, err, seal.ErrKeyring)
			return
		}
		sealed, err := r.Seal([]byte("x"), nil)
		require.NoError(t, err)
		opened, err := r.Open(sealed, nil)
		require.NoError(t, err)
		require.Equal(t, "x", string(opened))
	})
}

func TestDerivedKeysAreTheSameAndApart(t *testing.T) {
	one, both := ring(t, key("m1", 1)), ring(t, key("m2", 2), key("m1", 1))
	seen := map[string]bool{}
	for _, id := range []string{"m1", "m2"} {
		for _, purpose := range []string{"passwords", "others", ""} {
			derived, err := both.Derive(id, purpose)
			require.NoError(t, err)
			require.Len(t, derived, 32)
			require.False(t, seen[string(derived)])
			seen[string(derived)] = true
		}
	}
	mine, err := one.Derive("m1", "passwords")
	require.NoError(t, err)
	require.True(t, seen[string(mine)], "the place in the ring does not count")
	require.NotContains(t, string(mine), string(bytes.Repeat([]byte{1}, 8)))
	_, err = one.Derive("m2", "passwords")
	require.ErrorIs(t, err, seal.ErrUnknownKey)

	// The name of a key is no part of it: renamed, it derives the same.
	renamed, err := ring(t, key("other", 1)).Derive("other", "passwords")
	require.NoError(t, err)
	require.Equal(t, mine, renamed)
}
