package postgres_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/backups"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
	"github.com/remote-issuance/remote-issuance/internal/status"
)

const hold = 180 * 24 * time.Hour

// unconfirmed are the keys whose backup has to be tried at an instant, and since when.
func (b *bundle) unconfirmed(at time.Time) ([]string, time.Time) {
	b.t.Helper()
	r, err := status.Look(b.t.Context(), status.Sources{Store: postgres.NewStatus(b.pool), SealedEvery: 10 * hold, BackupsHold: hold}, at)
	require.NoError(b.t, err)
	for _, c := range r.Concerns {
		require.Equal(b.t, status.UnconfirmedBackup, c.Code)
		require.EqualValues(b.t, len(c.Items), c.Total)
		return c.Names(), c.Since
	}
	return nil, time.Time{}
}

func TestABackupHasToBeTriedAgainAndAgain(t *testing.T) {
	b, keys := setup(t), []backups.Key{"ca-key/issuing/1", "master-key/m1/2"}
	store := postgres.NewKeyBackups(b.pool)
	_, err := store.Confirm(t.Context(), "operator-7", day, "ca-key/issuing/1")
	require.ErrorIs(t, err, backups.ErrNotInUse)
	require.NoError(t, store.See(t.Context(), append(keys, keys...), day))
	require.NoError(t, store.See(t.Context(), keys, day.Add(time.Hour)))
	names, since := b.unconfirmed(day.Add(2 * time.Hour))
	require.Equal(t, []string{"ca-key/issuing/1", "master-key/m1/2"}, names)
	require.True(t, since.Equal(day))
	require.Zero(t, b.counted(day)["backup-confirmed/ca-key"])

	_, err = store.Confirm(t.Context(), "operator-7", day, "ca-key/issuing/1", "ca-key/issuing/2")
	require.ErrorIs(t, err, backups.ErrNotInUse, "all or none")
	_, err = store.Confirm(t.Context(), "not an account", day, "ca-key/issuing/1")
	require.ErrorIs(t, err, audit.ErrEvent)
	require.Zero(t, b.count("audit_entries WHERE action = 'key-backup-confirmed'"))
	done, err := store.Confirm(t.Context(), "operator-7", day.Add(time.Hour), "ca-key/issuing/1", "ca-key/issuing/1")
	require.NoError(t, err)
	require.Len(t, done, 1, "once")
	names, _ = b.unconfirmed(day.Add(2 * time.Hour))
	require.Equal(t, []string{"master-key/m1/2"}, names)
	require.InDelta(t, day.Add(time.Hour).Unix(), b.counted(day)["backup-confirmed/ca-key"], 1)

	_, err = store.Confirm(t.Context(), "operator-8", day.Add(2*time.Hour))
	require.NoError(t, err)
	inUse, err := store.InUse(t.Context())
	require.NoError(t, err)
	require.Equal(t, "operator-8", inUse[0].ConfirmedBy, "the last one counts")
	names, _ = b.unconfirmed(day.Add(2*time.Hour + hold))
	require.Empty(t, names)
	names, since = b.unconfirmed(day.Add(2*time.Hour + hold + time.Second))
	require.Len(t, names, 2)
	require.True(t, since.Equal(day.Add(2*time.Hour+hold)))
}

// A key that was rotated away is asked for no more, one that took its name is;
// workers that do not run silence nothing.
func TestOnlyKeysThatWorkersHoldHaveToBeBackedUp(t *testing.T) {
	b := setup(t)
	store := postgres.NewKeyBackups(b.pool)
	require.NoError(t, store.See(t.Context(), []backups.Key{"master-key/m1/1"}, day))
	require.NoError(t, store.See(t.Context(), []backups.Key{"master-key/m1/2"}, day.Add(24*time.Hour)))
	names, _ := b.unconfirmed(day.Add(90 * 24 * time.Hour))
	require.Equal(t, []string{"master-key/m1/1", "master-key/m1/2"}, names, "two workers, and then none")
	require.NoError(t, store.See(t.Context(), []backups.Key{"master-key/m1/2"}, day.Add(25*time.Hour)))
	require.NoError(t, store.See(t.Context(), []backups.Key{"master-key/m1/2"}, day), "late")
	names, _ = b.unconfirmed(day.Add(90 * 24 * time.Hour))
	require.Equal(t, []string{"master-key/m1/2"}, names)
}
