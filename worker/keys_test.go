package worker

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/backups"
)

func TestAWorkerTellsOfEveryKeyItHolds(t *testing.T) {
	c, _ := installation(t)
	issuers, err := loadIssuers(t.Context(), c.CA)
	require.NoError(t, err)
	private, _, err := audit.GenerateKey()
	require.NoError(t, err)
	key, err := audit.ParseKey(private)
	require.NoError(t, err)
	signer, err := audit.NewSigner(key)
	require.NoError(t, err)
	held, err := heldKeys(c.Common.Keys, issuers, signer)
	require.NoError(t, err)
	var kinds []backups.Kind
	for _, k := range held.keys {
		kinds = append(kinds, k.Kind())
		require.NoError(t, audit.Event{
			At: time.Now(), Actor: audit.System(), Action: audit.ActionKeyBackupConfirmed, Evidence: audit.Evidence{"key": string(k)},
		}.Validate())
		require.Positive(t, strings.Count(string(k), "/"))
	}
	require.Equal(t, []backups.Kind{backups.KindMaster, backups.KindIDHash, backups.KindCA, backups.KindAudit}, kinds)
	without, err := heldKeys(c.Common.Keys, issuers, nil)
	require.NoError(t, err)
	require.Equal(t, held.keys[:3], without.keys)
}
