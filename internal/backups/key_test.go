package backups_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/backups"
	"github.com/remote-issuance/remote-issuance/internal/pki/testca"
	"github.com/remote-issuance/remote-issuance/internal/seal"
)

func masterKeys(t *testing.T, keys ...seal.MasterKey) []backups.Key {
	t.Helper()
	ring, err := seal.NewKeyring(keys...)
	require.NoError(t, err)
	named, err := backups.MasterKeys(ring)
	require.NoError(t, err)
	require.Len(t, named, len(keys))
	return named
}

func TestAKeyUnderAnOldNameIsAnotherOne(t *testing.T) {
	one, two := seal.MasterKey{ID: "m1", Key: [32]byte{1}}, seal.MasterKey{ID: "m1", Key: [32]byte{2}}
	require.Regexp(t, "^master-key/m1/[0-9a-f]{16}$", masterKeys(t, one)[0])
	first, again := masterKeys(t, one), masterKeys(t, one)
	require.Equal(t, first, again)
	require.NotEqual(t, masterKeys(t, one), masterKeys(t, two))
	require.Equal(t, masterKeys(t, one)[0], masterKeys(t, seal.MasterKey{ID: "m0", Key: [32]byte{3}}, one)[1], "wherever it stands")

	a := backups.HashKey([]byte("thirty-two bytes of a secret key"))
	require.Regexp(t, "^id-hash-key/[0-9a-f]{16}$", a)
	require.NotEqual(t, a, backups.HashKey([]byte("thirty-two bytes of a secret kez")))
	require.Equal(t, backups.KindIDHash, a.Kind())
}

func TestACAKeyIsNamedByItsPublicKey(t *testing.T) {
	ca, err := testca.New(testca.Options{From: time.Now().AddDate(-1, 0, 0)})
	require.NoError(t, err)
	key, err := backups.CAKey("issuing", ca.Chain()[0].Raw)
	require.NoError(t, err)
	require.Regexp(t, "^ca-key/issuing/[0-9a-f]+$", key)
	root, err := backups.CAKey("issuing", ca.Chain()[1].Raw)
	require.NoError(t, err)
	require.NotEqual(t, key, root)
	_, err = backups.CAKey("issuing", []byte("no certificate"))
	require.ErrorContains(t, err, "issuer issuing")
}

func TestOnlyKeysInUseAreChosen(t *testing.T) {
	inUse := []backups.Standing{{Key: "a/1"}, {Key: "b/2"}}
	for _, c := range []struct{ names, want []string }{
		{nil, []string{"a/1", "b/2"}}, {[]string{"b/2"}, []string{"b/2"}}, {[]string{"b/2", "a/1", "b/2"}, []string{"b/2", "a/1"}},
		{[]string{"a"}, nil}, {[]string{"a/1", ""}, nil}, {[]string{"a/1\x00"}, nil},
	} {
		chosen, err := backups.Choose(inUse, c.names...)
		if c.want == nil {
			require.ErrorIs(t, err, backups.ErrNotInUse)
			continue
		}
		require.NoError(t, err)
		var got []string
		for _, k := range chosen {
			got = append(got, string(k))
		}
		require.Equal(t, c.want, got)
	}
}
