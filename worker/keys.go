package worker

import (
	"context"
	"time"

	"github.com/remote-issuance/remote-issuance/internal/audit"
	"github.com/remote-issuance/remote-issuance/internal/backups"
	"github.com/remote-issuance/remote-issuance/internal/ca"
	"github.com/remote-issuance/remote-issuance/internal/config"
	"github.com/remote-issuance/remote-issuance/internal/postgres"
)

// keysHeld are the keys of this worker that need a backup.
type keysHeld struct {
	keys  []backups.Key
	store *postgres.KeyBackups
}

// heldKeys names them; signer is nil where no checkpoints are signed.
func heldKeys(secrets config.Keys, issuers *ca.Registry, signer audit.Signer) (keysHeld, error) {
	keys, err := backups.MasterKeys(secrets.Master.Keyring())
	if err != nil {
		return keysHeld{}, err
	}
	keys = append(keys, backups.HashKey(secrets.IDHash.Reveal()))
	for _, i := range issuers.All() {
		key, err := backups.CAKey(i.Name(), i.Chain()[0])
		if err != nil {
			return keysHeld{}, err
		}
		keys = append(keys, key)
	}
	if signer != nil {
		keys = append(keys, backups.NewKey(backups.KindAudit, signer.KeyID()))
	}
	return keysHeld{keys: keys}, nil
}

// tell keeps that they are in use.
func (h keysHeld) tell(ctx context.Context, at time.Time) error { return h.store.See(ctx, h.keys, at) }
